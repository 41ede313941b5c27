// cast: the same numbers as another type; of a narrower one the low bits.
import { extendWords } from '../kernels/pairwise'
import { OK, RESULT } from '../model/errors'
import { INT8, INT16, INT32, opInput, opOutput, tensorElements, tensorPointer, tensorType } from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import { checkCounts, checkNoRequantization, checkSameShape, checkType } from './check'

export function castCheck(op: usize): i32 {
  const status = checkCounts(op, 1, 1, 0) || checkNoRequantization(op)
  if (status !== OK) return status
  return checkSigned(op, 0) || checkSigned(op, RESULT) || checkSameShape(op, RESULT, 0)
}

function checkSigned(op: usize, place: u32): i32 {
  const type = tensorType(place === RESULT ? opOutput(op, 0) : opInput(op, place))
  return checkType(op, place, type === INT16 || type === INT32 ? type : INT8)
}

export function castWork(op: usize, work: usize): void {
  addWork(work, ELEMENTS_WORK, tensorElements(opInput(op, 0)))
}

export function castValidate(op: usize): i32 {
  return OK
}

export function castPackedBytes(op: usize): u64 {
  return 0
}

export function castScratchBytes(op: usize): u64 {
  return 0
}

export function castLoad(op: usize): void {}

export function castRun(op: usize): void {
  const from = tensorType(opInput(op, 0))
  if (from === INT8) castFrom<i8>(op)
  else if (from === INT16) castFrom<i16>(op)
  else castFrom<i32>(op)
}

function castFrom<T>(op: usize): void {
  const to = tensorType(opOutput(op, 0))
  if (to === INT8) copy<T, i8>(op)
  else if (to === INT16) copy<T, i16>(op)
  else if (sizeof<T>() === 2) extendWords(tensorPointer(opInput(op, 0)), tensorElements(opInput(op, 0)), tensorPointer(opOutput(op, 0)))
  else copy<T, i32>(op)
}

function copy<T, U>(op: usize): void {
  let x = tensorPointer(opInput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  const end = y + <usize>tensorElements(opOutput(op, 0)) * sizeof<U>()
  for (; y < end; x += sizeof<T>(), y += sizeof<U>()) store<U>(y, <U>load<T>(x))
}
