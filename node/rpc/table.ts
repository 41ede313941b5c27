/** Every JSON-RPC method of the node, by namespace: the only list. */
import { debugMethods } from './debug.ts'
import { anvilMethods, evmMethods, hardhatMethods } from './development.ts'
import { personalMethods } from './eth/sign.ts'
import { ethMethods } from './eth.ts'
import { inferMethods } from './infer.ts'
import type { Method } from './method.ts'
import { netMethods } from './net.ts'
import { testingMethods } from './testing.ts'
import { txpoolMethods } from './txpool.ts'
import { rpcMethods, web3Methods } from './web3.ts'

export const namespaces = {
  infer: inferMethods,
  eth: ethMethods,
  debug: debugMethods,
  txpool: txpoolMethods,
  testing: testingMethods,
  net: netMethods,
  web3: web3Methods,
  rpc: rpcMethods,
  personal: personalMethods,
  evm: evmMethods,
  anvil: anvilMethods,
  hardhat: hardhatMethods,
} as const satisfies Record<string, readonly Method[]>

export const allMethods: readonly Method[] = Object.values(namespaces).flat()

export const namespaceVersions = Object.fromEntries(Object.keys(namespaces).map((name) => [name, '1.0']))
