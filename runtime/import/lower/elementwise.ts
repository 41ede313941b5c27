/** ADD, SUB, MUL, MINIMUM, MAXIMUM and PRELU. */
import { type Entries, integerEntries, quantizeMultiplier, roundHalfEven, splitFloat } from '../scales.ts'
import { boundsOf, checkActivationFunction } from './activation.ts'
import { affine } from './affine.ts'
import type { Builder } from './builder.ts'
import { checkActivation, checkMove, checkOperands, checkSameType, type NodeView, type Rule } from './rule.ts'

/** Bits that XNNPACK gives the larger of the two multipliers. */
const multiplierBits = 20

const types = ['int8', 'int16'] as const

export const add = addition('add')

/** XNNPACK subtracts by turning the sign of the second multiplier, as the artifact's operator does. */
export const sub = addition('sub')

function addition(name: 'add' | 'sub'): Rule {
  return {
    check(view) {
      checkPair(view)
      const [a, b, y] = scales(view)
      const shift = xnnpackShift(Math.fround(a / y), Math.fround(b / y))
      if (view.rounding === 'fp32' && !isInt16(view) && !(shift >= 13 && shift <= 30))
        view.refuse(`its scales ${a}, ${b} → ${y} are too far apart for fp32`, 'a ratio between 2^-10 and 2^8, or another rounding mode')
    },
    lower(view, builder) {
      lowerPair(view, builder, name, addEntries(view, builder))
    },
  }
}

export const mul: Rule = {
  check: checkPair,
  lower(view, builder) {
    const [a, b, y] = scales(view)
    const exact = (a * b) / y
    const entries = isInt16(view)
      ? builder.wholeEntries([exact])
      : builder.entries([{ exact, single: Math.fround(Math.fround(a * b) / y) }])
    lowerPair(view, builder, 'mul', entries)
  },
}

export const minimum = extremum('minimum')
export const maximum = extremum('maximum')

function extremum(name: 'minimum' | 'maximum'): Rule {
  return {
    check(view) {
      checkOperands(view, 2, 2)
      const [a, b, y] = [view.input(0), view.input(1), view.output()]
      checkMove(view, a, y)
      checkMove(view, b, y)
      checkBroadcast(view)
    },
    lower(view, builder) {
      builder.operator(name, [builder.tensor(view.inputIndex(0)), builder.tensor(view.inputIndex(1))], builder.tensor(view.outputIndex()))
    },
  }
}

export const prelu: Rule = {
  check(view) {
    checkOperands(view, 2, 2)
    for (const tensor of [view.input(0), view.input(1), view.output()]) checkActivation(view, tensor)
    checkBroadcast(view)
  },
  lower(view, builder) {
    const [x, alpha, y] = [affine(view.input(0)), affine(view.input(1)), affine(view.output())]
    const entries = integerEntries([x.scale / y.scale, (x.scale * alpha.scale) / y.scale].map(quantizeMultiplier))
    const zeros = { xZero: x.zero, alphaZero: alpha.zero, yZero: y.zero }
    const operands = [builder.tensor(view.inputIndex(0)), builder.tensor(view.inputIndex(1))]
    builder.operator('prelu', operands, builder.tensor(view.outputIndex()), { ...zeros, yMin: -128, yMax: 127 }, entries)
  },
}

function checkPair(view: NodeView): void {
  checkOperands(view, 2, 2)
  const tensors = [view.input(0), view.input(1), view.output()]
  for (const tensor of tensors) checkActivation(view, tensor, types)
  checkSameType(view, ...tensors)
  checkActivationFunction(view)
  checkBroadcast(view)
}

function checkBroadcast(view: NodeView): void {
  const [a, b, y] = [view.input(0).shape, view.input(1).shape, view.output().shape]
  for (let axis = 1; axis <= Math.max(a.length, b.length, y.length); axis += 1) {
    const [p, q, size] = [a.at(-axis) ?? 1, b.at(-axis) ?? 1, y.at(-axis) ?? 1]
    if ((p !== size && p !== 1) || (q !== size && q !== 1) || Math.max(p, q) !== size) {
      view.refuse(`shapes [${a}] and [${b}] do not broadcast to [${y}]`)
      return
    }
  }
}

function isInt16(view: NodeView): boolean {
  return view.output().type === 'int16'
}

function lowerPair(view: NodeView, builder: Builder, name: 'add' | 'sub' | 'mul', entries: Entries): void {
  const zeros = { aZero: affine(view.input(0)).zero, bZero: affine(view.input(1)).zero, yZero: affine(view.output()).zero }
  const operands = [builder.tensor(view.inputIndex(0)), builder.tensor(view.inputIndex(1))]
  const bounds = boundsOf(view.text('activation', 'NONE'), view.output())
  builder.operator(name, operands, builder.tensor(view.outputIndex()), { ...zeros, ...bounds }, entries)
}

function scales(view: NodeView): [a: number, b: number, y: number] {
  return [affine(view.input(0)).scale, affine(view.input(1)).scale, affine(view.output()).scale]
}

function addEntries(view: NodeView, builder: Builder): Entries {
  const [a, b, y] = scales(view)
  if (builder.rounding === 'fp32' && !isInt16(view)) {
    const [ratioA, ratioB] = [Math.fround(a / y), Math.fround(b / y)]
    const shift = xnnpackShift(ratioA, ratioB)
    return { multipliers: [roundHalfEven(ratioA * 2 ** shift), roundHalfEven(ratioB * 2 ** shift)], shifts: [shift] }
  }
  const twiceLargest = 2 * Math.max(a, b)
  const raised = isInt16(view) ? 2 ** 15 : 2 ** 20
  return integerEntries([a / twiceLargest, b / twiceLargest, twiceLargest / (raised * y)].map(quantizeMultiplier))
}

/** XNNPACK's exponent is that of 1 ≤ fraction < 2. */
function xnnpackShift(ratioA: number, ratioB: number): number {
  return multiplierBits - (splitFloat(Math.max(ratioA, ratioB)).exponent - 1)
}
