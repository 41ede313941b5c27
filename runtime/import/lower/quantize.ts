/** QUANTIZE between int8 tensors, and the stand-alone clamps RELU, RELU6, RELU_N1_TO_1. Float boundaries are boundary.ts's. */

import { multiply } from '../../reference/arithmetic.ts'
import type { GraphTensor } from '../graph.ts'
import { quantizeMultiplier, roundHalfEven } from '../scales.ts'
import { activationBounds } from './activation.ts'
import { type Affine, affine, sameAffine } from './affine.ts'
import type { Builder } from './builder.ts'
import type { Rule } from './rule.ts'
import { checkUnary, lowerTable } from './unary.ts'

export const quantize: Rule = {
  check: checkUnary,
  lower(view, builder) {
    const [x, y] = [view.input(0), view.output()]
    // From int8 to uint8 and back, where only the type changes in the file.
    if (sameAffine(x, y)) builder.operator('reshape', [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()))
    else if (builder.rounding === 'fp32') lowerTable(view, builder, xnnpackConvert(affine(x), affine(y)))
    else requantizeTo(builder, x, builder.tensor(view.inputIndex(0)), y, builder.tensor(view.outputIndex()))
  },
}

export const relu: Rule = {
  check: checkUnary,
  lower(view, builder) {
    const [x, y] = [view.input(0), view.output()]
    const bounds = activationBounds(view.node.op, affine(y))
    const [from, to] = [builder.tensor(view.inputIndex(0)), builder.tensor(view.outputIndex())]
    if (sameAffine(x, y)) builder.operator('clamp', [from], to, bounds)
    else if (builder.rounding === 'fp32')
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

/**
 * XNNPACK converts between int8 tensors with 8 fraction bits of the scale (qs8-vcvt), where the scale is from 2^-8 to 2^7; TFLite's own
 * kernel takes the rest.
 */
function xnnpackConvert(x: Affine, y: Affine): (q: number) => number {
  const scale = Math.fround(x.scale / y.scale)
  if (!(scale >= 2 ** -8 && scale <= 2 ** 7)) return tfliteRequantize(x, y)
  const multiplier = roundHalfEven(scale * 256)
  return (q) => y.zero + Math.floor(((q - x.zero) * multiplier + 128) / 256)
}

/** TFLite's own kernels round twice, XNNPACK or not; what they do to one int8 is a table. */
function tfliteRequantize(x: Affine, y: Affine): (q: number) => number {
  const scale = { mode: 'double', ...quantizeMultiplier(Math.fround(x.scale / y.scale)) } as const
  return (q) => y.zero + multiply(q - x.zero, scale)
}

export function requantizeTo(
  builder: Builder,
  x: GraphTensor,
  from: number,
  y: GraphTensor,
  to: number,
  bounds = { yMin: -128, yMax: 127 },
): void {
  const real = affine(x).scale / affine(y).scale
  const entries = builder.entries([{ exact: real, single: Math.fround(real) }])
  builder.operator('requantize', [from], to, { xZero: affine(x).zero, yZero: affine(y).zero, ...bounds }, entries)
}
