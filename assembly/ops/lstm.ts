// lstm: x [N, T, I] or, time first, [T, N, I]; inputWeights [4, S, I] and recurrentWeights [4, S, S] int8; bias [4, S] int32; hidden [N, S]
// of x's type, cell [N, S] int16; y as x with S for I, nextHidden, nextCell. x is int8, or int16 with zero points 0 and a bias [4, S, 2] of
// int64. The gates are input, forget, cell, output. Attributes: timeFirst xZero hiddenZero cellClip (0: none).
// Requantization, in integer form in every rounding mode: x's products to each gate, hidden's to each gate, forget · cell, input · cell gate,
// tanh · output to hidden, and cell to the steps of tanh's table.
import { dotRow, dotRowWide, magnitude } from '../kernels/dot'
import { requantizeIn } from '../kernels/int16'
import { widen } from '../kernels/widen'
import { logisticInt16, tanhInt16 } from '../math/int16'
import { clampSum, narrowMultiplier, requantizeSingle, requantizeWide } from '../math/requantize'
import { ACCUMULATOR, fail, OK } from '../model/errors'
import {
  INT8,
  INT16,
  INT32,
  opAttribute,
  opInput,
  opMultiplier,
  opOutput,
  opScratch,
  opShift,
  rounding,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorPointer,
} from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS, GEMV_MACS, MACS, PREPARED_ELEMENTS, REQUANTIZED_ELEMENTS } from '../model/work'
import {
  checkAttribute,
  checkConstant,
  checkCountsOf,
  checkDim,
  checkRank,
  checkRequantizationCounts,
  checkSameShape,
  checkType,
  RESULT,
  validateIntegerMultiplier,
  validateWideMultiplier,
} from './check'
import { largestMagnitude, roundUp } from './layer'
import { isInt16, LARGEST_SUM } from './layer16'

const INPUT: u32 = 0
const FORGET: u32 = 1
const CELL: u32 = 2
const OUTPUT: u32 = 3

// Entries of the requantization behind those of the gates.
const RECURRENT: u32 = 4
const FORGET_CELL: u32 = 8
const INPUT_CELL: u32 = 9
const HIDDEN: u32 = 10
const CELL_STEPS: u32 = 11
const ENTRIES: u32 = 12

function isTimeFirst(op: usize): bool {
  return opAttribute(op, 0) === 1
}

/** N. */
function batch(op: usize): u32 {
  return tensorDim(opInput(op, 0), isTimeFirst(op) ? 1 : 0)
}

/** T. */
function time(op: usize): u32 {
  return tensorDim(opInput(op, 0), isTimeFirst(op) ? 0 : 1)
}

/** I. */
function inputs(op: usize): u32 {
  return tensorDim(opInput(op, 0), 2)
}

/** S. */
function units(op: usize): u32 {
  return tensorDim(opInput(op, 1), 1)
}

export function lstmCheck(op: usize): i32 {
  let status = checkCountsOf(op, 6, 6, 4, 3) || checkRequantizationCounts(op, ENTRIES, ENTRIES)
  if (status !== OK) return status
  const type = isInt16(op) ? INT16 : INT8
  status = checkType(op, 0, type) || checkRank(op, 0, 3) || checkAttribute(op, 0, 0, 1)
  for (let place: u32 = 1; place < 3 && status === OK; place++)
    status = checkType(op, place, INT8) || checkConstant(op, place) || checkRank(op, place, 3) || checkDim(op, place, 0, 4)
  if (status === OK) status = checkDim(op, 1, 2, inputs(op)) || checkDim(op, 2, 1, units(op)) || checkDim(op, 2, 2, units(op))
  if (status === OK) status = checkType(op, 3, INT32) || checkConstant(op, 3) || checkRank(op, 3, type === INT16 ? 3 : 2)
  if (status === OK) status = checkDim(op, 3, 0, 4) || checkDim(op, 3, 1, units(op))
  if (status === OK && type === INT16) status = checkDim(op, 3, 2, 2)
  if (status === OK) status = checkState(op, 4, type) || checkState(op, 5, INT16)
  if (status === OK) status = checkType(op, RESULT, type) || checkRank(op, RESULT, 3) || checkDim(op, RESULT, 2, units(op))
  for (let i: u32 = 0; i < 2 && status === OK; i++) status = checkDim(op, RESULT, i, tensorDim(opInput(op, 0), i))
  const low = type === INT16 ? 0 : -128
  const high = type === INT16 ? 0 : 127
  if (status === OK) status = checkAttribute(op, 1, low, high) || checkAttribute(op, 2, low, high)
  return status || checkAttribute(op, 3, 0, i16.MAX_VALUE)
}

/** State operand `place` and its next value. */
function checkState(op: usize, place: u32, type: u32): i32 {
  const next = RESULT + place - 3
  const status =
    checkType(op, place, type) || checkRank(op, place, 2) || checkDim(op, place, 0, batch(op)) || checkDim(op, place, 1, units(op))
  return status || checkType(op, next, type) || checkSameShape(op, next, place)
}

/** What goes a row at a time costs beside its elements, as so many. */
const ROW_MACS: u64 = 32

export function lstmWork(op: usize, work: usize): void {
  const steps = <u64>batch(op) * time(op)
  const rows = steps * units(op)
  addWork(work, MACS, rows * 4 * (<u64>inputs(op) + units(op)))
  addWork(work, GEMV_MACS, rows * 4 * (roundUp(inputs(op), 8) + roundUp(units(op), 8) + 2 * ROW_MACS))
  addWork(work, PREPARED_ELEMENTS, steps * (<u64>inputs(op) + units(op)))
  addWork(work, REQUANTIZED_ELEMENTS, rows * ENTRIES * 4)
  addWork(work, FIXED_POINT_ELEMENTS, rows * 5)
}

export function lstmValidate(op: usize): i32 {
  const reachX: i64 = isInt16(op) ? 1 << 15 : largestMagnitude(opAttribute(op, 1))
  const reachHidden: i64 = isInt16(op) ? 1 << 15 : largestMagnitude(opAttribute(op, 2))
  let status = OK
  for (let gate: u32 = 0; gate < 4 && status === OK; gate++) {
    status = validateGate(op, gate, gate, 1, inputs(op), reachX, true)
    if (status === OK) status = validateGate(op, gate, RECURRENT + gate, 2, units(op), reachHidden, false)
  }
  for (let entry = FORGET_CELL; entry < CELL_STEPS && status === OK; entry++) status = validateIntegerMultiplier(op, entry, 1 << 30, -31)
  return status || validateIntegerMultiplier(op, CELL_STEPS, 1 << 15, -31)
}

/** The sums of one gate over operand `place`, and the multiplier that they meet. A channel is gate · S + unit. */
function validateGate(op: usize, gate: u32, entry: u32, place: u32, depth: u32, reach: i64, hasBias: bool): i32 {
  const most: i64 = isInt16(op) ? LARGEST_SUM : <i64>i32.MAX_VALUE
  const first = gate * units(op)
  let largest: i64 = 0
  for (let channel = first; channel < first + units(op); channel++) {
    const sum = magnitude(tensorPointer(opInput(op, place)) + <usize>channel * depth, depth) * reach
    const start = hasBias ? bias(op, channel) : 0
    if (start > most - sum || start < sum - most) return fail(ACCUMULATOR, channel, most + 1, most)
    largest = max(largest, abs(start) + sum)
  }
  return isInt16(op) ? validateWideMultiplier(op, entry) : validateIntegerMultiplier(op, entry, largest, -31)
}

function bias(op: usize, channel: u32): i64 {
  const values = tensorPointer(opInput(op, 3))
  return isInt16(op) ? load<i64>(values + ((<usize>channel) << 3)) : <i64>load<i32>(values + ((<usize>channel) << 2))
}

export function lstmPackedBytes(op: usize): u64 {
  return 0
}

/** x and hidden of one step as int16, then the four gates. */
export function lstmScratchBytes(op: usize): u64 {
  return hiddenOffset(op) + gatesOffset(op) + ((<u64>units(op)) << 3)
}

function hiddenOffset(op: usize): u64 {
  return roundUp((<u64>inputs(op)) << 1, 16) + 16
}

/** From hidden on. */
function gatesOffset(op: usize): u64 {
  return roundUp((<u64>units(op)) << 1, 16) + 16
}

export function lstmLoad(op: usize): void {}

export function lstmRun(op: usize): void {
  const size: usize = isInt16(op) ? 2 : 1
  const stateBytes = <usize>units(op)
  memory.copy(tensorPointer(opOutput(op, 1)), tensorPointer(opInput(op, 4)), tensorBytes(opInput(op, 4)))
  memory.copy(tensorPointer(opOutput(op, 2)), tensorPointer(opInput(op, 5)), tensorBytes(opInput(op, 5)))
  for (let n: usize = 0; n < <usize>batch(op); n++) {
    const hidden = tensorPointer(opOutput(op, 1)) + n * stateBytes * size
    const cell = tensorPointer(opOutput(op, 2)) + n * stateBytes * 2
    for (let t: usize = 0; t < <usize>time(op); t++) {
      const row = isTimeFirst(op) ? t * batch(op) + n : n * time(op) + t
      prepare(op, tensorPointer(opInput(op, 0)) + row * inputs(op) * size, hidden)
      for (let gate: u32 = 0; gate < 4; gate++) openGate(op, gate)
      step(op, hidden, cell)
      memory.copy(tensorPointer(opOutput(op, 0)) + row * stateBytes * size, hidden, stateBytes * size)
    }
  }
}

/** x and hidden of one step to int16. */
function prepare(op: usize, x: usize, hidden: usize): void {
  const words = opScratch(op) + <usize>hiddenOffset(op)
  if (isInt16(op)) {
    memory.copy(opScratch(op), x, (<usize>inputs(op)) << 1)
    memory.copy(words, hidden, (<usize>units(op)) << 1)
  } else {
    widen(x, inputs(op), opAttribute(op, 1), opScratch(op))
    widen(hidden, units(op), opAttribute(op, 2), words)
  }
}

function gatePointer(op: usize, gate: u32): usize {
  return opScratch(op) + <usize>(hiddenOffset(op) + gatesOffset(op)) + ((<usize>(gate * units(op))) << 1)
}

/** The values of a gate, in Q0.15. */
function openGate(op: usize, gate: u32): void {
  const depth = <usize>inputs(op)
  const width = <usize>units(op)
  const hidden = opScratch(op) + <usize>hiddenOffset(op)
  const out = gatePointer(op, gate)
  const isWide = isInt16(op)
  let channel = gate * units(op)
  let weights = tensorPointer(opInput(op, 1)) + <usize>channel * depth
  let recurrent = tensorPointer(opInput(op, 2)) + <usize>channel * width
  for (let unit: usize = 0; unit < width; unit++, channel++, weights += depth, recurrent += width) {
    let a: i32
    let b: i32
    if (isWide) {
      a = toGateWide(op, gate, bias(op, channel) + dotRowWide(weights, opScratch(op), depth))
      b = toGateWide(op, RECURRENT + gate, dotRowWide(recurrent, hidden, width))
    } else {
      a = toGate(op, gate, <i32>bias(op, channel) + dotRow(weights, opScratch(op), depth))
      b = toGate(op, RECURRENT + gate, dotRow(recurrent, hidden, width))
    }
    // Q3.12, three steps of the tables each.
    const sum = 3 * clampWord(a + b)
    store<i16>(out + (unit << 1), <i16>(gate === CELL ? tanhInt16(sum) : logisticInt16(sum)))
  }
}

function toGate(op: usize, entry: u32, acc: i32): i32 {
  return clampWord(requantizeIn(rounding(), acc, opMultiplier(op, entry), opShift(op, entry)))
}

function toGateWide(op: usize, entry: u32, acc: i64): i32 {
  return clampWord(requantizeWide(acc, narrowMultiplier(opMultiplier(op, entry)), opShift(op, entry)))
}

/** The nearest int16. */
function clampWord(value: i64): i32 {
  return <i32>min(max(value, <i64>i16.MIN_VALUE), <i64>i16.MAX_VALUE)
}

/** The next cell and hidden, in place. */
function step(op: usize, hidden: usize, cell: usize): void {
  const clip = opAttribute(op, 3)
  const zero = opAttribute(op, 2)
  const mode = rounding()
  const isWide = isInt16(op)
  for (let unit: usize = 0; unit < <usize>units(op); unit++) {
    const word = unit << 1
    const kept = product(op, mode, FORGET_CELL, load<i16>(gatePointer(op, FORGET) + word), load<i16>(cell + word))
    const added = product(op, mode, INPUT_CELL, load<i16>(gatePointer(op, INPUT) + word), load<i16>(gatePointer(op, CELL) + word))
    let next = clampWord(clampWord(kept) + clampWord(added))
    if (clip > 0) next = min(max(next, -clip), clip)
    store<i16>(cell + word, <i16>next)
    const curve = tanhInt16(requantizeSingle(next, opMultiplier(op, CELL_STEPS), opShift(op, CELL_STEPS)))
    const value = product(op, mode, HIDDEN, curve, load<i16>(gatePointer(op, OUTPUT) + word))
    if (isWide) store<i16>(hidden + word, <i16>clampWord(value))
    else store<i8>(hidden + unit, <i8>clampSum(value, zero, -128, 127))
  }
}

function product(op: usize, mode: u32, entry: u32, a: i32, b: i32): i32 {
  return requantizeIn(mode, a * b, opMultiplier(op, entry), opShift(op, entry))
}
