/** ADD and MUL. */
import { type Entries, integerEntries, quantizeMultiplier, roundHalfEven, splitFloat } from '../scales.ts'
import { activationBounds, checkActivationFunction } from './activation.ts'
import { affine } from './affine.ts'
import type { Builder } from './builder.ts'
import { checkActivation, checkOperands, type NodeView, type Rule } from './rule.ts'

/** Bits that XNNPACK gives the larger of the two multipliers. */
const multiplierBits = 20

export const add: Rule = {
  check(view) {
    checkPair(view)
    const [a, b, y] = scales(view)
    const shift = xnnpackShift(Math.fround(a / y), Math.fround(b / y))
    if (view.rounding === 'fp32' && !(shift >= 13 && shift <= 30))
      view.refuse(`its scales ${a}, ${b} → ${y} are too far apart for fp32`, 'a ratio between 2^-10 and 2^8, or another rounding mode')
  },
  lower(view, builder) {
    lowerPair(view, builder, 'add', addEntries(view, builder))
  },
}

export const mul: Rule = {
  check: checkPair,
  lower(view, builder) {
    const [a, b, y] = scales(view)
    const single = Math.fround(Math.fround(a * b) / y)
    lowerPair(view, builder, 'mul', builder.entries([{ exact: (a * b) / y, single }]))
  },
}

function checkPair(view: NodeView): void {
  checkOperands(view, 2, 2)
  for (const tensor of [view.input(0), view.input(1), view.output()]) checkActivation(view, tensor)
  checkActivationFunction(view)
  const [a, b, y] = [view.input(0).shape, view.input(1).shape, view.output().shape]
  for (let axis = 1; axis <= Math.max(a.length, b.length, y.length); axis += 1) {
    const [p, q, size] = [a.at(-axis) ?? 1, b.at(-axis) ?? 1, y.at(-axis) ?? 1]
    if ((p !== size && p !== 1) || (q !== size && q !== 1) || Math.max(p, q) !== size) {
      view.refuse(`shapes [${a}] and [${b}] do not broadcast to [${y}]`)
      return
    }
  }
}

function lowerPair(view: NodeView, builder: Builder, name: 'add' | 'mul', entries: Entries): void {
  const y = affine(view.output())
  const zeros = { aZero: affine(view.input(0)).zero, bZero: affine(view.input(1)).zero, yZero: y.zero }
  const operands = [builder.tensor(view.inputIndex(0)), builder.tensor(view.inputIndex(1))]
  const bounds = activationBounds(view.text('activation', 'NONE'), y)
  builder.operator(name, operands, builder.tensor(view.outputIndex()), { ...zeros, ...bounds }, entries)
}

function scales(view: NodeView): [a: number, b: number, y: number] {
  return [affine(view.input(0)).scale, affine(view.input(1)).scale, affine(view.output()).scale]
}

function addEntries(view: NodeView, builder: Builder): Entries {
  const [a, b, y] = scales(view)
  if (builder.rounding === 'fp32') {
    const [ratioA, ratioB] = [Math.fround(a / y), Math.fround(b / y)]
    const shift = xnnpackShift(ratioA, ratioB)
    return { multipliers: [roundHalfEven(ratioA * 2 ** shift), roundHalfEven(ratioB * 2 ** shift)], shifts: [shift] }
  }
  const twiceLargest = 2 * Math.max(a, b)
  return integerEntries([a / twiceLargest, b / twiceLargest, twiceLargest / (2 ** 20 * y)].map(quantizeMultiplier))
}

/** XNNPACK's exponent is that of 1 ≤ fraction < 2. */
function xnnpackShift(ratioA: number, ratioB: number): number {
  return multiplierBits - (splitFloat(Math.max(ratioA, ratioB)).exponent - 1)
}
