/** What to offer: the fees of the next block, and a tip that earlier blocks have taken. */

import { draftBlock } from './build.ts'
import type { Clock } from './clock.ts'
import { type Core, nextPlan } from './core.ts'
import type { Chain, StoredBlock } from './types.ts'

/** As geth: blocks that are looked at, the part of their tips that stays below, and what is offered where there are none. */
const LOOKED_AT = 20n
const PERCENTILE = 60
const TIP_WITHOUT_EXAMPLE = 1_000_000_000n

export function suggestFees(core: Core, clock: Clock): ReturnType<Chain['fees']> {
  const { header } = draftBlock(nextPlan(core, clock))
  return {
    baseFee: header.baseFeePerGas ?? 0n,
    blobBaseFee: header.excessBlobGas === undefined ? 0n : header.getBlobGasPrice(),
    tip: core.config.rules === 'infernode' ? 0n : usualTip(core),
  }
}

function usualTip({ archive, head, firstBlock }: Core): bigint {
  const { number } = head.block.header
  const tips: bigint[] = []
  for (let each = number; each > number - LOOKED_AT && each > firstBlock; each--) tips.push(...tipsOf(archive.byNumber(each)!))
  if (tips.length === 0) return TIP_WITHOUT_EXAMPLE
  tips.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return tips[Math.floor(((tips.length - 1) * PERCENTILE) / 100)]!
}

const tipsOf = ({ block, receipts }: StoredBlock): bigint[] =>
  receipts.map(({ effectiveGasPrice }) => effectiveGasPrice - (block.header.baseFeePerGas ?? 0n))
