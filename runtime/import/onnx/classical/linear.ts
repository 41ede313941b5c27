/** LinearClassifier, LinearRegressor, and MatMul and Gemm of computed float32 by constants. */
import { numbersOf } from '../constant.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { checkCount, checkFinite, floatsAt, joined, linear, rowsAt, viewed, withNumber } from './floats.ts'
import { above, labelled, labelsOf, largestOf } from './labels.ts'
import { transformed } from './trees.ts'

/** [O,F]; the outputs are as many as the intercepts, and what follows their coefficients is not read. */
function coefficients(node: NodeView, features: number): { weights: number[]; bias: number[] } {
  const all = node.ints('coefficients') ?? []
  const given = node.ints('intercepts') ?? []
  const outputs = given.length > 0 ? given.length : all.length / features
  if (!Number.isInteger(outputs) || outputs === 0 || all.length < outputs * features)
    throw new Refusal(`it has ${all.length} coefficients for ${features} features and ${given.length} intercepts`)
  const weights = all.slice(0, outputs * features)
  const bias = given.length > 0 ? given : new Array<number>(outputs).fill(0)
  checkFinite('coefficients', [...weights, ...bias])
  tellSums(node)
  return { weights, bias }
}

function tellSums(node: NodeView): void {
  node.tell('onnxruntime sums in float32 in an order of its own: scores may differ in their last places')
}

export const linearRegressor: Rule = (node) => {
  const x = rowsAt(node, 0)
  const { weights, bias } = coefficients(node, x.shape[1]!)
  checkCount('targets', bias, node.int('targets', 1))
  return transformed(node.emitter, linear(node.begin(), x, weights, bias), node.text('post_transform', 'NONE'))
}

export const linearClassifier: Rule = (node) => {
  const x = rowsAt(node, 0)
  const labels = labelsOf(node, 'classlabels_ints')
  const { weights, bias } = coefficients(node, x.shape[1]!)
  const emitter = node.begin()
  const scores = linear(emitter, x, weights, bias)
  // What is not a number wins nowhere.
  const counted = withNumber(emitter, 'otherwise', scores, Number.NEGATIVE_INFINITY)
  const transform = node.text('post_transform', 'NONE')
  if (bias.length > 1) {
    checkCount('labels', labels, bias.length)
    return [labelled(node, largestOf(emitter, counted), labels), transformed(emitter, scores, transform)]
  }
  checkCount('labels', labels, 2)
  if (transform !== 'NONE') throw new Refusal(`its one score has the post transform ${transform}`, 'a score for each class, or NONE')
  const probabilities = joined(emitter, [withNumber(emitter, 'sub', scores, 1, 'left'), scores])
  return [labelled(node, above(emitter, counted, 0), labels), probabilities]
}

export const matMul: Rule = (node) => {
  const x = rowsAt(node, 0)
  return linear(node.begin(), x, ...columnsOf(node, false))
}

export const gemm: Rule = (node) => {
  if (node.int('transA', 0) !== 0 || node.float('alpha', 1) !== 1 || node.float('beta', 1) !== 1)
    throw new Refusal('it has transA, alpha or beta', 'none of them')
  const x = rowsAt(node, 0)
  const [weights, none] = columnsOf(node, node.int('transB', 0) !== 0)
  const bias = node.has(2) ? node.numbers(2) : none
  checkFinite('bias', bias)
  return linear(node.begin(), x, weights, bias.length === 1 ? none.map(() => bias[0]!) : bias)
}

/** A constant [F,O], or transposed, as [O,F]; and a bias of zeros. */
function columnsOf(node: NodeView, isTransposed: boolean): [weights: number[], bias: number[]] {
  const constant = node.constant(1)
  const values = numbersOf(constant)
  if (values === undefined || constant.shape.length !== 2) throw new Refusal(`its operand 1 is [${constant.shape}] of ${constant.typeName}`)
  checkFinite('weights', values)
  tellSums(node)
  const [rows, columns] = constant.shape as [number, number]
  const outputs = isTransposed ? rows : columns
  const features = isTransposed ? columns : rows
  const weights = isTransposed
    ? values
    : Array.from({ length: outputs * features }, (_, at) => values[(at % features) * outputs + Math.floor(at / features)]!)
  return [weights, new Array<number>(outputs).fill(0)]
}

/** Sums along the last dimension of a matrix. */
export const reduceSum: Rule = (node) => {
  const x = floatsAt(node, 0)
  const axes = node.listed('axes', 1) ?? []
  const [axis] = axes
  if (x.shape.length !== 2 || axes.length !== 1 || node.axis(axis!, 2) !== 1)
    throw new Refusal(`it sums [${x.shape}] along [${axes}]`, 'the last dimension of a matrix')
  tellSums(node)
  const sums = linear(node.begin(), x, new Array<number>(x.shape[1]!).fill(1), [0])
  return node.int('keepdims', 1) !== 0 ? sums : viewed(node.emitter, sums, [x.shape[0]!])
}
