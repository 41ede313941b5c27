/** Softmax, com.microsoft QLinearSoftmax: onnxruntime divides float32 sums, the artifact TFLite's fixed-point ones. */
import { elementCount } from '../../graph.ts'
import { integerEntries, quantizeMultiplier } from '../../scales.ts'
import { permutationIn } from '../emitter.ts'
import { permutedLayout, straight } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, int8Zero, type Quantization, real, tensorType } from '../value.ts'
import { checkLayerTypes } from './layer.ts'

/** Their sum stays an int32 in the module. */
const mostClasses = 4095

export const softmax: Rule = (node) => {
  const { x, quantization } = node.plain(0)
  const axes = along(node, x, node.int('axis', node.opset < 13 ? 1 : -1), node.opset)
  return real(x.shape, [node.real(0)], (to) => lowered(node, x, quantization, to, axes))
}

/** x, x scale, x zero, y scale, y zero. */
export const qlinearSoftmax: Rule = (node) => {
  const [x, quantization] = [node.activation(0), node.quantization(1)]
  x.meaning.quantization ??= quantization
  const opset = node.int('opset', 13)
  const axes = along(node, x, node.int('axis', opset < 13 ? 1 : -1), opset)
  return lowered(node, x, quantization, node.quantization(3), axes)
}

/** The dimensions that one sum runs over: all from the axis on before operator set 13. */
function along(node: NodeView, x: Activation, given: number, opset: number): number[] {
  const axis = node.axis(given, x.shape.length)
  return opset < 13 ? straight(x.shape.length).slice(axis) : [axis]
}

function lowered(node: NodeView, x: Activation, from: Quantization, to: Quantization, inner: readonly number[]): Activation {
  node.inexact(
    'onnxruntime divides sums of float32 exponentials, the artifact fixed-point ones',
    'the model ended before it (the largest of its operand is the largest of its result)',
  )
  checkLayerTypes(from, to)
  const isWide = to.stored === 'int16'
  if (isWide ? to.scale !== 2 ** -15 || to.zero !== 0 : to.scale !== 1 / 256 || int8Zero(to) !== -128)
    throw new Refusal(
      `its result has scale ${to.scale} and zero point ${to.zero}`,
      isWide ? 'scale 1/32768 and zero point 0' : 'scale 1/256 and the least number as zero point',
    )
  const classes = elementCount(inner.map((dimension) => x.shape[dimension]!))
  if (classes > mostClasses) throw new Refusal(`it runs along ${classes} elements`, `at most ${mostClasses}`)
  // From 2^30 on one step of int8 is e^-16: nothing is left of what is not the largest.
  const scale = quantizeMultiplier(isWide ? from.scale / (10 / 65535) : Math.min(from.scale * 2 ** 26, 2 ** 30 - 1))
  if (scale.shift < 0 && !isWide) throw new Refusal(`the scale ${from.scale} of its operand is too small`, '2^-26 or more')
  const rows = permutationIn(x).filter((dimension) => !inner.includes(dimension))
  const emitter = node.begin()
  const y = emitter.placeAs(node.node.outputs[0]!, tensorType(to.stored), x.shape, permutedLayout(x.shape, [...rows, ...inner]), [
    elementCount(x.shape) / classes,
    classes,
  ])
  emitter.builder.operator('softmax', [emitter.arrange(x, [rows, inner])], y.tensor, {}, integerEntries([scale]))
  return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
}
