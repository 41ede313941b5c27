/** What a hardfork says about instructions: which there are, and what they cost. Names and values are the library's. */

import type { Common } from '@ethereumjs/common'
import { getOpcodesForHF } from '@ethereumjs/evm'

export interface Rules {
  /** Gas of each opcode without what depends on its operands; -1 where there is none. */
  readonly fees: Int32Array
  /** Gas that must be there before an opcode runs; 0 for those that charge themselves, which only begin with the fee. */
  readonly least: Float64Array
  readonly chainId: bigint
  readonly copyWordGas: number
  readonly hashWordGas: number
  readonly exponentByteGas: number
  readonly logTopicGas: number
  readonly logByteGas: number
  readonly coldSlotGas: number
  readonly coldAccountGas: number
  readonly warmGas: number
  readonly storageSentryGas: number
  readonly storageNoopGas: number
  readonly storageInitGas: number
  readonly storageCleanGas: number
  readonly storageDirtyGas: number
  readonly storageResetGas: number
  readonly storageClearRefund: number
  readonly storageInitRefund: number
  readonly storageCleanRefund: number
  readonly callValueGas: number
  readonly callNewAccountGas: number
  readonly callStipend: number
  readonly mostFrames: number
  readonly initCodeWordGas: number
  /** EIP-3860; infinite before. */
  readonly maxInitCodeBytes: number
  readonly maxCodeBytes: number
  readonly codeByteGas: number
  readonly selfDestructRefund: number
  readonly refundQuotient: bigint
  /** EIP-3651. */
  readonly coinbaseIsWarm: boolean
  /** EIP-6780: only what the same transaction has created is destroyed. */
  readonly destroysOnlyCreated: boolean
  /** EIP-7702. */
  readonly delegates: boolean
  /** EIP-7623. */
  readonly hasCalldataFloor: boolean
}

/** EIP-2929, 3529 and 3541 came with London at the latest; these have come after what is known here. */
const NEWER_EIPS = [2780, 3540, 6800, 7709, 7778, 7864, 7907, 7928, 8024, 8037, 8038]

const known = new WeakMap<Common, Map<string, Rules | undefined>>()

/** Undefined for a fork before London, or newer than Osaka: the library alone knows those. */
export function rulesOf(common: Common): Rules | undefined {
  let byFork = known.get(common)
  if (byFork === undefined) {
    byFork = new Map()
    known.set(common, byFork)
  }
  const fork = common.hardfork()
  if (!byFork.has(fork)) byFork.set(fork, isKnown(common) ? readRules(common) : undefined)
  return byFork.get(fork)
}

const isKnown = (common: Common): boolean => common.isActivatedEIP(3541) && !NEWER_EIPS.some((eip) => common.isActivatedEIP(eip))

function readRules(common: Common): Rules {
  const fees = new Int32Array(256).fill(-1)
  const least = new Float64Array(256).fill(Number.POSITIVE_INFINITY)
  for (const { opcodeInfo } of getOpcodesForHF(common).opcodeMap) {
    const { code, fee, isInvalid, dynamicGas } = opcodeInfo
    if (isInvalid) continue
    fees[code] = fee
    least[code] = dynamicGas ? 0 : fee
  }
  const param = (name: string) => Number(common.param(name))
  const limitsInitCode = common.isActivatedEIP(3860)
  return {
    fees,
    least,
    chainId: common.chainId(),
    copyWordGas: param('copyGas'),
    hashWordGas: param('keccak256WordGas'),
    exponentByteGas: param('expByteGas'),
    logTopicGas: param('logTopicGas'),
    logByteGas: param('logDataGas'),
    coldSlotGas: param('coldsloadGas'),
    coldAccountGas: param('coldaccountaccessGas'),
    warmGas: param('warmstoragereadGas'),
    storageSentryGas: param('sstoreSentryEIP2200Gas'),
    storageNoopGas: param('sstoreNoopEIP2200Gas'),
    storageInitGas: param('sstoreInitEIP2200Gas'),
    storageCleanGas: param('sstoreCleanEIP2200Gas'),
    storageDirtyGas: param('sstoreDirtyEIP2200Gas'),
    storageResetGas: param('sstoreResetGas'),
    storageClearRefund: param('sstoreClearRefundEIP2200Gas'),
    storageInitRefund: param('sstoreInitRefundEIP2200Gas'),
    storageCleanRefund: param('sstoreCleanRefundEIP2200Gas'),
    callValueGas: param('callValueTransferGas'),
    callNewAccountGas: param('callNewAccountGas'),
    callStipend: param('callStipendGas'),
    mostFrames: param('stackLimit'),
    initCodeWordGas: limitsInitCode ? param('initCodeWordGas') : 0,
    maxInitCodeBytes: limitsInitCode ? param('maxInitCodeSize') : Number.POSITIVE_INFINITY,
    maxCodeBytes: param('maxCodeSize'),
    codeByteGas: param('createDataGas'),
    selfDestructRefund: param('selfdestructRefundGas'),
    refundQuotient: common.param('maxRefundQuotient'),
    coinbaseIsWarm: common.isActivatedEIP(3651),
    destroysOnlyCreated: common.isActivatedEIP(6780),
    delegates: common.isActivatedEIP(7702),
    hasCalldataFloor: common.isActivatedEIP(7623),
  }
}
