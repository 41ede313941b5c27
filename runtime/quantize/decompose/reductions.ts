import type { CompositeNode, Decompose } from './composite.ts'

/** Reductions by sums and largest elements of simpler functions. */
export const reduceL1: Decompose = (node) => reduced(node, 'ReduceSum', node.emit('Abs', [node.input(0)]))
export const reduceSumSquare: Decompose = (node) => reduced(node, 'ReduceSum', squared(node))
export const reduceL2: Decompose = (node) => node.emit('Sqrt', [reduced(node, 'ReduceSum', squared(node))])
export const reduceLogSum: Decompose = (node) => node.emit('Log', [reduced(node, 'ReduceSum', node.input(0))])
export const reduceLogSumExp: Decompose = (node) => node.emit('Log', [reduced(node, 'ReduceSum', node.emit('Exp', [node.input(0)]))])

/** The products of at most so many elements are a chain. */
const mostFactors = 64

export const reduceProd: Decompose = (node) => {
  const shape = node.shape(0)
  const axes = axesOf(node)
  const factors = axes.reduce((product, axis) => product * shape[axis]!, 1)
  if (factors > mostFactors) node.refuse(`it multiplies ${factors} elements`, `at most ${mostFactors}`)
  const product = axes.reduce((x, axis) => {
    const slices = Array.from({ length: shape[axis]! }, (_, at) => node.slice(x, axis, at, at + 1))
    return slices.reduce((a, b) => node.emit('Mul', [a, b]))
  }, node.input(0))
  return node.reshape(product, node.resultShape())
}

/** x − M − log Σ exp(x − M), with the largest element M. */
export const logSoftmax: Decompose = (node) => {
  const shape = node.shape(0)
  const axis = node.axis(node.int('axis', node.opset < 13 ? 1 : -1), shape.length)
  // All dimensions from the axis on, before operator set 13.
  const axes = node.opset < 13 ? [...shape.keys()].slice(axis) : [axis]
  const rest = node.emit('Sub', [node.input(0), over(node, 'ReduceMax', node.input(0), axes, 1)])
  return node.emit('Sub', [rest, node.emit('Log', [over(node, 'ReduceSum', node.emit('Exp', [rest]), axes, 1)])])
}

/** 1 for the first among the largest elements, else 0. */
export const hardmax: Decompose = (node) => {
  const shape = node.shape(0)
  const axis = node.axis(node.int('axis', node.opset < 13 ? 1 : -1), shape.length)
  if (node.opset < 13 && axis !== shape.length - 1) node.refuse('it runs along several dimensions', 'operator set 13 or newer')
  const largest = node.emit('ArgMax', [node.input(0)], { axis, keepdims: 1 })
  const sizes = shape.map((size, dimension) => (dimension === axis ? size : 1))
  const places = node.reshape(node.integers([...new Array<number>(shape[axis]!).keys()]), sizes)
  return node.emit('Cast', [node.emit('Equal', [largest, places])], { to: 1 })
}

function squared(node: CompositeNode): string {
  return node.emit('Mul', [node.input(0), node.input(0)])
}

/** The node's own dimensions. */
function axesOf(node: CompositeNode): number[] {
  const rank = node.shape(0).length
  const given = node.listed('axes', 1) ?? []
  if (given.length > 0) return given.map((axis) => node.axis(axis, rank))
  return node.int('noop_with_empty_axes', 0) === 0 ? [...node.shape(0).keys()] : []
}

function reduced(node: CompositeNode, op: string, x: string): string {
  const axes = axesOf(node)
  return axes.length === 0 ? x : over(node, op, x, axes, node.int('keepdims', 1))
}

/** Sums take their dimensions as an operand from operator set 13 on, the other reductions from 18 on. */
function over(node: CompositeNode, op: string, x: string, axes: readonly number[], keepdims: number): string {
  return node.opset < (op === 'ReduceSum' ? 13 : 18)
    ? node.emit(op, [x], { axes, keepdims })
    : node.emit(op, [x, node.integers(axes)], { keepdims })
}
