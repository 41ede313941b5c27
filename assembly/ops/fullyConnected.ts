// fullyConnected: x [M…, K] of M · K elements, weights [O, K], bias [O] optional; y of M · O elements, last dimension O, int8 or int32; on int16 see layer16.ts.
// Attributes: xZero wZero yZero yMin yMax.
//
// One row of int8 is a vector times a matrix, bound by memory: its weights stay bytes (kernels/gemv.ts). More rows, and int16, run as a
// picture one pixel high.
import { gemvColumns, gemvPanel, sumPairs } from '../kernels/gemv'
import { packGemvPanel } from '../kernels/pack'
import { CHANNEL_CONSTANTS_BYTES } from '../kernels/requantize'
import { widen } from '../kernels/widen'
import { ELEMENTS, fail, OK, SHAPE } from '../model/errors'
import {
  opAttribute,
  opInput,
  opOutput,
  opPacked,
  opScratch,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, GEMM_MACS, GEMV_MACS, MACS, PREPARED_ELEMENTS } from '../model/work'
import { checkCounts, checkDim, checkRank, RESULT } from './check'
import {
  blockBytes,
  denseGap,
  denseMacs,
  densePackedBytes,
  densePanelElements,
  PICTURE_SLACK,
  packDense,
  placeWindows,
  runDense,
} from './dense'
import { addLayerResultWork, checkLayer, elementBytes, finishPanel, packLayerConstants, roundUp, validateLayer } from './layer'
import { isInt16 } from './layer16'

const ZEROS: u32 = 0

/** O. */
function channels(op: usize): u32 {
  return tensorDim(opInput(op, 1), 0)
}

/** K. */
function depth(op: usize): u32 {
  return tensorDim(opInput(op, 1), 1)
}

/** M. */
function rows(op: usize): u32 {
  return tensorElements(opInput(op, 0)) / depth(op)
}

/** Whether it runs as a vector times a matrix. */
function isVector(op: usize): bool {
  return rows(op) === 1 && !isInt16(op)
}

function gemvPanels(op: usize): u64 {
  return (<u64>channels(op) + gemvColumns - 1) / gemvColumns
}

function pairs(op: usize): u64 {
  return (<u64>depth(op) + 1) >> 1
}

export function fullyConnectedCheck(op: usize): i32 {
  let status = checkCounts(op, 2, 3, 5)
  if (status === OK) status = checkRank(op, 1, 2)
  if (status === OK) status = checkLayer(op, channels(op), ZEROS)
  if (status !== OK) return status
  const elements = tensorElements(opInput(op, 0))
  if (elements % depth(op) !== 0) return fail(SHAPE, ELEMENTS, elements, depth(op))
  const y = opOutput(op, 0)
  status = checkDim(op, RESULT, tensorRank(y) - 1, channels(op))
  if (status !== OK) return status
  const wanted = <u64>rows(op) * channels(op)
  return tensorElements(y) === wanted ? OK : fail(SHAPE, ELEMENTS, tensorElements(y), wanted)
}

/** What a panel of gemv.ts costs beside its multiply-adds, as so many prepared elements. */
const PANEL_ELEMENTS: u64 = 256

/** An element of a vector is also summed, and its weights are read for it alone. */
const VECTOR_ELEMENT: u64 = 8

export function fullyConnectedWork(op: usize, work: usize): void {
  addWork(work, MACS, <u64>rows(op) * channels(op) * depth(op))
  if (isVector(op)) {
    addWork(work, GEMV_MACS, gemvPanels(op) * gemvColumns * roundUp(depth(op), 2))
    addWork(work, PREPARED_ELEMENTS, gemvPanels(op) * PANEL_ELEMENTS)
  } else {
    addWork(work, GEMM_MACS, denseMacs(rows(op), channels(op), 1, depth(op)))
    addWork(work, PREPARED_ELEMENTS, densePanelElements(rows(op), channels(op)))
  }
  if (!isInt16(op)) addWork(work, PREPARED_ELEMENTS, <u64>tensorElements(opInput(op, 0)) * (isVector(op) ? VECTOR_ELEMENT : 1))
  addLayerResultWork(op, work, rows(op), channels(op))
}

export function fullyConnectedValidate(op: usize): i32 {
  return validateLayer(op, channels(op), depth(op), depth(op), 1, ZEROS)
}

export function fullyConnectedPackedBytes(op: usize): u64 {
  if (isVector(op)) return gemvPanels(op) * (2 * CHANNEL_CONSTANTS_BYTES + pairs(op) * 32)
  return densePackedBytes(channels(op), 1, depth(op))
}

export function fullyConnectedScratchBytes(op: usize): u64 {
  return blockBytes(op) + (isInt16(op) ? 0 : roundUp(<u64>tensorElements(opInput(op, 0)) * 2, 16) + PICTURE_SLACK)
}

export function fullyConnectedLoad(op: usize): void {
  if (!isVector(op)) {
    store<u32>(denseGap(op, 0), 0)
    packDense(op, ZEROS, channels(op), depth(op), 1, 1, depth(op), opScratch(op))
    placeWindows(opPacked(op), rows(op), rows(op), 0, depth(op) << 1)
    return
  }
  packLayerConstants(op, channels(op), opPacked(op), opScratch(op))
  const weights = tensorPointer(opInput(op, 1))
  let panel = opPacked(op) + <usize>gemvPanels(op) * 2 * CHANNEL_CONSTANTS_BYTES
  for (let first: u32 = 0; first < channels(op); first += gemvColumns, panel += <usize>pairs(op) * 32)
    packGemvPanel(weights + <usize>first * depth(op), min(channels(op) - first, gemvColumns), depth(op), panel)
}

export function fullyConnectedRun(op: usize): void {
  const x = opScratch(op) + <usize>blockBytes(op)
  const y = opOutput(op, 0)
  const elements = tensorElements(opInput(op, 0))
  if (isInt16(op)) {
    runDense(op, tensorPointer(opInput(op, 0)), tensorPointer(y), 2, opScratch(op))
    return
  }
  widen(tensorPointer(opInput(op, 0)), elements, opAttribute(op, ZEROS), x)
  if (!isVector(op)) runDense(op, x, tensorPointer(y), elementBytes(tensorType(y)), opScratch(op))
  else {
    store<i16>(x + ((<usize>elements) << 1), 0)
    runVector(op, x)
  }
}

function runVector(op: usize, x: usize): void {
  const y = tensorPointer(opOutput(op, 0))
  const accumulators = opScratch(op)
  const columns = channels(op)
  const pairCount = <i32>pairs(op)
  const weightsZero = opAttribute(op, ZEROS + 1)
  const sum = sumPairs(x, pairCount)
  let constants = opPacked(op)
  let panel = constants + <usize>gemvPanels(op) * 2 * CHANNEL_CONSTANTS_BYTES
  for (let first: u32 = 0; first < columns; first += gemvColumns) {
    gemvPanel(x, pairCount, panel, sum, weightsZero, accumulators)
    finishPanel(op, ZEROS, accumulators, 1, constants, y, columns, first)
    if (first + 8 < columns) finishPanel(op, ZEROS, accumulators + 32, 1, constants + CHANNEL_CONSTANTS_BYTES, y, columns, first + 8)
    constants += 2 * CHANNEL_CONSTANTS_BYTES
    panel += <usize>pairCount * 32
  }
}
