/** REDUCE_MAX, REDUCE_MIN, SUM, ARG_MAX and ARG_MIN over constant axes. */
import { constantIntegers, elementCount } from '../graph.ts'
import { affine } from './affine.ts'
import { checkActivation, checkMovable, checkMove, checkOperands, type NodeView, type Rule } from './rule.ts'

/** Distinct axes, counted from the front. */
export function reducedAxes(view: NodeView): number[] | undefined {
  const rank = view.input(0).shape.length
  const axes = constantIntegers(view.input(1))?.map((axis) => (axis < 0 ? axis + rank : axis))
  return axes === undefined ? undefined : [...new Set(axes)].sort((a, b) => a - b)
}

/** The axes are constant, and the result has the elements that they leave. */
export function checkReduction(view: NodeView): void {
  checkOperands(view, 2, 2)
  const [x, y] = [view.input(0), view.output()]
  const axes = reducedAxes(view)
  if (axes === undefined) view.refuse('its axes are not constant', 'a constant of int32')
  else if (axes.length === 0 || axes.some((axis) => !(axis >= 0 && axis < x.shape.length)))
    view.refuse(`it goes over the dimensions [${axes}] of [${x.shape}]`)
  else if (elementCount(y.shape) !== elementCount(x.shape.filter((_, axis) => !axes.includes(axis))))
    view.refuse(`its result has the shape [${y.shape}]`)
}

export function axisBits(axes: readonly number[]): number {
  return axes.reduce((bits, axis) => bits | (1 << axis), 0)
}

function extreme(name: 'reduceMax' | 'reduceMin'): Rule {
  return {
    check(view) {
      checkMove(view, view.input(0), view.output())
      checkReduction(view)
    },
    lower(view, builder) {
      builder.operator(name, [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()), {
        axes: axisBits(reducedAxes(view)!),
      })
    },
  }
}

export const reduceMax = extreme('reduceMax')
export const reduceMin = extreme('reduceMin')

/** A mean whose multiplier has no count in it. */
export const sum: Rule = {
  check(view) {
    const [x, y] = [view.input(0), view.output()]
    checkActivation(view, x)
    checkActivation(view, y)
    checkReduction(view)
    const axes = reducedAxes(view) ?? []
    if (elementCount(axes.map((axis) => x.shape[axis] ?? 1)) > 2 ** 22) view.refuse('it adds up more than 2^22 elements')
  },
  lower(view, builder) {
    const [x, y] = [affine(view.input(0)), affine(view.output())]
    const real = x.scale / y.scale
    builder.operator(
      'mean',
      [builder.tensor(view.inputIndex(0))],
      builder.tensor(view.outputIndex()),
      { axes: axisBits(reducedAxes(view)!), xZero: x.zero, yZero: y.zero, yMin: -128, yMax: 127 },
      builder.entries([{ exact: real, single: Math.fround(real) }]),
    )
  },
}

function extremeIndex(smallest: 0 | 1): Rule {
  return {
    check(view) {
      checkMovable(view, view.input(0))
      checkReduction(view)
      if (reducedAxes(view)?.length !== 1) view.refuse('it has several axes', 'one axis')
      if (view.output().type !== 'int32') view.refuse(`its result is ${view.output().type}`, 'int32')
    },
    lower(view, builder) {
      const attributes = { axis: reducedAxes(view)![0]!, smallest, last: 0 }
      builder.operator('argMax', [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()), attributes)
    },
  }
}

export const argMax = extremeIndex(0)
export const argMin = extremeIndex(1)
