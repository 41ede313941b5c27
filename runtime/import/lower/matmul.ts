/** BATCH_MATMUL of two computed operands. */
import type { TensorType } from '../../model/types.ts'
import { accumulatorLimit } from './accumulator.ts'
import { boundsOf } from './activation.ts'
import { affine } from './affine.ts'
import type { Builder } from './builder.ts'
import { layerEntries, layerTypes } from './convolution.ts'
import { transpose } from './move.ts'
import { checkActivation, checkOperands, checkSameType, type NodeView, type Rule } from './rule.ts'

export const matmul: Rule = {
  check(view) {
    checkOperands(view, 2, 2)
    const [a, b, y] = [view.input(0), view.input(1), view.output()]
    for (const tensor of [a, b, y]) checkActivation(view, tensor, layerTypes)
    checkSameType(view, a, b, y)
    if (a.shape.length < 2 || b.shape.length < 2) view.refuse(`it multiplies [${a.shape}] by [${b.shape}]`, 'rank 2 or more')
    const wanted = product(matrixShape(view, 0), matrixShape(view, 1))
    if (wanted?.join() !== y.shape.join()) view.refuse(`[${a.shape}] times [${b.shape}] do not lead to [${y.shape}]`)
    const reach = (zero: number) => Math.max(zero + 128, 127 - zero)
    const largest = a.type === 'int16' ? 2 ** 30 : reach(affine(a).zero) * reach(affine(b).zero)
    if (matrixShape(view, 0).at(-1)! * largest >= accumulatorLimit(a))
      view.refuse(`its accumulators could pass 2^${Math.log2(accumulatorLimit(a))}`, 'fewer elements in a row')
  },
  lower(view, builder) {
    const [a, b, y] = [affine(view.input(0)), affine(view.input(1)), affine(view.output())]
    const real = Math.fround(a.scale * b.scale)
    builder.operator(
      'matmul',
      [matrix(view, builder, 0), matrix(view, builder, 1)],
      builder.tensor(view.outputIndex()),
      { aZero: a.zero, bZero: b.zero, yZero: y.zero, ...boundsOf('NONE', view.output()) },
      layerEntries(builder, view.output(), [{ exact: real / y.scale, single: Math.fround(real / y.scale) }]),
    )
  },
}

const options = ['transposeA', 'transposeB'] as const

/** Its last two dimensions exchanged where the operator says so. */
function matrixOrder(view: NodeView, operand: 0 | 1): number[] {
  const axes = [...view.input(operand).shape.keys()]
  return view.flag(options[operand]) && axes.length > 1 ? [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!] : axes
}

function matrixShape(view: NodeView, operand: 0 | 1): number[] {
  return matrixOrder(view, operand).map((axis) => view.input(operand).shape[axis]!)
}

/** Undefined where the shapes do not fit. */
function product(a: readonly number[], b: readonly number[]): number[] | undefined {
  if (a.at(-1) !== b.at(-2)) return undefined
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let axis = rank; axis > 2; axis -= 1) {
    const [p, q] = [a.at(-axis) ?? 1, b.at(-axis) ?? 1]
    if (p !== q && p !== 1 && q !== 1) return undefined
    shape.push(Math.max(p, q))
  }
  return [...shape, a.at(-2)!, b.at(-1)!]
}

function matrix(view: NodeView, builder: Builder, operand: 0 | 1): number {
  const from = builder.tensor(view.inputIndex(operand))
  if (!view.flag(options[operand])) return from
  const { name, shape, type } = view.input(operand)
  const to = builder.intermediate(`${name}, transposed`, type as TensorType, matrixShape(view, operand))
  transpose(builder, from, shape, matrixOrder(view, operand), to)
  return to
}
