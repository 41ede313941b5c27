// logistic: 1 / (1 + e^−x), on int8 through a table, on int16 or on Q16.16. Attribute on int8: xZero.
import { logistic, logistic16 } from '../math/fixedpoint'
import { logisticInt16 } from '../math/int16'
import { rdpot } from '../math/requantize'
import { OK } from '../model/errors'
import { opAttribute, opInput, opOutput, opPacked, tensorBytes, tensorPointer } from '../model/records'
import {
  activationTableBytes,
  addActivationWork,
  checkActivation,
  checkActivation16,
  isQ16,
  requantizeInteger,
  saturationRadius,
  stepsOfTable,
  validateActivation16,
  validateSaturating,
} from './activation'
import { isInt16 } from './layer16'
import { runTable } from './lookup'

export function logisticCheck(op: usize): i32 {
  return isInt16(op) ? checkActivation16(op) : checkActivation(op, 1, 1)
}

export function logisticWork(op: usize, work: usize): void {
  addActivationWork(op, work, 7)
}

export function logisticValidate(op: usize): i32 {
  if (isInt16(op)) return validateActivation16(op)
  return isQ16(op) ? OK : validateSaturating(op)
}

export function logisticPackedBytes(op: usize): u64 {
  return activationTableBytes(op)
}

export function logisticScratchBytes(op: usize): u64 {
  return 0
}

export function logisticLoad(op: usize): void {
  if (isQ16(op) || isInt16(op)) return
  const radius = saturationRadius(op)
  for (let i = 0; i < 256; i++) {
    const v = i - 128 - opAttribute(op, 0)
    let y = v < 0 ? -128 : 127
    if (v > -radius && v < radius) y = min(rdpot(logistic(requantizeInteger(op, 0, v), 4), 23) - 128, 127)
    store<i8>(opPacked(op) + i, y)
  }
}

export function logisticRun(op: usize): void {
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  const bytes = <usize>tensorBytes(opInput(op, 0))
  if (isInt16(op)) for (let i: usize = 0; i < bytes; i += 2) store<i16>(y + i, <i16>logisticInt16(stepsOfTable(op, x + i)))
  else if (isQ16(op)) for (let i: usize = 0; i < bytes; i += 4) store<i32>(y + i, logistic16(load<i32>(x + i)))
  else runTable(op, opPacked(op))
}
