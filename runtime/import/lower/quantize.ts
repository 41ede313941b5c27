/** QUANTIZE between int8 tensors, and the stand-alone clamps RELU, RELU6, RELU_N1_TO_1. Float boundaries are boundary.ts's. */
import type { GraphTensor } from '../graph.ts'
import { activationBounds } from './activation.ts'
import type { Builder } from './builder.ts'
import { affine, checkActivation, checkOperands, type NodeView, type Rule, sameAffine } from './rule.ts'

export const quantize: Rule = {
  check: checkUnary,
  lower(view, builder) {
    requantizeTo(builder, view.input(0), builder.tensor(view.inputIndex(0)), view.output(), builder.tensor(view.outputIndex()))
  },
}

export const relu: Rule = {
  check: checkUnary,
  lower(view, builder) {
    const [x, y] = [view.input(0), view.output()]
    const bounds = activationBounds(view.node.op, affine(y))
    const [from, to] = [builder.tensor(view.inputIndex(0)), builder.tensor(view.outputIndex())]
    if (sameAffine(x, y)) builder.operator('clamp', [from], to, bounds)
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

function checkUnary(view: NodeView): void {
  checkOperands(view, 1, 1)
  const [x, y] = [view.input(0), view.output()]
  checkActivation(view, x)
  checkActivation(view, y)
  if (x.shape.join() !== y.shape.join()) view.refuse(`it makes [${y.shape}] of [${x.shape}]`)
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
