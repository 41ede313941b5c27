// clamp: y = min(max(x, yMin), yMax), for int8, int16 or int32. Attributes: yMin, yMax.
import { OK, RESULT } from '../model/errors'
import { INT8, INT16, INT32, opAttribute, opInput, opOutput, tensorElements, tensorPointer, tensorType } from '../model/records'
import { addWork, ELEMENTS_WORK } from '../model/work'
import { checkAttribute, checkCounts, checkInt8Bounds, checkInt16Bounds, checkNoRequantization, checkSameShape, checkType } from './check'

export function clampCheck(op: usize): i32 {
  let status = checkCounts(op, 1, 1, 2)
  if (status !== OK) return status
  status = checkNoRequantization(op)
  if (status !== OK) return status
  const given = tensorType(opInput(op, 0))
  const type = given === INT32 || given === INT16 ? given : INT8
  status = checkType(op, 0, type)
  if (status !== OK) return status
  status = checkType(op, RESULT, type)
  if (status !== OK) return status
  status = checkSameShape(op, RESULT, 0)
  if (status !== OK) return status
  if (type === INT16) return checkInt16Bounds(op, 0)
  return type === INT32 ? checkAttribute(op, 1, opAttribute(op, 0), i32.MAX_VALUE) : checkInt8Bounds(op, 0)
}

export function clampWork(op: usize, work: usize): void {
  addWork(work, ELEMENTS_WORK, <u64>tensorElements(opInput(op, 0)) * 3)
}

export function clampValidate(op: usize): i32 {
  return OK
}

export function clampPackedBytes(op: usize): u64 {
  return 0
}

export function clampScratchBytes(op: usize): u64 {
  return 0
}

export function clampLoad(op: usize): void {}

export function clampRun(op: usize): void {
  const low = opAttribute(op, 0)
  const high = opAttribute(op, 1)
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  const n = <usize>tensorElements(opInput(op, 0))
  if (tensorType(opInput(op, 0)) === INT32) {
    for (let i: usize = 0; i < n << 2; i += 4) store<i32>(y + i, min(max(load<i32>(x + i), low), high))
  } else if (tensorType(opInput(op, 0)) === INT16) {
    for (let i: usize = 0; i < n << 1; i += 2) store<i16>(y + i, <i16>min(max(<i32>load<i16>(x + i), low), high))
  } else {
    for (let i: usize = 0; i < n; i++) store<i8>(y + i, min(max(<i32>load<i8>(x + i), low), high))
  }
}
