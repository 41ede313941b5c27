// depthwiseConv2d: x [N, H, W, C], weights [1, KH, KW, C · m], bias [C · m] optional; y [N, OH, OW, C · m] int8 or int32; on int16 see layer16.ts.
// Attributes: strideH strideW dilationH dilationW padTop padBottom padLeft padRight xZero wZero yZero yMin yMax.
//
// Output channel c reads input channel c div m. The picture is widened with each channel m times, up to a multiple of 8. One input channel is a dense convolution.
//
// The packed region: the header of the windows (dense.ts), the offset of each tap, the constants and the weights of each 8 channels.
import { depthwisePanel } from '../kernels/depthwise'
import { addSums, STRETCH_PAIRS, startSums } from '../kernels/int16'
import { packDepthwisePanel } from '../kernels/pack'
import { CHANNEL_CONSTANTS_BYTES } from '../kernels/requantize'
import { fail, OK, SHAPE } from '../model/errors'
import { opAttribute, opInput, opOutput, opPacked, opScratch, tensorDim, tensorElements, tensorPointer, tensorType } from '../model/records'
import { addWork, DEPTHWISE_MACS, MACS, PREPARED_ELEMENTS } from '../model/work'
import { checkCounts, checkDim, RESULT } from './check'
import {
  checkConvolution,
  denseConvolutionPackedBytes,
  kernelTaps,
  loadDenseConvolution,
  pictureElements,
  pictureScratchBytes,
  pictures,
  placeConvolutionWindows,
  runDenseConvolution,
  scratchPicture,
  tapOffset,
  widenInput,
} from './convolution'
import { BLOCK, BLOCK_ACCUMULATORS, blockSums, densePanelElements, HEADER_BYTES, pointWindows } from './dense'
import { addLayerResultWork, checkLayer, elementBytes, finishPanel, packLayerConstants, roundUp, validateLayer } from './layer'
import { finishPanel16, isInt16 } from './layer16'
import { windowCount } from './window'

const ZEROS: u32 = 8

/** C. */
function inputChannels(op: usize): u32 {
  return tensorDim(opInput(op, 0), 3)
}

/** C · m. */
function outputChannels(op: usize): u32 {
  return tensorDim(opInput(op, 1), 3)
}

/** Channels of the widened picture. */
function pictureChannels(op: usize): u64 {
  return inputChannels(op) === 1 ? 1 : roundUp(outputChannels(op), 8)
}

function tapPairs(op: usize): u64 {
  return (kernelTaps(op) + 1) >> 1
}

function isDense(op: usize): bool {
  return inputChannels(op) === 1
}

/** Bytes of the weights of 8 channels. */
function panelBytes(op: usize): u64 {
  return tapPairs(op) * 32
}

function constantsPointer(op: usize): usize {
  return opPacked(op) + HEADER_BYTES + <usize>roundUp(tapPairs(op) * 8, 16)
}

export function depthwiseConv2dCheck(op: usize): i32 {
  let status = checkCounts(op, 2, 3, 13)
  if (status === OK) status = checkConvolution(op, pictureChannels(op))
  if (status === OK) status = checkDim(op, 1, 0, 1)
  if (status !== OK) return status
  if (outputChannels(op) % inputChannels(op) !== 0) return fail(SHAPE, 3, outputChannels(op), inputChannels(op))
  status = checkDim(op, RESULT, 3, outputChannels(op))
  return status === OK ? checkLayer(op, outputChannels(op), ZEROS) : status
}

/** What a pixel costs beside its elements where its channels are repeated or rounded up. */
const PIXEL_ELEMENTS: u64 = 96

export function depthwiseConv2dWork(op: usize, work: usize): void {
  const windows = pictures(op) * windowCount(op)
  addWork(work, MACS, <u64>tensorElements(opOutput(op, 0)) * kernelTaps(op))
  addWork(work, DEPTHWISE_MACS, windows * roundUp(outputChannels(op), 8) * kernelTaps(op))
  addWork(work, PREPARED_ELEMENTS, pictures(op) * pictureElements(op, pictureChannels(op)))
  addWork(work, PREPARED_ELEMENTS, pictures(op) * densePanelElements(windowCount(op), outputChannels(op)))
  if (pictureChannels(op) !== inputChannels(op)) addWork(work, PREPARED_ELEMENTS, pictures(op) * pictureElements(op, PIXEL_ELEMENTS))
  addLayerResultWork(op, work, windows, outputChannels(op))
}

export function depthwiseConv2dValidate(op: usize): i32 {
  return validateLayer(op, outputChannels(op), 1, <u32>kernelTaps(op), outputChannels(op), ZEROS)
}

export function depthwiseConv2dPackedBytes(op: usize): u64 {
  if (isDense(op)) return denseConvolutionPackedBytes(op, outputChannels(op))
  return HEADER_BYTES + roundUp(tapPairs(op) * 8, 16) + ((<u64>outputChannels(op) + 7) >> 3) * (CHANNEL_CONSTANTS_BYTES + panelBytes(op))
}

export function depthwiseConv2dScratchBytes(op: usize): u64 {
  return pictureScratchBytes(op, pictureChannels(op))
}

export function depthwiseConv2dLoad(op: usize): void {
  const channels = outputChannels(op)
  if (isDense(op)) {
    loadDenseConvolution(op, ZEROS, channels, 1, channels)
    return
  }
  const channelStride = <usize>pictureChannels(op)
  const taps = <u32>kernelTaps(op)
  placeConvolutionWindows(op, opPacked(op), channelStride)
  for (let tap: u32 = 0; tap < (<u32>tapPairs(op)) << 1; tap++)
    store<u32>(opPacked(op) + HEADER_BYTES + ((<usize>tap) << 2), <u32>tapOffset(op, min(tap, taps - 1), channelStride))
  packLayerConstants(op, channels, constantsPointer(op), opScratch(op))
  let panel = constantsPointer(op) + <usize>((channels + 7) >> 3) * CHANNEL_CONSTANTS_BYTES
  const weights = tensorPointer(opInput(op, 1))
  for (let first: u32 = 0; first < channels; first += 8, panel += <usize>panelBytes(op))
    packDepthwisePanel(weights + first, min(channels - first, 8), channels, taps, opAttribute(op, ZEROS + 1), panel)
}

export function depthwiseConv2dRun(op: usize): void {
  if (isDense(op)) {
    runDenseConvolution(op, ZEROS)
    return
  }
  const y = opOutput(op, 0)
  const channels = outputChannels(op)
  const resultBytes = elementBytes(tensorType(y))
  const windows = <i32>windowCount(op)
  for (let picture: u32 = 0; picture < <u32>pictures(op); picture++) {
    widenInput(op, picture, opAttribute(op, ZEROS), channels / inputChannels(op), <usize>pictureChannels(op))
    const result = tensorPointer(y) + <usize>picture * windows * channels * resultBytes
    for (let start = 0; start < windows; start += BLOCK)
      runBlock(op, start, min(windows - start, BLOCK), result + <usize>start * channels * resultBytes)
  }
}

function runBlock(op: usize, start: i32, count: i32, y: usize): void {
  const block = opScratch(op)
  const accumulators = block + BLOCK_ACCUMULATORS
  const channels = outputChannels(op)
  const pairs = <i32>tapPairs(op)
  const panelSize = <usize>panelBytes(op)
  let constants = constantsPointer(op)
  let panel = constants + <usize>((channels + 7) >> 3) * CHANNEL_CONSTANTS_BYTES
  pointWindows(opPacked(op), scratchPicture(op), start, count, block)
  for (let first: u32 = 0; first < channels; first += 8) {
    const taps = opPacked(op) + HEADER_BYTES
    if (isInt16(op)) {
      depthwisePanel16(block, count, first << 1, taps, pairs, panel, accumulators, blockSums(block))
      finishPanel16(op, ZEROS, blockSums(block), count, constants, y, channels, first)
    } else {
      depthwisePanel(block, count, first << 1, taps, pairs, panel, accumulators)
      finishPanel(op, ZEROS, accumulators, count, constants, y, channels, first)
    }
    constants += CHANNEL_CONSTANTS_BYTES
    panel += panelSize
  }
}

/** One panel of 8 channels into 64-bit sums, a stretch of at most STRETCH_PAIRS pairs of taps at a time. */
function depthwisePanel16(
  pixels: usize,
  count: i32,
  channelBytes: usize,
  taps: usize,
  pairs: i32,
  panel: usize,
  accumulators: usize,
  sums: usize,
): void {
  for (let done = 0; done < pairs; done += STRETCH_PAIRS) {
    const stretch = min(pairs - done, STRETCH_PAIRS)
    depthwisePanel(pixels, count, channelBytes, taps + ((<usize>done) << 3), stretch, panel + ((<usize>done) << 5), accumulators)
    if (done === 0) startSums(accumulators, count, sums)
    else addSums(accumulators, count, sums)
  }
}
