// conv2d: x [N, H, W, C], weights [O, KH, KW, C], bias [O] optional; y [N, OH, OW, O] int8 or int32; on int16 see layer16.ts.
// Attributes: strideH strideW dilationH dilationW padTop padBottom padLeft padRight groups xZero wZero yZero yMin yMax.
import { OK } from '../model/errors'
import { opInput, opOutput, tensorDim, tensorElements } from '../model/records'
import { addWork, GEMM_MACS, MACS, PREPARED_ELEMENTS, REQUANTIZED_ELEMENTS } from '../model/work'
import { checkAttribute, checkCounts, checkDim, RESULT } from './check'
import {
  checkConvolution,
  denseConvolutionMacs,
  denseConvolutionPackedBytes,
  kernelTaps,
  loadDenseConvolution,
  pictureElements,
  pictureScratchBytes,
  pictures,
  runDenseConvolution,
} from './convolution'
import { densePanelElements } from './dense'
import { addLayerResultWork, checkLayer, validateLayer } from './layer'
import { windowCount } from './window'
import {
  isWinograd,
  loadWinograd,
  runWinograd,
  winogradMacs,
  winogradPackedBytes,
  winogradPreparedElements,
  winogradResultElements,
  winogradScratchBytes,
} from './winograd'

const GROUPS: u32 = 8
const ZEROS: u32 = 9

/** C. */
function inputChannels(op: usize): u32 {
  return tensorDim(opInput(op, 0), 3)
}

/** O. */
function outputChannels(op: usize): u32 {
  return tensorDim(opInput(op, 1), 0)
}

/** Weights of one output channel. */
function depth(op: usize): u64 {
  return kernelTaps(op) * inputChannels(op)
}

export function conv2dCheck(op: usize): i32 {
  let status = checkCounts(op, 2, 3, 14)
  if (status === OK) status = checkConvolution(op, inputChannels(op))
  if (status === OK) status = checkAttribute(op, GROUPS, 1, 1)
  if (status === OK) status = checkDim(op, 1, 3, inputChannels(op))
  if (status === OK) status = checkDim(op, RESULT, 3, outputChannels(op))
  return status === OK ? checkLayer(op, outputChannels(op), ZEROS) : status
}

export function conv2dWork(op: usize, work: usize): void {
  addWork(work, MACS, <u64>tensorElements(opOutput(op, 0)) * depth(op))
  if (isWinograd(op)) {
    addWork(work, GEMM_MACS, pictures(op) * winogradMacs(op))
    addWork(work, PREPARED_ELEMENTS, pictures(op) * winogradPreparedElements(op))
    addWork(work, REQUANTIZED_ELEMENTS, pictures(op) * winogradResultElements(op))
  } else {
    addWork(work, GEMM_MACS, denseConvolutionMacs(op, outputChannels(op)))
    addWork(work, PREPARED_ELEMENTS, pictures(op) * pictureElements(op, inputChannels(op)))
    addWork(work, PREPARED_ELEMENTS, pictures(op) * densePanelElements(windowCount(op), outputChannels(op)))
  }
  addLayerResultWork(op, work, pictures(op) * windowCount(op), outputChannels(op))
}

export function conv2dValidate(op: usize): i32 {
  return validateLayer(op, outputChannels(op), <usize>depth(op), <u32>depth(op), 1, ZEROS)
}

export function conv2dPackedBytes(op: usize): u64 {
  return isWinograd(op) ? winogradPackedBytes(op) : denseConvolutionPackedBytes(op, outputChannels(op))
}

export function conv2dScratchBytes(op: usize): u64 {
  return isWinograd(op) ? winogradScratchBytes(op) : pictureScratchBytes(op, inputChannels(op))
}

export function conv2dLoad(op: usize): void {
  if (isWinograd(op)) loadWinograd(op, ZEROS)
  else loadDenseConvolution(op, ZEROS, outputChannels(op), <usize>depth(op), 1)
}

export function conv2dRun(op: usize): void {
  if (isWinograd(op)) runWinograd(op, ZEROS)
  else runDenseConvolution(op, ZEROS)
}
