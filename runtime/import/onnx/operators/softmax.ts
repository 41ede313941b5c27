/** Softmax, com.microsoft QLinearSoftmax: onnxruntime divides float32 sums, the artifact TFLite's fixed-point ones. */
import { integerEntries, quantizeMultiplier } from '../../scales.ts'
import { permutationOf, straight } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, int8Zero, type Quantization, real } from '../value.ts'

export const softmax: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  const axis = node.int('axis', node.opset < 13 ? 1 : -1)
  return real(x.shape, [node.real(0)], (to) => lowered(node, x, quantization, to, axis))
}

/** x, x scale, x zero, y scale, y zero. */
export const qlinearSoftmax: Rule = (node) => {
  const [x, quantization] = [node.activation(0), node.quantization(1)]
  x.meaning.quantization ??= quantization
  return lowered(node, x, quantization, node.quantization(3), node.int('axis', node.int('opset', 13) < 13 ? 1 : -1))
}

function lowered(node: NodeView, x: Activation, quantization: Quantization, to: Quantization, given: number): Activation {
  if (node.axis(given, x.shape.length) !== x.shape.length - 1)
    throw new Refusal(`it runs along dimension ${given} of [${x.shape}]`, 'the last dimension')
  node.inexact(
    'onnxruntime divides sums of float32 exponentials, the artifact fixed-point ones',
    'the model ended before it (the largest of its operand is the largest of its result)',
  )
  if (to.scale !== 1 / 256 || int8Zero(to) !== -128)
    throw new Refusal(`its result has scale ${to.scale} and zero point ${to.zero}`, 'scale 1/256 and the least number as zero point')
  const order = [permutationOf(x.layout), straight(x.shape.length)].find((dimensions) => dimensions?.at(-1) === x.shape.length - 1)!
  const emitter = node.begin()
  const y = emitter.place(node.node.outputs[0]!, 'int8', x.shape, order)
  const scale = quantizeMultiplier(Math.min(quantization.scale * 2 ** 26, 2 ** 31 - 1))
  if (scale.shift < 0) throw new Refusal(`the scale ${quantization.scale} of its operand is too small`, '2^-26 or more')
  emitter.builder.operator(
    'softmax',
    [
      emitter.arrange(
        x,
        order.map((dimension) => [dimension]),
      ),
    ],
    y.tensor,
    {},
    integerEntries([scale]),
  )
  return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
}
