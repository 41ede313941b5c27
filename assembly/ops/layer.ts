// What conv2d, depthwiseConv2d and fullyConnected share: bias, bounds and requantization of their output channels.
import { CHANNEL_CONSTANTS_BYTES, packChannelConstants, requantizePanel, storePanel } from '../kernels/requantize'
import { sumMagnitudes } from '../kernels/sum'
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
  opOutput,
  opShift,
  ROUNDING_FP32,
  rounding,
  tensorPointer,
  tensorType,
} from '../model/records'
import { addWork, REQUANTIZED_ELEMENTS } from '../model/work'
import {
  checkAttribute,
  checkConstant,
  checkDim,
  checkInt8Bounds,
  checkNoRequantization,
  checkRank,
  checkRequantizationPerChannel,
  checkType,
  RESULT,
  validateMultiplier,
} from './check'

import { checkLayer16, isInt16, packLayerConstants16, validateLayer16 } from './layer16'

export function roundUp(value: u64, multiple: u64): u64 {
  return ((value + multiple - 1) / multiple) * multiple
}

/** x, weights and bias; the attributes xZero, wZero, yZero, yMin, yMax from `zeros` on; requantization of `channels` outputs. */
export function checkLayer(op: usize, channels: u32, zeros: u32): i32 {
  if (isInt16(op)) return checkLayer16(op, channels, zeros)
  let status = checkType(op, 0, INT8)
  if (status !== OK) return status
  status = checkType(op, 1, INT8)
  if (status !== OK) return status
  status = checkConstant(op, 1)
  if (status !== OK) return status
  if (opInputCount(op) > 2) {
    status = checkType(op, 2, INT32)
    if (status !== OK) return status
    status = checkConstant(op, 2)
    if (status !== OK) return status
    status = checkRank(op, 2, 1)
    if (status !== OK) return status
    status = checkDim(op, 2, 0, channels)
    if (status !== OK) return status
  }
  status = checkAttribute(op, zeros, -128, 127)
  if (status !== OK) return status
  status = checkAttribute(op, zeros + 1, -128, 127)
  if (status !== OK) return status
  if (tensorType(opOutput(op, 0)) === INT32) {
    for (let i: u32 = 2; i < 5 && status === OK; i++) status = checkAttribute(op, zeros + i, 0, 0)
    return status !== OK ? status : checkNoRequantization(op)
  }
  status = checkType(op, RESULT, INT8)
  if (status !== OK) return status
  status = checkAttribute(op, zeros + 2, -128, 127)
  if (status !== OK) return status
  status = checkInt8Bounds(op, zeros + 3)
  return status !== OK ? status : checkRequantizationPerChannel(op, channels)
}

/**
 * The accumulator's bound of every output channel, and the multipliers that it meets.
 * Weight k of a channel is at channel · channelStride + k · depthStride.
 */
export function validateLayer(op: usize, channels: u32, channelStride: usize, depth: u32, depthStride: usize, zeros: u32): i32 {
  if (isInt16(op)) return validateLayer16(op, channels, channelStride, depth, depthStride)
  const weightsZero = opAttribute(op, zeros + 1)
  const reach = <i64>largestMagnitude(opAttribute(op, zeros))
  const weights = tensorPointer(opInput(op, 1))
  const entries = opMultiplierCount(op)
  let largest: i64 = 0
  for (let channel: u32 = 0; channel < channels; channel++) {
    const w = weights + <usize>channel * channelStride
    let sum: i64 = 0
    if (depthStride === 1) sum = sumMagnitudes(w, depth, weightsZero)
    else for (let k: usize = 0; k < <usize>depth; k++) sum += <i64>abs(<i32>load<i8>(w + k * depthStride) - weightsZero)
    const bound = abs(<i64>layerBias(op, channel)) + sum * reach
    if (bound > <i64>i32.MAX_VALUE) return fail(ACCUMULATOR, channel, bound, i32.MAX_VALUE)
    if (entries > 1) {
      const status = validateMultiplier(op, channel, bound)
      if (status !== OK) return status
    }
    largest = max(largest, bound)
  }
  return entries === 1 ? validateMultiplier(op, 0, largest) : OK
}

/** Largest |x − zero| of an int8. */
export function largestMagnitude(zero: i32): i32 {
  return max(zero + 128, 127 - zero)
}

export function layerBias(op: usize, channel: u32): i32 {
  return opInputCount(op) > 2 ? load<i32>(tensorPointer(opInput(op, 2)) + ((<usize>channel) << 2)) : 0
}

/** Constants for each 8 of `channels` output channels, with the bias of operand 2 where there is one; needs 96 bytes of scratch. A single multiplier serves all channels. */
export function packLayerConstants(op: usize, channels: u32, constants: usize, scratch: usize): void {
  if (isInt16(op)) {
    packLayerConstants16(op, channels, constants)
    return
  }
  for (let first: u32 = 0; first < channels; first += 8, constants += CHANNEL_CONSTANTS_BYTES) {
    for (let i: u32 = 0; i < 8; i++) {
      const at = scratch + ((<usize>i) << 2)
      const channel = min(first + i, channels - 1)
      const entry = opMultiplierCount(op) > 1 ? channel : 0
      const isRequantized = opMultiplierCount(op) > 0
      store<i32>(at, layerBias(op, channel))
      store<u32>(at, isRequantized ? opMultiplier(op, entry) : 0, 32)
      store<i32>(at, isRequantized && rounding() !== ROUNDING_FP32 ? opShift(op, entry) : 0, 64)
    }
    packChannelConstants(rounding(), constants, scratch, scratch + 32, scratch + 64)
  }
}

/** `count` rows of accumulators of the 8 channels from `first` on into a result of rows of `channels`: requantized, or as they are where y is int32. */
export function finishPanel(
  op: usize,
  zeros: u32,
  accumulators: usize,
  count: i32,
  constants: usize,
  y: usize,
  channels: usize,
  first: usize,
): void {
  const columns = <i32>min(channels - first, 8)
  if (tensorType(opOutput(op, 0)) === INT32) {
    storePanel(accumulators, count, constants, y + (first << 2), channels << 2, columns)
    return
  }
  requantizePanel(
    rounding(),
    accumulators,
    count,
    constants,
    opAttribute(op, zeros + 2),
    opAttribute(op, zeros + 3),
    opAttribute(op, zeros + 4),
    y + first,
    channels,
    columns,
  )
}

/** Work of `rows` times `channels` results: they leave the accumulators eight channels at a time. */
export function addResultWork(work: usize, rows: u64, channels: u64): void {
  addWork(work, REQUANTIZED_ELEMENTS, rows * roundUp(channels, 8))
}

/** A result on int16 leaves its accumulator by itself. */
const INT16_RESULT: u64 = 10

/** As addResultWork, of a layer on int8 or int16. */
export function addLayerResultWork(op: usize, work: usize, rows: u64, channels: u64): void {
  if (isInt16(op)) addWork(work, REQUANTIZED_ELEMENTS, rows * channels * INT16_RESULT)
  else addResultWork(work, rows, channels)
}

/** Bytes of an element of an int8, int16 or int32 tensor. */
export function elementBytes(type: u32): usize {
  return type === INT32 ? 4 : type === INT16 ? 2 : 1
}

/** Constants of an operator whose elements share requantization `entry` and one bias; needs 96 bytes of scratch. */
export function packUniformConstants(op: usize, entry: u32, bias: i32, constants: usize, scratch: usize): void {
  for (let at = scratch; at < scratch + 32; at += 4) {
    store<i32>(at, bias)
    store<u32>(at, opMultiplier(op, entry), 32)
    store<i32>(at, rounding() === ROUNDING_FP32 ? 0 : opShift(op, entry), 64)
  }
  packChannelConstants(rounding(), constants, scratch, scratch + 32, scratch + 64)
}
