import type { CompositeNode, Decompose } from './composite.ts'

/** A product that is no layer: the first matrix transposed, a factor on computed ones, or an addend that is no bias of the columns. */
export const gemm: Decompose = (node) => {
  const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)]
  const transA = node.int('transA', 0) !== 0
  const isLayer = isConstant(node, 1)
  const hasBias = !node.has(2) || (isConstant(node, 2) && isBias(node))
  if (isLayer && hasBias && !transA) return undefined
  const a = transA ? node.transpose(node.input(0), [1, 0]) : node.input(0)
  const b = node.int('transB', 0) !== 0 ? node.transpose(node.input(1), [1, 0]) : node.input(1)
  const product = scaled(node, node.emit('MatMul', [a, b]), alpha)
  return node.has(2) ? node.emit('Add', [product, scaled(node, node.input(2), beta)]) : product
}

function isConstant(node: CompositeNode, index: number): boolean {
  return node.value(index).kind === 'constant'
}

/** One number, or one for each column. */
function isBias(node: CompositeNode): boolean {
  const sizes = node.shape(2)
  return sizes.slice(0, -1).every((size) => size === 1)
}

function scaled(node: CompositeNode, x: string, factor: number): string {
  return factor === 1 ? x : node.emit('Mul', [x, node.floats([factor], [])])
}
