// The dense layers' run: windows over a widened picture times packed weights (kernels/gemm.ts). A fully connected layer is a picture one pixel high.
//
// The packed region: a header, the gaps between a window's runs, the constants of each 8 channels, the panels of weights.
import { gemmPanel } from '../kernels/gemm'
import { packGemmPanel } from '../kernels/pack'
import { CHANNEL_CONSTANTS_BYTES } from '../kernels/requantize'
import { opAttribute, opInput, opPacked, tensorPointer } from '../model/records'
import { finishPanel, packLayerConstants, roundUp } from './layer'
import { finishPanel16, gemmPanel16, isInt16 } from './layer16'

// Header: u32 each.
const CHANNELS: usize = 0
const ZEROS: usize = 4 // index of the attribute xZero
const RUNS: usize = 8
const PAIRS: usize = 12 // of each run
const CONSTANTS: usize = 16 // pointer
const PANELS: usize = 20 // pointer
const WINDOWS: usize = 24 // in one picture
const WINDOWS_WIDE: usize = 28 // in one row of windows
const ROW_STEP: usize = 32 // bytes from a window to the one below it
const COLUMN_STEP: usize = 36 // bytes from a window to the one beside it
/** Bytes of the header; the gaps follow. */
export const HEADER_BYTES: usize = 48
const GAPS: usize = HEADER_BYTES

/** Windows that go through all panels of weights before the next ones: their operands stay in the first-level cache. */
export const BLOCK: i32 = 64
export const BLOCK_ACCUMULATORS: usize = 64 * 4
/** Scratch of a block: a pointer for each window, then its accumulators. */
export const BLOCK_BYTES: u64 = 64 * 4 + 64 * 32

/** Behind them, on int16: sums. */
const BLOCK_SUMS: usize = 64 * 4 + 64 * 32

/** Bytes of a block's scratch. */
export function blockBytes(op: usize): u64 {
  return isInt16(op) ? BLOCK_BYTES + 64 * 64 : BLOCK_BYTES
}

export function blockSums(block: usize): usize {
  return block + BLOCK_SUMS
}

/** Bytes that the kernels may read behind a widened picture. */
export const PICTURE_SLACK: u64 = 16

function panelBytes(runs: u64, runElements: u64): u64 {
  return runs * ((runElements + 1) >> 1) * 32
}

export function densePackedBytes(channels: u64, runs: u64, runElements: u64): u64 {
  return GAPS + roundUp(runs * 4, 16) + ((channels + 7) >> 3) * (CHANNEL_CONSTANTS_BYTES + panelBytes(runs, runElements))
}

/** Multiply-adds that the kernel does for `windows` windows. */
export function denseMacs(windows: u64, channels: u64, runs: u64, runElements: u64): u64 {
  return roundUp(windows, 4) * roundUp(channels, 8) * runs * roundUp(runElements, 2)
}

/** What a block of windows through a panel costs beside its multiply-adds, as so many prepared elements. */
const PANEL_ELEMENTS: u64 = 128

/** The same of all blocks and panels. */
export function densePanelElements(windows: u64, channels: u64): u64 {
  return ((windows + BLOCK - 1) / BLOCK) * ((channels + 7) >> 3) * PANEL_ELEMENTS
}

/**
 * Packs weights: weight k of a channel is at channel · channelStride + k · depthStride. The caller has filled the gaps, or there is one run.
 * Needs 96 bytes of scratch.
 */
export function packDense(
  op: usize,
  zeros: u32,
  channels: u32,
  channelStride: usize,
  depthStride: usize,
  runs: u32,
  runElements: u32,
  scratch: usize,
): void {
  const header = opPacked(op)
  const constants = header + GAPS + <usize>roundUp((<u64>runs) << 2, 16)
  let panel = constants + <usize>((channels + 7) >> 3) * CHANNEL_CONSTANTS_BYTES
  store<u32>(header, channels, CHANNELS)
  store<u32>(header, zeros, ZEROS)
  store<u32>(header, runs, RUNS)
  store<u32>(header, (runElements + 1) >> 1, PAIRS)
  store<u32>(header, <u32>constants, CONSTANTS)
  store<u32>(header, <u32>panel, PANELS)
  packLayerConstants(op, channels, constants, scratch)
  const weights = tensorPointer(opInput(op, 1))
  const weightsZero = opAttribute(op, zeros + 1)
  for (let first: u32 = 0; first < channels; first += 8, panel += <usize>panelBytes(runs, runElements)) {
    const columns = min(channels - first, 8)
    packGemmPanel(weights + <usize>first * channelStride, columns, channelStride, depthStride, runs, runElements, weightsZero, panel)
  }
}

/** Where the bytes from the end of run i to the start of the next are noted. */
export function denseGap(op: usize, i: u32): usize {
  return opPacked(op) + GAPS + ((<usize>i) << 2)
}

/** The windows of one picture; steps in bytes of the widened picture. */
export function placeWindows(header: usize, windows: u32, windowsWide: u32, rowStep: usize, columnStep: usize): void {
  store<u32>(header, windows, WINDOWS)
  store<u32>(header, windowsWide, WINDOWS_WIDE)
  store<u32>(header, <u32>rowStep, ROW_STEP)
  store<u32>(header, <u32>columnStep, COLUMN_STEP)
}

/** One picture: x widened, y where its results begin, `block` blockBytes of scratch. */
export function runDense(op: usize, x: usize, y: usize, resultBytes: usize, block: usize): void {
  const header = opPacked(op)
  const channels = load<u32>(header, CHANNELS)
  const zeros = load<u32>(header, ZEROS)
  const runs = load<u32>(header, RUNS)
  const pairs = load<u32>(header, PAIRS)
  const panelSize = <usize>runs * pairs * 32
  const windows = <i32>load<u32>(header, WINDOWS)
  const accumulators = block + BLOCK_ACCUMULATORS
  for (let start = 0; start < windows; start += BLOCK) {
    const count = min(windows - start, BLOCK)
    pointWindows(header, x, start, count, block)
    let constants = <usize>load<u32>(header, CONSTANTS)
    let panel = <usize>load<u32>(header, PANELS)
    const result = y + <usize>start * channels * resultBytes
    for (let first: u32 = 0; first < channels; first += 8) {
      if (isInt16(op)) {
        gemmPanel16(block, count, runs, header + GAPS, pairs, panel, accumulators, blockSums(block))
        finishPanel16(op, zeros, blockSums(block), count, constants, result, channels, first)
        pointWindows(header, x, start, count, block)
      } else {
        gemmPanel(block, count, runs, header + GAPS, pairs, panel, accumulators)
        finishPanel(op, zeros, accumulators, count, constants, result, channels, first)
      }
      constants += CHANNEL_CONSTANTS_BYTES
      panel += panelSize
    }
  }
}

/** Pointers to `count` windows from `start` on, repeated to a multiple of 4. */
export function pointWindows(header: usize, x: usize, start: i32, count: i32, pointers: usize): void {
  const wide = <i32>load<u32>(header, WINDOWS_WIDE)
  const rowStep = <usize>load<u32>(header, ROW_STEP)
  const columnStep = <usize>load<u32>(header, COLUMN_STEP)
  const row = start / wide
  let column = start - row * wide
  let rowPointer = x + <usize>row * rowStep
  let pointer = rowPointer + <usize>column * columnStep
  let last = pointer
  for (let i = 0; i < count; i++, pointers += 4) {
    store<u32>(pointers, <u32>pointer)
    last = pointer
    pointer += columnStep
    if (++column === wide) {
      column = 0
      rowPointer += rowStep
      pointer = rowPointer
    }
  }
  for (let i = count; i & 3; i++, pointers += 4) store<u32>(pointers, <u32>last)
}
