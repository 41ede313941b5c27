/** net_*: a node alone, as the clients that ask expect it. */
import { defineMethod } from './method.ts'

export const netMethods = [
  defineMethod({
    name: 'net_version',
    summary: 'The network id in decimal: the chain id.',
    params: {},
    run: ({ chain }) => String(chain.config.chainId),
  }),
  defineMethod({ name: 'net_listening', summary: 'Always true.', params: {}, run: () => true }),
  defineMethod({ name: 'net_peerCount', summary: 'Always 0.', params: {}, run: () => '0x0' }),
]
