// conv2d by Winograd's F(2×2, 3×3) (kernels/winograd.ts), where it wins: the choice follows from shapes alone and changes no byte.
//
// The packed region: the constants of each 8 output channels, then their panels of U, [16 planes][channels, rounded up to 8, / 2][8][2] int16.
// The scratch: pointers to the rows of V, sums, accumulators, V of a block of tiles, the widened picture.
import { gemmPanel } from '../kernels/gemm'
import { CHANNEL_CONSTANTS_BYTES } from '../kernels/requantize'
import { widenPicture } from '../kernels/widen'
import { PLANES, winogradResults, winogradTile, winogradWeights } from '../kernels/winograd'
import { opAttribute, opInput, opOutput, opPacked, opScratch, tensorDim, tensorPointer, tensorType } from '../model/records'
import { PICTURE_SLACK } from './dense'
import { elementBytes, finishPanel, packLayerConstants, roundUp } from './layer'
import { isInt16 } from './layer16'
import { paddedSize } from './window'

/** Fewer input or output channels do not pay for the transforms. */
const FEWEST_CHANNELS: u32 = 12
/** 4 · 9 · 896 · 255² < 2³¹: four times any sum of so many channels fits int32, whatever the weights and zero points. */
const MOST_CHANNELS: u32 = 896
const FEWEST_TILES: u64 = 4

/** Tiles that go through all panels of weights before the next ones. */
const BLOCK: u32 = 32
const POINTER_BYTES: usize = 16 * 32 * 4
const SUM_PLANE_BYTES: usize = 32 * 32
const SUMS: usize = POINTER_BYTES + 16
const ACCUMULATORS: usize = SUMS + 16 * SUM_PLANE_BYTES
const VALUES: usize = ACCUMULATORS + 4 * 32 * 32

/** Whether a conv2d is computed here: x and weights [O, KH, KW, C] are its operands, its strides and dilations the first four attributes. */
export function isWinograd(op: usize): bool {
  const weights = opInput(op, 1)
  const channels = tensorDim(weights, 3)
  if (isInt16(op) || tensorDim(weights, 1) !== 3 || tensorDim(weights, 2) !== 3) return false
  for (let i: u32 = 0; i < 4; i++) if (opAttribute(op, i) !== 1) return false
  return channels >= FEWEST_CHANNELS && channels <= MOST_CHANNELS && tensorDim(weights, 0) >= FEWEST_CHANNELS && tiles(op) >= FEWEST_TILES
}

function tilesHigh(op: usize): u32 {
  return (tensorDim(opOutput(op, 0), 1) + 1) >> 1
}

function tilesWide(op: usize): u32 {
  return (tensorDim(opOutput(op, 0), 2) + 1) >> 1
}

function tiles(op: usize): u64 {
  return <u64>tilesHigh(op) * tilesWide(op)
}

/** Rows of tiles in a block; a row of more than BLOCK tiles is cut. */
function blockRows(op: usize): u32 {
  return tilesWide(op) < BLOCK ? BLOCK / tilesWide(op) : 1
}

/** Tiles of a picture as the kernel sees them: those of each block rounded up to 4. */
function computedTiles(op: usize): u64 {
  const high = tilesHigh(op)
  const wide = tilesWide(op)
  if (wide > BLOCK) return <u64>high * ((wide / BLOCK) * BLOCK + roundUp(wide % BLOCK, 4))
  const rows = blockRows(op)
  return <u64>(high / rows) * roundUp(rows * wide, 4) + roundUp((high % rows) * wide, 4)
}

function inputChannels(op: usize): u64 {
  return tensorDim(opInput(op, 1), 3)
}

function outputChannels(op: usize): u64 {
  return tensorDim(opInput(op, 1), 0)
}

/** Bytes of a plane of a panel of U. */
function weightPlaneBytes(op: usize): u64 {
  return roundUp(inputChannels(op), 8) * 16
}

/** Bytes of a tile's channels in a plane of V. */
function tileBytes(op: usize): u64 {
  return roundUp(inputChannels(op), 8) * 2
}

/** A plane of V; the 64 bytes keep its 16 planes from sharing the lines of one cache set. */
function valuePlaneBytes(op: usize): u64 {
  return BLOCK * tileBytes(op) + 64
}

/** Elements of a widened picture that holds whole tiles. */
function pictureElements(op: usize): u64 {
  return pictureHeight(op) * pictureWidth(op) * inputChannels(op)
}

function pictureHeight(op: usize): u64 {
  return <u64>tilesHigh(op) * 2 + 2
}

function pictureWidth(op: usize): u64 {
  return <u64>tilesWide(op) * 2 + 2
}

/** Multiply-adds of the kernel for one picture. */
export function winogradMacs(op: usize): u64 {
  return PLANES * computedTiles(op) * roundUp(outputChannels(op), 8) * roundUp(inputChannels(op), 8)
}

/** Elements that are widened and transformed for one picture. */
export function winogradPreparedElements(op: usize): u64 {
  return pictureElements(op) + tiles(op) * PLANES * roundUp(inputChannels(op), 8)
}

/** Results that the last transform makes, for one picture. */
export function winogradResultElements(op: usize): u64 {
  return tiles(op) * 4 * roundUp(outputChannels(op), 8)
}

export function winogradPackedBytes(op: usize): u64 {
  return (roundUp(outputChannels(op), 8) / 8) * (CHANNEL_CONSTANTS_BYTES + PLANES * weightPlaneBytes(op))
}

export function winogradScratchBytes(op: usize): u64 {
  return VALUES + PLANES * valuePlaneBytes(op) + roundUp(pictureElements(op) * 2, 16) + PICTURE_SLACK
}

function panels(op: usize): usize {
  return opPacked(op) + <usize>(roundUp(outputChannels(op), 8) / 8) * CHANNEL_CONSTANTS_BYTES
}

/** `zeros` is the index of the attribute xZero; wZero follows it. */
export function loadWinograd(op: usize, zeros: u32): void {
  const channels = <usize>inputChannels(op)
  const outputs = <usize>outputChannels(op)
  const planeBytes = <usize>weightPlaneBytes(op)
  packLayerConstants(op, <u32>outputs, opPacked(op), opScratch(op))
  memory.fill(panels(op), 0, ((outputs + 7) >> 3) * PLANES * planeBytes)
  for (let first: usize = 0, panel = panels(op); first < outputs; first += 8, panel += PLANES * planeBytes) {
    const weights = tensorPointer(opInput(op, 1)) + first * 9 * channels
    winogradWeights(weights, channels, channels, min(outputs - first, 8), 9 * channels, opAttribute(op, zeros + 1), panel, planeBytes)
  }
}

export function runWinograd(op: usize, zeros: u32): void {
  const x = opInput(op, 0)
  const y = opOutput(op, 0)
  const height = <usize>tensorDim(x, 1)
  const width = <usize>tensorDim(x, 2)
  const channels = <usize>tensorDim(x, 3)
  const xBytes = height * width * channels
  const yBytes = <usize>tensorDim(y, 1) * tensorDim(y, 2) * tensorDim(y, 3) * elementBytes(tensorType(y))
  const moreHigh = <usize>(pictureHeight(op) - paddedSize(op, 1))
  const moreWide = <usize>(pictureWidth(op) - paddedSize(op, 2))
  const bottom = <usize>opAttribute(op, 5) + moreHigh
  const right = <usize>opAttribute(op, 7) + moreWide
  const picture = opScratch(op) + VALUES + PLANES * <usize>valuePlaneBytes(op)
  pointRows(op)
  for (let i: usize = 0; i < <usize>tensorDim(x, 0); i++) {
    const pixels = tensorPointer(x) + i * xBytes
    const zero = opAttribute(op, zeros)
    widenPicture(pixels, height, width, channels, zero, opAttribute(op, 4), bottom, opAttribute(op, 6), right, 1, channels, picture)
    runPicture(op, zeros, picture, tensorPointer(y) + i * yBytes)
  }
}

/** For each plane, a pointer to the row of V of each tile of a block. */
function pointRows(op: usize): void {
  let pointers = opScratch(op)
  let plane = pointers + VALUES
  const step = <usize>tileBytes(op)
  for (let i: usize = 0; i < PLANES; i++, plane += <usize>valuePlaneBytes(op))
    for (let row = plane, end = plane + <usize>BLOCK * step; row < end; row += step, pointers += 4) store<u32>(pointers, <u32>row)
}

function runPicture(op: usize, zeros: u32, picture: usize, y: usize): void {
  const high = tilesHigh(op)
  const wide = tilesWide(op)
  const rows = blockRows(op)
  for (let row: u32 = 0; row < high; row += rows)
    for (let column: u32 = 0; column < wide; column += BLOCK)
      runBlock(op, zeros, picture, y, row, min(high - row, rows), column, min(wide - column, BLOCK))
}

/** Tiles [row … row + rows) × [column … column + columns) of a picture. */
function runBlock(op: usize, zeros: u32, picture: usize, y: usize, row: u32, rows: u32, column: u32, columns: u32): void {
  const scratch = opScratch(op)
  const outputs = <usize>outputChannels(op)
  const planeBytes = <usize>weightPlaneBytes(op)
  transformTiles(op, picture, row, rows, column, columns)
  let constants = opPacked(op)
  let panel = panels(op)
  for (let first: usize = 0; first < outputs; first += 8, constants += CHANNEL_CONSTANTS_BYTES) {
    for (let plane: usize = 0; plane < PLANES; plane++, panel += planeBytes) {
      const pointers = scratch + ((plane * <usize>BLOCK) << 2)
      gemmPanel(
        pointers,
        rows * columns,
        1,
        scratch + POINTER_BYTES,
        <i32>(planeBytes >> 5),
        panel,
        scratch + SUMS + plane * SUM_PLANE_BYTES,
      )
    }
    const rowBytes = (<usize>columns) << 6
    for (let i: usize = 0; i < <usize>rows; i++)
      winogradResults(
        scratch + SUMS + ((i * <usize>columns) << 5),
        SUM_PLANE_BYTES,
        columns,
        scratch + ACCUMULATORS + 2 * i * rowBytes,
        rowBytes,
      )
    finishBlock(op, zeros, constants, y, first, row, rows, column, columns)
  }
}

function transformTiles(op: usize, picture: usize, row: u32, rows: u32, column: u32, columns: u32): void {
  const columnBytes = (<usize>inputChannels(op)) << 1
  const rowBytes = <usize>pictureWidth(op) * columnBytes
  const channels = <usize>roundUp(inputChannels(op), 8)
  let out = opScratch(op) + VALUES
  for (let i: u32 = 0; i < rows; i++) {
    let x = picture + <usize>(row + i) * 2 * rowBytes + <usize>column * 2 * columnBytes
    for (let j: u32 = 0; j < columns; j++, x += 2 * columnBytes, out += <usize>tileBytes(op))
      winogradTile(x, rowBytes, columnBytes, channels, out, <usize>valuePlaneBytes(op))
  }
}

/** The accumulators of a block's tiles into the result: at once where they are whole rows of it, else row by row. */
function finishBlock(
  op: usize,
  zeros: u32,
  constants: usize,
  y: usize,
  first: usize,
  row: u32,
  rows: u32,
  column: u32,
  columns: u32,
): void {
  const height = tensorDim(opOutput(op, 0), 1)
  const width = tensorDim(opOutput(op, 0), 2)
  const outputs = <usize>outputChannels(op)
  const pixelBytes = outputs * elementBytes(tensorType(opOutput(op, 0)))
  const accumulators = opScratch(op) + ACCUMULATORS
  const highest = min(rows << 1, height - (row << 1))
  let result = y + (<usize>(row << 1) * width + (column << 1)) * pixelBytes
  if (columns << 1 === width) {
    finishPanel(op, zeros, accumulators, highest * width, constants, result, outputs, first)
    return
  }
  const widest = min(columns << 1, width - (column << 1))
  for (let i: u32 = 0; i < highest; i++, result += <usize>width * pixelBytes)
    finishPanel(op, zeros, accumulators + <usize>i * (columns << 6), widest, constants, result, outputs, first)
}
