// gelu: x·Φ(x) in its tanh form, on int8 through a table or on Q16.16. Attributes on int8: xZero, yZero.
import { gelu16 } from '../math/fixedpoint'
import { clampToByte } from '../math/requantize'
import { OK } from '../model/errors'
import { opAttribute, opInput, opOutput, opPacked, opShift, tensorElements, tensorPointer } from '../model/records'
import { activationTableBytes, addActivationWork, checkActivation, isQ16, requantizeInteger } from './activation'
import { validateIntegerMultiplier } from './check'
import { runTable } from './lookup'

/** Largest |x − xZero|. */
const MOST: i64 = 255

export function geluCheck(op: usize): i32 {
  return checkActivation(op, 2, 2)
}

export function geluWork(op: usize, work: usize): void {
  addActivationWork(op, work, 1)
}

/** |gelu(a)| ≤ |a|, so that what the first requantization can give bounds what the second one takes. */
export function geluValidate(op: usize): i32 {
  if (isQ16(op)) return OK
  const status = validateIntegerMultiplier(op, 0, MOST, -31)
  return status !== OK ? status : validateIntegerMultiplier(op, 1, MOST << max(opShift(op, 0), 0), -31)
}

export function geluPackedBytes(op: usize): u64 {
  return activationTableBytes(op)
}

export function geluScratchBytes(op: usize): u64 {
  return 0
}

export function geluLoad(op: usize): void {
  if (isQ16(op)) return
  for (let i = 0; i < 256; i++) {
    const a = requantizeInteger(op, 0, i - 128 - opAttribute(op, 0))
    store<i8>(opPacked(op) + i, clampToByte(requantizeInteger(op, 1, gelu16(a)), opAttribute(op, 1), -128, 127))
  }
}

export function geluRun(op: usize): void {
  if (!isQ16(op)) {
    runTable(op, opPacked(op))
    return
  }
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  const bytes = (<usize>tensorElements(opInput(op, 0))) << 2
  for (let i: usize = 0; i < bytes; i += 4) store<i32>(y + i, gelu16(load<i32>(x + i)))
}
