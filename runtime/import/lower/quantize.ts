/** QUANTIZE between integer tensors, and the stand-alone clamps RELU, RELU6, RELU_N1_TO_1. Float boundaries are boundary.ts's. */

import { multiply } from '../../reference/arithmetic.ts'
import type { GraphTensor } from '../graph.ts'
import { quantizeMultiplier } from '../scales.ts'
import { boundsOf } from './activation.ts'
import { type Affine, affine, sameAffine } from './affine.ts'
import type { Builder } from './builder.ts'
import { checkNumbers, checkOperands, type Rule } from './rule.ts'
import { checkUnary, lowerTable, xnnpackScaled } from './unary.ts'

const types = ['int8', 'int16', 'int32'] as const

export const quantize: Rule = {
  check(view) {
    checkOperands(view, 1, 1)
    const [x, y] = [view.input(0), view.output()]
    for (const tensor of [x, y]) checkNumbers(view, tensor, types)
    if (x.shape.join() !== y.shape.join()) view.refuse(`it makes [${y.shape}] of [${x.shape}]`)
    if (x.type === 'int32' && affine(x).zero !== 0) view.refuse(`its operand of int32 has the zero point ${affine(x).zero}`, '0')
    if (x.type === 'int32' && y.type === 'int8' && view.rounding === 'fp32')
      view.refuse('it makes int8 of int32 in fp32', 'another rounding mode')
  },
  lower(view, builder) {
    const [x, y] = [view.input(0), view.output()]
    // From int8 to uint8 and back, where only the type changes in the file.
    if (sameAffine(x, y) && x.type === y.type)
      builder.operator('reshape', [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()))
    else if (builder.rounding === 'fp32' && x.type === 'int8' && y.type === 'int8')
      lowerTable(view, builder, xnnpackConvert(affine(x), affine(y)))
    else requantizeTo(builder, x, builder.tensor(view.inputIndex(0)), y, builder.tensor(view.outputIndex()))
  },
}

export const relu: Rule = {
  check(view) {
    checkUnary(view, ['int8', 'int16'])
  },
  lower(view, builder) {
    const [x, y] = [view.input(0), view.output()]
    const bounds = boundsOf(view.node.op, y)
    const [from, to] = [builder.tensor(view.inputIndex(0)), builder.tensor(view.outputIndex())]
    if (sameAffine(x, y)) builder.operator('clamp', [from], to, bounds)
    else if (builder.rounding === 'fp32' && x.type === 'int8')
      lowerTable(view, builder, (q) => Math.min(Math.max(tfliteRequantize(affine(x), affine(y))(q), bounds.yMin), bounds.yMax))
    else requantizeTo(builder, x, from, y, to, bounds)
  },
}

/** DEQUANTIZE inside a graph, or QUANTIZE of a float32 tensor that is no model input. */
export const dequantize: Rule = {
  check(view) {
    view.refuse('it turns integers into float32 inside the model', 'integers throughout; DEQUANTIZE only before a model output')
  },
  lower() {},
}

/** XNNPACK converts between int8 tensors by scales from 2^-8 to 2^7 (qs8-vcvt); TFLite's own kernel takes the rest. */
function xnnpackConvert(x: Affine, y: Affine): (q: number) => number {
  const scale = Math.fround(x.scale / y.scale)
  if (!(scale >= 2 ** -8 && scale <= 2 ** 7)) return tfliteRequantize(x, y)
  return (q) => y.zero + xnnpackScaled(q - x.zero, scale)
}

/** TFLite's own kernels round twice, XNNPACK or not; what they do to one int8 is a table. */
function tfliteRequantize(x: Affine, y: Affine): (q: number) => number {
  const scale = { mode: 'double', ...quantizeMultiplier(Math.fround(x.scale / y.scale)) } as const
  return (q) => y.zero + multiply(q - x.zero, scale)
}

/** Of the numbers of a type. */
const wholeRange: Readonly<Record<string, { yMin: number; yMax: number }>> = {
  int8: { yMin: -128, yMax: 127 },
  int16: { yMin: -(2 ** 15), yMax: 2 ** 15 - 1 },
  int32: { yMin: -(2 ** 31), yMax: 2 ** 31 - 1 },
}

export function requantizeTo(
  builder: Builder,
  x: GraphTensor,
  from: number,
  y: GraphTensor,
  to: number,
  bounds = wholeRange[y.type]!,
): void {
  const real = affine(x).scale / affine(y).scale
  const isWhole = x.type === 'int16' || y.type !== 'int8'
  const entries = isWhole ? builder.wholeEntries([real]) : builder.entries([{ exact: real, single: Math.fround(real) }])
  builder.operator('requantize', [from], to, { xZero: affine(x).zero, yZero: affine(y).zero, ...bounds }, entries)
}
