/** eth_*: the chain as a whole, and its fees. */
import { z } from 'zod'
import type { Chain, StoredBlock } from '../../chain/types.ts'
import type { RpcContext } from '../context.ts'
import { RpcError } from '../errors.ts'
import { quantity as hexQuantity } from '../hex.ts'
import { defineMethod } from '../method.ts'
import { block, numberLike, optional } from '../params.ts'

/** eth/68, the last version of the wire protocol that nodes reported here. */
const PROTOCOL_VERSION = '0x44'

/** As geth: more would make one request walk the whole chain. */
const MAX_FEE_HISTORY = 1024n

export const chainMethods = [
  defineMethod({
    name: 'eth_chainId',
    summary: 'The chain id of EIP-155 signatures.',
    params: {},
    run: ({ chain }) => hexQuantity(chain.config.chainId),
  }),
  defineMethod({
    name: 'eth_blockNumber',
    summary: 'The number of the latest block.',
    params: {},
    run: ({ chain }) => hexQuantity(chain.head().block.header.number),
  }),
  defineMethod({
    name: 'eth_syncing',
    summary: 'Always false: the node produces its chain itself.',
    params: {},
    run: () => false,
  }),
  defineMethod({
    name: 'eth_protocolVersion',
    summary: 'Version 68 of the Ethereum wire protocol, for clients that ask.',
    params: {},
    run: () => PROTOCOL_VERSION,
  }),
  defineMethod({
    name: 'eth_coinbase',
    summary: 'The fee recipient of the latest block.',
    params: {},
    run: ({ chain }) => chain.head().block.header.coinbase.toString(),
  }),
  defineMethod({
    name: 'eth_mining',
    summary: 'Whether a transaction is mined as soon as it arrives.',
    params: {},
    run: ({ chain }) => chain.automine(),
  }),
  defineMethod({ name: 'eth_hashrate', summary: 'Always 0: blocks need no work.', params: {}, run: () => '0x0' }),
  defineMethod({
    name: 'eth_gasPrice',
    summary: 'Wei per gas that the next block charges; 0 on a chain with free gas.',
    params: {},
    run: ({ chain }) => {
      const { baseFee, tip } = chain.fees()
      return hexQuantity(baseFee + tip)
    },
  }),
  defineMethod({
    name: 'eth_maxPriorityFeePerGas',
    summary: 'Wei per gas to offer on top of the base fee, after what earlier blocks took; 0 on a chain with free gas.',
    params: {},
    run: ({ chain }) => hexQuantity(chain.fees().tip),
  }),
  defineMethod({
    name: 'eth_baseFee',
    summary: 'Wei per gas that the next block burns.',
    params: {},
    run: ({ chain }) => hexQuantity(chain.fees().baseFee),
  }),
  defineMethod({
    name: 'eth_blobBaseFee',
    summary: 'Wei per blob gas in the latest block (EIP-4844).',
    params: {},
    run: ({ chain }) => hexQuantity(blobBaseFee(chain.head())),
  }),
  defineMethod({
    name: 'eth_feeHistory',
    summary: 'Base fees, gas used and tips of the last blocks (EIP-1559).',
    params: { blockCount: numberLike, newestBlock: block, rewardPercentiles: optional(z.array(z.number().min(0).max(100))) },
    run: (context, { blockCount, newestBlock, rewardPercentiles }) => feeHistory(context, blockCount, newestBlock, rewardPercentiles),
  }),
]

const blobBaseFee = ({ block: { header } }: StoredBlock): bigint => (header.excessBlobGas === undefined ? 0n : header.getBlobGasPrice())

/** The fees of the block after one: the child's own, or where there is none those of the next block. */
async function feesAfter(chain: Chain, { block: { header } }: StoredBlock): Promise<{ baseFee: bigint; blobBaseFee: bigint }> {
  const child = await chain.block(header.number + 1n)
  return child === undefined ? chain.fees() : { baseFee: child.block.header.baseFeePerGas ?? 0n, blobBaseFee: blobBaseFee(child) }
}

const blobGasRatio = ({ block: { header } }: StoredBlock): number =>
  header.excessBlobGas === undefined ? 0 : Number(header.blobGasUsed ?? 0n) / Number(header.common.getBlobGasSchedule().maxBlobGasPerBlock)

async function feeHistory({ chain }: RpcContext, count: bigint, newestTag: z.output<typeof block>, percentiles: number[] | undefined) {
  const newest = await chain.block(newestTag)
  if (!newest) throw new RpcError('server', 'block not found')
  if (percentiles?.some((value, index) => index > 0 && value < percentiles[index - 1]!)) {
    throw new RpcError('invalidParams', 'invalid params: parameter 3 "rewardPercentiles": wanted ascending percentiles')
  }
  const last = newest.block.header.number
  const available = last - chain.firstBlock() + 1n
  const wanted = [count, available, MAX_FEE_HISTORY].reduce((least, value) => (value < least ? value : least))
  const blocks: StoredBlock[] = []
  for (let number = last - wanted + 1n; number <= last; number++) blocks.push((await chain.block(number))!)
  const after = await feesAfter(chain, newest)
  return {
    oldestBlock: hexQuantity(last - wanted + 1n),
    baseFeePerGas: [...blocks.map(({ block: { header } }) => header.baseFeePerGas ?? 0n), after.baseFee].map(hexQuantity),
    gasUsedRatio: blocks.map(({ block: { header } }) => Number(header.gasUsed) / Number(header.gasLimit)),
    baseFeePerBlobGas: [...blocks.map(blobBaseFee), after.blobBaseFee].map(hexQuantity),
    blobGasUsedRatio: blocks.map(blobGasRatio),
    ...(percentiles ? { reward: blocks.map((stored) => tips(stored, percentiles)) } : {}),
  }
}

/** At each percentile of the block's gas, in ascending order of tips, the tip per gas that was paid there. */
function tips({ block, receipts }: StoredBlock, percentiles: readonly number[]) {
  const baseFee = block.header.baseFeePerGas ?? 0n
  const paid = receipts
    .map(({ effectiveGasPrice, gasUsed }) => ({ tip: effectiveGasPrice - baseFee, gasUsed: Number(gasUsed) }))
    .sort((a, b) => (a.tip < b.tip ? -1 : a.tip > b.tip ? 1 : 0))
  const total = paid.reduce((sum, { gasUsed }) => sum + gasUsed, 0)
  return percentiles.map((percentile) => {
    let gas = 0
    const reached = paid.find(({ gasUsed }) => {
      gas += gasUsed
      return gas >= (total * percentile) / 100
    })
    return hexQuantity(reached?.tip ?? 0n)
  })
}
