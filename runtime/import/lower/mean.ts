/** MEAN over constant axes. */
import { elementCount } from '../graph.ts'
import { type Entries, integerEntries, quantizeMultiplier } from '../scales.ts'
import { affine } from './affine.ts'
import type { Builder } from './builder.ts'
import { axisBits, reducedAxes } from './reduce.ts'
import { checkActivation, checkOperands, type NodeView, type Rule } from './rule.ts'

export const mean: Rule = {
  check(view) {
    checkOperands(view, 2, 2)
    const [x, y] = [view.input(0), view.output()]
    checkActivation(view, x)
    checkActivation(view, y)
    if (x.stored === 'uint8') view.refuse('it averages uint8', 'int8')
    const axes = reducedAxes(view)
    if (axes === undefined) view.refuse('its axes are not constant', 'a constant of int32')
    else if (axes.length === 0 || axes.some((axis) => !(axis >= 0 && axis < x.shape.length)))
      view.refuse(`it averages over the dimensions [${axes}] of [${x.shape}]`)
    else if (elementCount(y.shape) !== elementCount(x.shape) / count(view, axes)) view.refuse(`its result has the shape [${y.shape}]`)
    else if (count(view, axes) >= 2 ** 15) view.refuse(`it averages ${count(view, axes)} elements`, 'less than 2^15')
    if (affine(x).scale / affine(y).scale < 2 ** -16) view.refuse('the scale of its result is more than 2^16 times that of its operand')
  },
  lower(view, builder) {
    const axes = reducedAxes(view)!
    const attributes = {
      axes: axisBits(axes),
      xZero: affine(view.input(0)).zero,
      yZero: affine(view.output()).zero,
      yMin: -128,
      yMax: 127,
    }
    builder.operator(
      'mean',
      [builder.tensor(view.inputIndex(0))],
      builder.tensor(view.outputIndex()),
      attributes,
      entries(view, builder, count(view, axes)),
    )
  },
}

function count(view: NodeView, axes: readonly number[]): number {
  return elementCount(axes.map((axis) => view.input(0).shape[axis]!))
}

/** TFLite folds the count into the integer multiplier, XNNPACK into the float32 scale. */
function entries(view: NodeView, builder: Builder, elements: number): Entries {
  const [x, y] = [affine(view.input(0)).scale, affine(view.output()).scale]
  const scale = { exact: x / y, single: Math.fround(x / Math.fround(y * elements)) }
  const whole = builder.entries([scale])
  if (builder.rounding === 'fp32') return whole
  const { multiplier, shift } = quantizeMultiplier(scale.exact)
  const bits = 31 - Math.clz32(elements)
  return integerEntries([{ multiplier: Number((BigInt(multiplier) << BigInt(bits)) / BigInt(elements)), shift: shift - bits }])
}
