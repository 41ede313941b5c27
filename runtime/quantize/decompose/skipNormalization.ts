import type { CompositeNode, Decompose } from './composite.ts'

/** com.microsoft SkipLayerNormalization: x, skip, gamma, beta, bias; Y, mean, inverse root, x + skip + bias. */
export const skipLayerNormalization: Decompose = (node) => {
  const sum = added(node, 4)
  const operands = node.has(3) ? [sum, node.input(2), node.input(3)] : [sum, node.input(2)]
  const y = node.emit('LayerNormalization', operands, { axis: -1, epsilon: { float: node.float('epsilon', 1e-12) } })
  return withSum(node, y, sum)
}

/** com.microsoft SkipSimplifiedLayerNormalization: x, skip, gamma, bias; the results as above. */
export const skipSimplifiedLayerNormalization: Decompose = (node) => {
  const sum = added(node, 3)
  const y = node.emit('SimplifiedLayerNormalization', [sum, node.input(2)], { axis: -1, epsilon: { float: node.float('epsilon', 1e-12) } })
  return withSum(node, y, sum)
}

function added(node: CompositeNode, bias: number): string {
  const sum = node.emit('Add', [node.input(0), node.input(1)])
  return node.has(bias) ? node.emit('Add', [sum, node.input(bias)]) : sum
}

function withSum(node: CompositeNode, y: string, sum: string): string[] {
  for (const index of [1, 2])
    if ((node.node.outputs[index] ?? '') !== '') node.refuse('it gives its mean or inverse root', 'only its result and the sum')
  return [y, y, y, sum]
}

/** com.microsoft BiasGelu and FastGelu: x and a bias, which the latter may lack. */
export const biasGelu: Decompose = (node) => node.emit('com.microsoft:Gelu', [node.emit('Add', [node.input(0), node.input(1)])])
export const fastGelu: Decompose = (node) => {
  const sum = node.has(1) ? node.emit('Add', [node.input(0), node.input(1)]) : node.input(0)
  const cube = node.emit('Mul', [node.emit('Mul', [sum, sum]), sum])
  const inner = node.emit('Add', [sum, node.emit('Mul', [cube, node.floats([0.044715], [])])])
  const curve = node.emit('Tanh', [node.emit('Mul', [inner, node.floats([Math.sqrt(2 / Math.PI)], [])])])
  return node.emit('Mul', [node.emit('Mul', [sum, node.floats([0.5], [])]), node.emit('Add', [curve, node.floats([1], [])])])
}
