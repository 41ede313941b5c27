// scan: along one dimension each element is the sum (or product) of those up to it, int32 in two's complement. Attributes: axis, product (0, 1),
// exclusive (1: of those before it), reverse (1: from the end).
import { OK, RESULT } from '../model/errors'
import { INT32, opAttribute, opInput, opOutput, tensorBytes, tensorDim, tensorElements, tensorPointer, tensorRank } from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import { checkAttribute, checkCounts, checkNoRequantization, checkSameShape, checkType } from './check'

export function scanCheck(op: usize): i32 {
  let status = checkCounts(op, 1, 1, 4) || checkNoRequantization(op) || checkType(op, 0, INT32) || checkType(op, RESULT, INT32)
  if (status !== OK) return status
  status = checkSameShape(op, RESULT, 0) || checkAttribute(op, 0, 0, tensorRank(opInput(op, 0)) - 1)
  for (let i: u32 = 1; i < 4 && status === OK; i++) status = checkAttribute(op, i, 0, 1)
  return status
}

/** What a row of elements behind the dimension costs beside them, as so many elements. */
const ROW_ELEMENTS: u64 = 4

export function scanWork(op: usize, work: usize): void {
  const x = opInput(op, 0)
  const elements = <u64>tensorElements(x)
  let row: u64 = 1
  for (let i = opAttribute(op, 0) + 1; <u32>i < tensorRank(x); i++) row *= tensorDim(x, i)
  addWork(work, ELEMENTS_WORK, elements + (elements / row) * ROW_ELEMENTS)
}

export function scanValidate(op: usize): i32 {
  return OK
}

export function scanPackedBytes(op: usize): u64 {
  return 0
}

export function scanScratchBytes(op: usize): u64 {
  return 0
}

export function scanLoad(op: usize): void {}

export function scanRun(op: usize): void {
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  const axis = <u32>opAttribute(op, 0)
  const isProduct = opAttribute(op, 1) !== 0
  const isExclusive = opAttribute(op, 2) !== 0
  const size = <usize>tensorDim(opInput(op, 0), axis)
  let row: usize = 4
  for (let i = axis + 1; i < tensorRank(opInput(op, 0)); i++) row *= tensorDim(opInput(op, 0), i)
  const bytes = <usize>tensorBytes(opInput(op, 0))
  const isReverse = opAttribute(op, 3) !== 0
  const step: isize = isReverse ? 0 - <isize>row : <isize>row
  for (let block: usize = 0; block < bytes; block += size * row) {
    const first = block + (isReverse ? (size - 1) * row : 0)
    if (isExclusive) fill(y + first, row, isProduct ? 1 : 0)
    else memory.copy(y + first, x + first, row)
    let at = first + step
    for (let i: usize = 1; i < size; i++, at += step) combineRow(y + at - step, x + (isExclusive ? at - step : at), row, isProduct, y + at)
  }
}

function combineRow(before: usize, x: usize, bytes: usize, isProduct: bool, out: usize): void {
  const end = out + bytes
  if (ASC_FEATURE_SIMD) {
    for (; out + 16 <= end; out += 16, before += 16, x += 16) {
      const a = v128.load(before)
      const b = v128.load(x)
      v128.store(out, isProduct ? i32x4.mul(a, b) : i32x4.add(a, b))
    }
  }
  for (; out < end; out += 4, before += 4, x += 4) {
    const a = load<i32>(before)
    const b = load<i32>(x)
    store<i32>(out, isProduct ? a * b : a + b)
  }
}

function fill(out: usize, bytes: usize, value: i32): void {
  for (const end = out + bytes; out < end; out += 4) store<i32>(out, value)
}
