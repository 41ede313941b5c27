// What conv2d and depthwiseConv2d share: the first eight attributes (strideH strideW dilationH dilationW padTop padBottom padLeft padRight),
// weights [.., KH, KW, ..], and the dense run over pictures.
//
// No im2col: over NHWC a row of the kernel is one stretch of KW · C elements, so a window is KH runs; KH · KW runs of C where dilationW > 1.
import { framePicture, widenPicture } from '../kernels/widen'
import { OK } from '../model/errors'
import { opAttribute, opInput, opOutput, opPacked, opScratch, tensorDim, tensorPointer, tensorType } from '../model/records'
import { checkAttribute, checkDim, checkRank, RESULT } from './check'
import { blockBytes, denseGap, denseMacs, densePackedBytes, PICTURE_SLACK, packDense, placeWindows, runDense } from './dense'
import { elementBytes, roundUp } from './layer'
import { isInt16 } from './layer16'
import { checkPicture, checkWindowAxis, LARGEST_DIMENSION, paddedSize, windowCount } from './window'

/** Ranks, the shared attributes, the result's shape but for its channels; `pictureChannels` are those of the widened picture. */
export function checkConvolution(op: usize, pictureChannels: u64): i32 {
  let status = checkRank(op, 0, 4)
  if (status === OK) status = checkRank(op, 1, 4)
  if (status === OK) status = checkRank(op, RESULT, 4)
  for (let i: u32 = 0; i < 4 && status === OK; i++) status = checkAttribute(op, i, 1, LARGEST_DIMENSION)
  if (status === OK) status = checkDim(op, RESULT, 0, tensorDim(opInput(op, 0), 0))
  for (let axis: u32 = 1; axis < 3 && status === OK; axis++)
    status = checkWindowAxis(op, axis, tensorDim(opInput(op, 1), axis), opAttribute(op, axis + 1), opAttribute(op, axis - 1))
  return status === OK ? checkPicture(op, pictureChannels) : status
}

export function pictures(op: usize): u64 {
  return tensorDim(opInput(op, 0), 0)
}

/** Elements of one widened picture. */
export function pictureElements(op: usize, channelStride: u64): u64 {
  return paddedSize(op, 1) * paddedSize(op, 2) * channelStride
}

export function pictureScratchBytes(op: usize, channelStride: u64): u64 {
  return blockBytes(op) + roundUp(pictureElements(op, channelStride) * 2, 16) + PICTURE_SLACK
}

/** The picture lies behind a block's pointers and accumulators. */
export function scratchPicture(op: usize): usize {
  return opScratch(op) + <usize>blockBytes(op)
}

export function widenInput(op: usize, picture: u32, zero: i32, copies: usize, channelStride: usize): void {
  const x = opInput(op, 0)
  const height = tensorDim(x, 1)
  const width = tensorDim(x, 2)
  const channels = tensorDim(x, 3)
  const first = <usize>picture * height * width * channels
  const top = opAttribute(op, 4)
  const bottom = opAttribute(op, 5)
  const left = opAttribute(op, 6)
  const right = opAttribute(op, 7)
  const out = scratchPicture(op)
  if (isInt16(op)) {
    const pixels = tensorPointer(x) + (first << 1)
    framePicture(pixels, height, width, channels, top, bottom, left, right, copies, channelStride, out)
  } else widenPicture(tensorPointer(x) + first, height, width, channels, zero, top, bottom, left, right, copies, channelStride, out)
}

/** Windows of the result over a widened picture. */
export function placeConvolutionWindows(op: usize, header: usize, channelStride: usize): void {
  const columnBytes = channelStride << 1
  const rowBytes = <usize>paddedSize(op, 2) * columnBytes
  const rowStep = <usize>opAttribute(op, 0) * rowBytes
  const columnStep = <usize>opAttribute(op, 1) * columnBytes
  placeWindows(header, <u32>windowCount(op), tensorDim(opOutput(op, 0), 2), rowStep, columnStep)
}

/** Byte offset of a kernel element from its window's first pixel. */
export function tapOffset(op: usize, tap: u32, channelStride: usize): usize {
  const kernelWidth = tensorDim(opInput(op, 1), 2)
  const row = <usize>(tap / kernelWidth) * opAttribute(op, 2)
  const column = <usize>(tap % kernelWidth) * opAttribute(op, 3)
  return (row * <usize>paddedSize(op, 2) + column) * (channelStride << 1)
}

export function kernelTaps(op: usize): u64 {
  return <u64>tensorDim(opInput(op, 1), 1) * tensorDim(opInput(op, 1), 2)
}

function isRowOneRun(op: usize): bool {
  return opAttribute(op, 3) === 1 || tensorDim(opInput(op, 1), 2) === 1
}

function runs(op: usize): u64 {
  return isRowOneRun(op) ? tensorDim(opInput(op, 1), 1) : kernelTaps(op)
}

function runElements(op: usize): u64 {
  return <u64>tensorDim(opInput(op, 0), 3) * (isRowOneRun(op) ? tensorDim(opInput(op, 1), 2) : 1)
}

export function denseConvolutionMacs(op: usize, channels: u64): u64 {
  return pictures(op) * denseMacs(windowCount(op), channels, runs(op), runElements(op))
}

export function denseConvolutionPackedBytes(op: usize, channels: u64): u64 {
  return densePackedBytes(channels, runs(op), runElements(op))
}

/** Weight k of an output channel is at channel · weightStride + k · depthStride. */
export function loadDenseConvolution(op: usize, zeros: u32, channels: u32, weightStride: usize, depthStride: usize): void {
  const channelStride = tensorDim(opInput(op, 0), 3)
  const tapsPerRun = isRowOneRun(op) ? tensorDim(opInput(op, 1), 2) : 1
  const runBytes = (<usize>((runElements(op) + 1) >> 1)) << 2
  const last = <u32>runs(op) - 1
  store<u32>(denseGap(op, last), 0)
  for (let run: u32 = 0; run < last; run++) {
    const start = tapOffset(op, run * tapsPerRun, channelStride)
    store<u32>(denseGap(op, run), <u32>(tapOffset(op, (run + 1) * tapsPerRun, channelStride) - start - runBytes))
  }
  packDense(op, zeros, channels, weightStride, depthStride, last + 1, <u32>runElements(op), opScratch(op))
  placeConvolutionWindows(op, opPacked(op), channelStride)
}

export function runDenseConvolution(op: usize, zeros: u32): void {
  const y = opOutput(op, 0)
  const channelStride = tensorDim(opInput(op, 0), 3)
  const resultBytes = elementBytes(tensorType(y))
  const yPictureBytes = <usize>windowCount(op) * tensorDim(y, 3) * resultBytes
  for (let picture: u32 = 0; picture < <u32>pictures(op); picture++) {
    widenInput(op, picture, opAttribute(op, zeros), 1, channelStride)
    runDense(op, scratchPicture(op), tensorPointer(y) + <usize>picture * yPictureBytes, resultBytes, opScratch(op))
  }
}
