// lookup: y = table[x + 128] on int8. Operands: x, table. Also the run of the operators that become a table at load.
import { OK, RESULT } from '../model/errors'
import { INT8, opInput, opOutput, tensorElements, tensorPointer } from '../model/records'
import { addWork, ELEMENTS_WORK, FIXED_POINT_ELEMENTS } from '../model/work'
import { checkConstant, checkCounts, checkDim, checkNoRequantization, checkRank, checkSameShape, checkType } from './check'

export const TABLE_BYTES: u32 = 256

export function lookupCheck(op: usize): i32 {
  const status = checkCounts(op, 2, 2, 0) || checkNoRequantization(op)
  if (status !== OK) return status
  return (
    checkType(op, 0, INT8) ||
    checkType(op, 1, INT8) ||
    checkConstant(op, 1) ||
    checkRank(op, 1, 1) ||
    checkDim(op, 1, 0, TABLE_BYTES) ||
    checkType(op, RESULT, INT8) ||
    checkSameShape(op, RESULT, 0)
  )
}

export function lookupWork(op: usize, work: usize): void {
  addWork(work, ELEMENTS_WORK, tensorElements(opInput(op, 0)))
}

export function lookupValidate(op: usize): i32 {
  return OK
}

export function lookupPackedBytes(op: usize): u64 {
  return 0
}

export function lookupScratchBytes(op: usize): u64 {
  return 0
}

export function lookupLoad(op: usize): void {}

export function lookupRun(op: usize): void {
  runTable(op, tensorPointer(opInput(op, 1)))
}

/** Work of an int8 operator that is a table, built at load. */
export function addTableWork(op: usize, work: usize): void {
  addWork(work, ELEMENTS_WORK, tensorElements(opInput(op, 0)))
  addWork(work, FIXED_POINT_ELEMENTS, TABLE_BYTES)
}

/** Maps the first operand through 256 int8, the one for −128 first. */
export function runTable(op: usize, table: usize): void {
  let x = tensorPointer(opInput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  const end = x + tensorElements(opInput(op, 0))
  // Flipping the sign bit of the byte adds 128. Four at a time: one load and one store for four lookups.
  for (; x + 4 <= end; x += 4, y += 4) {
    const four = load<u32>(x) ^ 0x80808080
    const low = <u32>load<u8>(table + (four & 0xff)) | ((<u32>load<u8>(table + ((four >> 8) & 0xff))) << 8)
    const high = <u32>load<u8>(table + ((four >> 16) & 0xff)) | ((<u32>load<u8>(table + (four >> 24))) << 8)
    store<u32>(y, low | (high << 16))
  }
  for (; x < end; x++, y++) store<u8>(y, load<u8>(table + (load<u8>(x) ^ 0x80)))
}
