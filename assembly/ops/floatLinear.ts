// floatLinear: y = weights · x + bias of float32 bits, rounded to float32 once. The sum has the 53 bits of binary64: it begins with the bias
// and takes the products, which are exact, in the order of the features.
import { exponentOf, isNan, NAN, rounded, shiftedWithSticky, significandOf } from '../math/float32'
import { enter, fail, OK, TENSOR, VALUE } from '../model/errors'
import { INT32, opIndex, opInput, opOutput, tensorDim, tensorElements, tensorIndex, tensorPointer } from '../model/records'
import { addWork, FIXED_POINT_ELEMENTS, MACS } from '../model/work'
import { checkConstant, checkCounts, checkDim, checkNoRequantization, checkRank, checkType, RESULT } from './check'

const INFINITY: u32 = 0x7f800000

export function floatLinearCheck(op: usize): i32 {
  let status = checkCounts(op, 3, 3, 0) || checkNoRequantization(op)
  for (let i: u32 = 0; i < 3 && status === OK; i++) status = checkType(op, i, INT32)
  if (status !== OK) return status
  status = checkType(op, RESULT, INT32) || checkConstant(op, 1) || checkConstant(op, 2)
  status = status || checkRank(op, 0, 2) || checkRank(op, 1, 2) || checkRank(op, 2, 1) || checkRank(op, RESULT, 2)
  if (status !== OK) return status
  const outputs = tensorDim(opInput(op, 1), 0)
  return (
    checkDim(op, 1, 1, tensorDim(opInput(op, 0), 1)) ||
    checkDim(op, 2, 0, outputs) ||
    checkDim(op, RESULT, 0, tensorDim(opInput(op, 0), 0)) ||
    checkDim(op, RESULT, 1, outputs)
  )
}

export function floatLinearWork(op: usize, work: usize): void {
  const macs = <u64>tensorElements(opInput(op, 1)) * tensorDim(opInput(op, 0), 0)
  addWork(work, MACS, macs)
  addWork(work, FIXED_POINT_ELEMENTS, 2 * macs + tensorElements(opOutput(op, 0)))
}

/** Weights and bias are finite. */
export function floatLinearValidate(op: usize): i32 {
  return checkFinite(op, 1) || checkFinite(op, 2)
}

export function checkFinite(op: usize, place: u32): i32 {
  const t = opInput(op, place)
  for (let i: usize = 0; i < <usize>tensorElements(t); i++) {
    const bits = load<u32>(tensorPointer(t) + (i << 2))
    if ((bits & INFINITY) !== INFINITY) continue
    enter(opIndex(op), tensorIndex(t))
    return fail(TENSOR, (VALUE << 8) | place, bits, INFINITY - 1)
  }
  return OK
}

export function floatLinearPackedBytes(op: usize): u64 {
  return 0
}

export function floatLinearScratchBytes(op: usize): u64 {
  return 0
}

export function floatLinearLoad(op: usize): void {}

export function floatLinearRun(op: usize): void {
  const row = (<usize>tensorDim(opInput(op, 0), 1)) << 2
  const weights = tensorPointer(opInput(op, 1))
  const weightsEnd = weights + ((<usize>tensorElements(opInput(op, 1))) << 2)
  let y = tensorPointer(opOutput(op, 0))
  const end = y + ((<usize>tensorElements(opOutput(op, 0))) << 2)
  for (let x = tensorPointer(opInput(op, 0)); y < end; x += row) {
    let bias = tensorPointer(opInput(op, 2))
    for (let w = weights; w < weightsEnd; w += row, bias += 4, y += 4) store<u32>(y, dot(x, w, row, load<u32>(bias)))
  }
}

/** Places of a sum: its highest bit stands in one below it, so that the sum of two has room. */
const HIGHEST: i32 = 61

function dot(x: usize, weights: usize, bytes: usize, bias: u32): u32 {
  let special: u32 = 0
  // The sum is significand · 2^exponent.
  let significand = <i64>significandOf(bias)
  if (bias >>> 31 !== 0) significand = -significand
  let exponent = exponentOf(bias)
  for (let at: usize = 0; at < bytes; at += 4) {
    const a = load<u32>(x + at)
    const w = load<u32>(weights + at)
    if ((a & INFINITY) === INFINITY) {
      special = merged(special, a, w)
      continue
    }
    const product = <i64>(significandOf(a) * significandOf(w))
    if (product === 0) continue
    const term = (a ^ w) >>> 31 !== 0 ? -product : product
    const termExponent = exponentOf(a) + exponentOf(w)
    if (significand === 0) {
      significand = term
      exponent = termExponent
      continue
    }
    // Both with their highest bits in place; the lesser is shifted to the greater's exponent.
    const riseSum = HIGHEST - highestBit(significand)
    const riseTerm = HIGHEST - highestBit(term)
    const sumExponent = exponent - riseSum
    const least = termExponent - riseTerm
    let total: i64
    if (sumExponent >= least) {
      total = (significand << riseSum) + shifted(term << riseTerm, sumExponent - least)
      exponent = sumExponent
    } else {
      total = (term << riseTerm) + shifted(significand << riseSum, least - sumExponent)
      exponent = least
    }
    const drop = max(highestBit(total) - 52, 0)
    significand = drop === 0 ? total : nearest(total, drop)
    exponent += drop
  }
  if (special !== 0) return special
  return significand < 0 ? rounded(1, exponent, <u64>-significand) : rounded(0, exponent, <u64>significand)
}

function highestBit(value: i64): i32 {
  return 63 - <i32>clz(abs(value))
}

function shifted(value: i64, count: i32): i64 {
  const magnitude = <i64>shiftedWithSticky(<u64>abs(value), count)
  return value < 0 ? -magnitude : magnitude
}

/** value / 2^count, ties to even. */
function nearest(value: i64, count: i32): i64 {
  const magnitude = abs(value)
  const half = (<i64>1) << (count - 1)
  let kept = magnitude >> count
  const rest = magnitude - (kept << count)
  if (rest > half || (rest === half && (kept & 1) !== 0)) kept++
  return value < 0 ? -kept : kept
}

/** What infinite and NaN features leave of the sum: infinity of one sign, or NaN. */
function merged(special: u32, a: u32, w: u32): u32 {
  if (isNan(a) || (w & 0x7fffffff) === 0) return NAN
  const infinity = INFINITY | ((a ^ w) & 0x80000000)
  return special === 0 || special === infinity ? infinity : NAN
}
