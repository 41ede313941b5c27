import type { Decompose } from './composite.ts'

/** Y stays one operator; the mean and the inverse root of the variance, where they are asked for, are computed beside it. */
export const layerNormalization: Decompose = (node) => {
  const [, mean = '', inverse = ''] = node.node.outputs
  if (mean === '' && inverse === '') return undefined
  const shape = node.shape(0)
  const axes = [...shape.keys()].slice(node.axis(node.int('axis', -1), shape.length))
  const epsilon = node.float('epsilon', 1e-5)
  const average = (x: string) =>
    node.opset < 18
      ? node.emit('ReduceMean', [x], { axes, keepdims: 1 })
      : node.emit('ReduceMean', [x, node.integers(axes)], { keepdims: 1 })
  const operands = node.node.inputs.map((_, index) => node.input(index))
  const y = node.emit('LayerNormalization', operands, { axis: axes[0]!, epsilon: { float: epsilon } })
  const center = average(node.input(0))
  const rest = node.emit('Sub', [node.input(0), center])
  const variance = node.emit('Add', [average(node.emit('Mul', [rest, rest])), node.floats([epsilon], [])])
  return [y, center, node.emit('Reciprocal', [node.emit('Sqrt', [variance])])]
}
