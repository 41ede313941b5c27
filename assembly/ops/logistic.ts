// logistic: 1 / (1 + e^−x), on int8 through a table or on Q16.16. Attribute on int8: xZero.
import { logistic, logistic16 } from '../math/fixedpoint'
import { rdpot } from '../math/requantize'
import { OK } from '../model/errors'
import { opAttribute, opInput, opOutput, opPacked, tensorElements, tensorPointer } from '../model/records'
import {
  activationTableBytes,
  addActivationWork,
  checkActivation,
  isQ16,
  requantizeInteger,
  saturationRadius,
  validateSaturating,
} from './activation'
import { runTable } from './lookup'

export function logisticCheck(op: usize): i32 {
  return checkActivation(op, 1, 1)
}

export function logisticWork(op: usize, work: usize): void {
  addActivationWork(op, work)
}

export function logisticValidate(op: usize): i32 {
  return isQ16(op) ? OK : validateSaturating(op)
}

export function logisticPackedBytes(op: usize): u64 {
  return activationTableBytes(op)
}

export function logisticScratchBytes(op: usize): u64 {
  return 0
}

export function logisticLoad(op: usize): void {
  if (isQ16(op)) return
  const radius = saturationRadius(op)
  for (let i = 0; i < 256; i++) {
    const v = i - 128 - opAttribute(op, 0)
    let y = v < 0 ? -128 : 127
    if (v > -radius && v < radius) y = min(rdpot(logistic(requantizeInteger(op, 0, v), 4), 23) - 128, 127)
    store<i8>(opPacked(op) + i, y)
  }
}

export function logisticRun(op: usize): void {
  if (!isQ16(op)) {
    runTable(op, opPacked(op))
    return
  }
  const x = tensorPointer(opInput(op, 0))
  const y = tensorPointer(opOutput(op, 0))
  const bytes = (<usize>tensorElements(opInput(op, 0))) << 2
  for (let i: usize = 0; i < bytes; i += 4) store<i32>(y + i, logistic16(load<i32>(x + i)))
}
