/** The ethereumjs `Common` of this chain: every fork up to the configured one is active from the genesis block. */

import { paramsBlock } from '@ethereumjs/block'
import { Common, Mainnet } from '@ethereumjs/common'
import { paramsEVM } from '@ethereumjs/evm'
import { paramsTx } from '@ethereumjs/tx'
import { paramsVM } from '@ethereumjs/vm'
import type { ChainConfig } from '../config.ts'
import { chainCrypto } from './crypto.ts'

/**
 * The parameters that ethereumjs merges into each object that it creates, merged once; `maxTransactionGasLimit` (EIP-7825) is lifted,
 * because one inference or one model activation may need more than 16.7 million gas: the block gas limit is the only bound.
 */
export function createChainCommon(config: ChainConfig): Common {
  const forks = Mainnet.hardforks.slice(0, Mainnet.hardforks.findIndex(({ name }) => name === config.hardfork) + 1)
  const hardforks = forks.map(({ name, block }) => (block === null ? { name, block, timestamp: 0 } : { name, block: 0 }))
  const common = new Common({
    chain: {
      ...Mainnet,
      name: 'infernode',
      chainId: config.chainId,
      defaultHardfork: config.hardfork,
      consensus: { type: 'pos', algorithm: 'casper', casper: {} },
      hardforks,
      bootstrapNodes: [],
      dnsNetworks: [],
    },
    hardfork: config.hardfork,
    customCrypto: chainCrypto,
  })
  for (const params of [paramsBlock, paramsEVM, paramsVM, paramsTx]) common.updateParams(params)
  common.updateParams({ '7825': { maxTransactionGasLimit: Number.MAX_SAFE_INTEGER } })
  // The fork never changes, so all blocks, transactions and machines share this one object. Copying it and merging the same
  // parameters again for each of them would cost more than executing a transfer.
  common.copy = () => common
  common.updateParams = () => {}
  return common
}
