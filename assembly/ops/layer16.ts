// conv2d, depthwiseConv2d and fullyConnected on int16: weights int8, zero points 0, result int16. The accumulator has 64 bits.
// A bias [O] is int32 and the accumulator is saturated to int32 before it is requantized; a bias [O, 2] is int64 in two words, and the
// requantization is the wide one (docs/arithmetic.md, int16 activations). Both are in integer form in every rounding mode.

import { gemmPanel } from '../kernels/gemm'
import {
  addSums,
  packInt16Constants,
  packInt16ConstantsWide,
  requantizeSums,
  requantizeSumsWide,
  STRETCH_PAIRS,
  startSums,
} from '../kernels/int16'
import { CHANNEL_CONSTANTS_BYTES } from '../kernels/requantize'
import { ACCUMULATOR, fail, OK } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opInputCount,
  opMultiplier,
  opMultiplierCount,
  opShift,
  rounding,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import {
  checkAttribute,
  checkConstant,
  checkDim,
  checkInt16Bounds,
  checkRank,
  checkRequantizationCounts,
  checkType,
  RESULT,
  validateIntegerMultiplier,
  validateWideMultiplier,
} from './check'

/** Largest magnitude of an accumulator: 16 bits more stay within 64. */
export const LARGEST_SUM: i64 = (1 << 47) - 1
/** Largest |x|. */
const REACH: i64 = 1 << 15

export function isInt16(op: usize): bool {
  return tensorType(opInput(op, 0)) === INT16
}

/** Whether the bias is int64 in two words. */
export function hasWideBias(op: usize): bool {
  return opInputCount(op) > 2 && tensorRank(opInput(op, 2)) === 2
}

/** x is int16; the rest as checkLayer. */
export function checkLayer16(op: usize, channels: u32, zeros: u32): i32 {
  let status = checkType(op, 1, INT8) || checkConstant(op, 1)
  if (status === OK && opInputCount(op) > 2) status = checkBias(op, channels)
  for (let i: u32 = 0; i < 3 && status === OK; i++) status = checkAttribute(op, zeros + i, 0, 0)
  if (status === OK) status = checkType(op, RESULT, INT16)
  if (status === OK) status = checkInt16Bounds(op, zeros + 3)
  const entries: u32 = opMultiplierCount(op) === 1 ? 1 : channels
  return status === OK ? checkRequantizationCounts(op, entries, entries) : status
}

function checkBias(op: usize, channels: u32): i32 {
  let status = checkType(op, 2, INT32) || checkConstant(op, 2)
  if (status === OK) status = checkRank(op, 2, hasWideBias(op) ? 2 : 1) || checkDim(op, 2, 0, channels)
  return status === OK && hasWideBias(op) ? checkDim(op, 2, 1, 2) : status
}

/** As validateLayer. */
export function validateLayer16(op: usize, channels: u32, channelStride: usize, depth: u32, depthStride: usize): i32 {
  const weights = tensorPointer(opInput(op, 1))
  const entries = opMultiplierCount(op)
  let largest: i64 = 0
  for (let channel: u32 = 0; channel < channels; channel++) {
    const w = weights + <usize>channel * channelStride
    let sum: i64 = 0
    for (let k: usize = 0; k < <usize>depth; k++) sum += <i64>abs(<i32>load<i8>(w + k * depthStride))
    const bias = bias16(op, channel)
    // The magnitude of the least int64 is no int64.
    const room = LARGEST_SUM - sum * REACH
    if (bias > room || bias < -room) return fail(ACCUMULATOR, channel, boundOf(bias, sum * REACH), LARGEST_SUM)
    const bound = abs(bias) + sum * REACH
    if (entries > 1) {
      const status = validateMultiplier16(op, channel, bound)
      if (status !== OK) return status
    }
    largest = max(largest, bound)
  }
  return entries === 1 ? validateMultiplier16(op, 0, largest) : OK
}

/** The bound for the error record, saturated. */
function boundOf(bias: i64, sum: i64): i64 {
  const magnitude = bias === i64.MIN_VALUE ? i64.MAX_VALUE : abs(bias)
  return magnitude > i64.MAX_VALUE - sum ? i64.MAX_VALUE : magnitude + sum
}

function validateMultiplier16(op: usize, entry: u32, bound: i64): i32 {
  if (hasWideBias(op)) return validateWideMultiplier(op, entry)
  return validateIntegerMultiplier(op, entry, min(bound, <i64>i32.MAX_VALUE), -31)
}

function bias16(op: usize, channel: u32): i64 {
  if (opInputCount(op) < 3) return 0
  const bias = tensorPointer(opInput(op, 2))
  return hasWideBias(op) ? load<i64>(bias + ((<usize>channel) << 3)) : <i64>load<i32>(bias + ((<usize>channel) << 2))
}

/** Constants for each 8 of `channels` output channels. */
export function packLayerConstants16(op: usize, channels: u32, constants: usize): void {
  for (let channel: u32 = 0; channel < channels; channel++) {
    const entry = opMultiplierCount(op) > 1 ? channel : 0
    const block = constants + <usize>(channel >> 3) * CHANNEL_CONSTANTS_BYTES
    const multiplier = <i32>opMultiplier(op, entry)
    if (hasWideBias(op)) packInt16ConstantsWide(block, channel & 7, bias16(op, channel), multiplier, opShift(op, entry))
    else packInt16Constants(block, channel & 7, bias16(op, channel), multiplier, opShift(op, entry))
  }
}

/** Constants of 8 columns that share requantization `entry`, wide and without a bias. */
export function packUniformConstants16(op: usize, entry: u32, constants: usize): void {
  for (let i: usize = 0; i < 8; i++) packInt16ConstantsWide(constants, i, 0, opMultiplier(op, entry), opShift(op, entry))
}

/** `count` rows of sums of the 8 channels from `first` on, requantized into a result of rows of `channels`. */
export function finishPanel16(
  op: usize,
  zeros: u32,
  sums: usize,
  count: i32,
  constants: usize,
  y: usize,
  channels: usize,
  first: usize,
): void {
  const columns = min(channels - first, 8)
  const least = opAttribute(op, zeros + 3)
  const most = opAttribute(op, zeros + 4)
  const out = y + (first << 1)
  if (hasWideBias(op)) requantizeSumsWide(sums, count, constants, least, most, out, channels, columns)
  else requantizeSums(rounding(), sums, count, constants, least, most, out, channels, columns)
}

/**
 * One panel of 8 channels over `count` windows into 64-bit sums, a stretch of at most STRETCH_PAIRS pairs at a time. Moves the pointers
 * at `rows` to their windows' ends.
 */
export function gemmPanel16(
  rows: usize,
  count: i32,
  runs: u32,
  gaps: usize,
  pairs: u32,
  panel: usize,
  accumulators: usize,
  sums: usize,
): void {
  if (runs * pairs <= STRETCH_PAIRS) {
    gemmPanel(rows, count, runs, gaps, pairs, panel, accumulators)
    startSums(accumulators, count, sums)
    return
  }
  for (let run: u32 = 0; run < runs; run++) {
    for (let done: u32 = 0; done < pairs; done += STRETCH_PAIRS) {
      const stretch = min(pairs - done, STRETCH_PAIRS)
      gemmPanel(rows, count, 1, gaps, stretch, panel, accumulators)
      if (run === 0 && done === 0) startSums(accumulators, count, sums)
      else addSums(accumulators, count, sums)
      panel += (<usize>stretch) << 5
      advance(rows, count, stretch << 2)
    }
    advance(rows, count, load<u32>(gaps + ((<usize>run) << 2)))
  }
}

/** Moves `count` pointers, rounded up to 4. */
function advance(rows: usize, count: i32, bytes: u32): void {
  const end = rows + ((<usize>((count + 3) & ~3)) << 2)
  for (; rows < end; rows += 4) store<u32>(rows, load<u32>(rows) + bytes)
}
