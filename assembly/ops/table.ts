// The operator table: the only place that maps an artifact's operator codes to functions. Every operator is a file of plain functions:
//   NAMECheck(op): i32            operands' number and types, attributes' ranges, shape rule; never looks at constants' bytes, so that its cost does not
//                                 depend on their size. Leaves every quantity that the other functions compute within 64 bits.
//   NAMEWork(op, work): void      adds to the vector of 16 u64 at `work` (docs/embedding.md); slots 1 and 11 to 15 are added by the frame
//   NAMEValidate(op): i32         values of constants, multipliers and shifts: time linear in their bytes
//   NAMEPackedBytes(op): u64      size of opPacked(op)
//   NAMEScratchBytes(op): u64     size of opScratch(op)
//   NAMELoad(op): void            packs weights and builds tables into opPacked(op)
//   NAMERun(op): void             reads operands, writes the result: never a byte past its end, because another tensor may follow
// They are called in this order; each after the one before succeeded, Work to ScratchBytes without buffers.

import { fail, OPERATOR } from '../model/errors'
import { opCode } from '../model/records'
import { clampCheck, clampLoad, clampPackedBytes, clampRun, clampScratchBytes, clampValidate, clampWork } from './clamp'

export const CONV2D: u32 = 1
export const DEPTHWISE_CONV2D: u32 = 2
export const FULLY_CONNECTED: u32 = 3
export const ADD: u32 = 4
export const MUL: u32 = 5
export const AVERAGE_POOL: u32 = 6
export const MAX_POOL: u32 = 7
export const MEAN: u32 = 8
export const PAD: u32 = 9
export const CONCAT: u32 = 10
export const RESHAPE: u32 = 11
export const SOFTMAX: u32 = 12
export const CLAMP: u32 = 13
export const LOOKUP: u32 = 14
export const REQUANTIZE: u32 = 15
export const LOGISTIC: u32 = 16
export const TANH: u32 = 17
export const GELU: u32 = 18

/** Largest operator code. */
export const LAST_OPERATOR: u32 = GELU

export function opCheck(op: usize): i32 {
  switch (opCode(op)) {
    case CLAMP:
      return clampCheck(op)
    default:
      return fail(OPERATOR, 0, opCode(op), LAST_OPERATOR)
  }
}

export function opWork(op: usize, work: usize): void {
  switch (opCode(op)) {
    case CLAMP:
      clampWork(op, work)
      break
    default:
      break
  }
}

export function opValidate(op: usize): i32 {
  switch (opCode(op)) {
    case CLAMP:
      return clampValidate(op)
    default:
      return 0
  }
}

export function opPackedBytes(op: usize): u64 {
  switch (opCode(op)) {
    case CLAMP:
      return clampPackedBytes(op)
    default:
      return 0
  }
}

export function opScratchBytes(op: usize): u64 {
  switch (opCode(op)) {
    case CLAMP:
      return clampScratchBytes(op)
    default:
      return 0
  }
}

export function opLoad(op: usize): void {
  switch (opCode(op)) {
    case CLAMP:
      clampLoad(op)
      break
    default:
      break
  }
}

export function opRun(op: usize): void {
  switch (opCode(op)) {
    case CLAMP:
      clampRun(op)
      break
    default:
      break
  }
}
