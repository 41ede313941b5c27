/** The standard's own operators where they compute with float32 between operators of ai.onnx.ml. rules.ts asks these where an operand is float32. */
import { elementTypes } from '../names.ts'
import type { NodeView, Rule } from '../node.ts'
import { narrowed, wholeResult } from '../operators/whole.ts'
import { Refusal } from '../refusal.ts'
import type { Floats } from '../value.ts'
import * as floats from './floats.ts'
import { floatsAt, type Pair } from './floats.ts'
import { largestOf } from './labels.ts'

/** Two operands or more, from the left on. */
export function pairwise(kind: Pair): Rule {
  return (node) => {
    let result = floatsAt(node, 0)
    for (let index = 1; index < node.operands; index += 1) result = floats.combined(node.begin(), kind, result, floatsAt(node, index))
    return result
  }
}

export function unary(apply: (node: NodeView, x: Floats) => Floats): Rule {
  return (node) => apply(node, floatsAt(node, 0))
}

export const negative = unary((node, x) => floats.negated(node.begin(), x))
export const exponential = unary((node, x) => floats.exponential(node.begin(), x))
export const relu = unary((node, x) => floats.withNumber(node.begin(), 'maximum', x, 0))
export const sigmoid = unary((node, x) => {
  node.tell('onnxruntime approximates the logistic function: its values may differ in their last places')
  return floats.logistic(node.begin(), x)
})
export const reciprocal = unary((node, x) => floats.withNumber(node.begin(), 'div', x, 1, 'left'))

export const clip: Rule = (node) => {
  const bound = (name: string, index: number) =>
    node.has(index) ? node.number(index) : node.node.attributes.has(name) ? node.float(name, 0) : undefined
  const [low, high] = [bound('min', 1), bound('max', 2)]
  const x = floatsAt(node, 0)
  const emitter = node.begin()
  const raised = low === undefined ? x : floats.withNumber(emitter, 'maximum', x, low)
  return high === undefined ? raised : floats.withNumber(emitter, 'minimum', raised, high)
}

export const softmax: Rule = (node) => {
  const x = floatsAt(node, 0)
  const axis = node.int('axis', node.opset < 13 ? 1 : -1)
  if (node.axis(axis, x.shape.length) !== x.shape.length - 1)
    throw new Refusal(`it runs along dimension ${axis} of [${x.shape}]`, 'the last dimension')
  node.tell('onnxruntime approximates the exponential function: probabilities may differ in their last places')
  return floats.normalized(node.begin(), x, 'softmax')
}

/** Float64 of float32 is float32 here; bool is whether a number is not 0. */
export const cast: Rule = (node) => {
  const wanted = elementTypes[node.int('to', 0)]?.name ?? `type ${node.int('to', 0)}`
  if (wanted === 'float32' || wanted === 'float64') return node.value(0)
  if (wanted === 'bool') {
    const x = floatsAt(node, 0)
    const order = floats.orderOf(node.begin(), x)
    return wholeResult('bool', { ...order, tensor: narrowed(node.emitter, 'bool', order.tensor) })
  }
  throw new Refusal(`it casts float32 to ${wanted}`, 'float32')
}

/** Whole numbers as float32, or, where they are labels, as the texts that a note tells. */
export const castWhole =
  (otherwise: Rule): Rule =>
  (node) => {
    const x = node.value(0)
    const wanted = elementTypes[node.int('to', 0)]?.name
    if (x.kind !== 'accumulator') return otherwise(node)
    if (wanted === 'string') return x
    return wanted === 'float32' || wanted === 'float64' ? floatsAt(node, 0) : otherwise(node)
  }

export const concat: Rule = (node) => {
  const parts = Array.from({ length: node.operands }, (_, index) => floatsAt(node, index))
  const rank = parts[0]!.shape.length
  if (node.axis(node.int('axis', 0), rank) !== rank - 1)
    throw new Refusal(`it joins along dimension ${node.int('axis', 0)}`, 'the last dimension')
  return floats.joined(node.begin(), parts)
}

export const argMax: Rule = (node) => {
  const x = floatsAt(node, 0)
  if (node.axis(node.int('axis', 0), x.shape.length) !== x.shape.length - 1 || node.int('select_last_index', 0) !== 0)
    throw new Refusal(`it runs along dimension ${node.int('axis', 0)} of [${x.shape}]`, 'the last dimension, and the first among equals')
  const emitter = node.begin()
  const found = largestOf(emitter, x)
  const placed = node.int('keepdims', 1) === 0 ? found : floats.viewed(emitter, found, [...found.shape, 1])
  return { kind: 'accumulator', source: 'int64', shape: placed.shape, emit: () => placed }
}
