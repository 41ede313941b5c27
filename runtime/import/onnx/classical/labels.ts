/** A classifier's answer: which class, as the file labels it. */
import type { Emitter } from '../emitter.ts'
import type { NodeView } from '../node.ts'
import { Refusal } from '../refusal.ts'
import type { Accumulator, Floats, Placed } from '../value.ts'
import { constantInts, ints, orderOf } from './floats.ts'

/** Classes by their index: whole numbers, or texts, of which the artifact knows the index only. */
export type Labels = readonly number[] | readonly string[]

/** `classlabels_strings` or one of the names of whole numbers. */
export function labelsOf(node: NodeView, ...names: readonly string[]): Labels {
  const texts = node.texts('classlabels_strings')
  if (texts !== undefined && texts.length > 0) return texts
  for (const name of names) {
    const numbers = node.ints(name)
    if (numbers !== undefined && numbers.length > 0) return numbers
  }
  throw new Refusal('it has no labels', 'classlabels of whole numbers or texts')
}

/** The place of the largest along the last dimension, the first among equals: [N] of [N,C]. */
export function largestOf(emitter: Emitter, scores: Floats): Placed {
  const axis = scores.shape.length - 1
  const y = ints(emitter, scores.shape.slice(0, -1))
  const orders = orderOf(emitter, scores)
  emitter.operator('argMax', [emitter.view(orders, orders.shape)], y, { axis, smallest: 0, last: 0 })
  return y
}

/** 1 where a score of [N,1] is above a number, else 0: [N]. */
export function above(emitter: Emitter, score: Floats, threshold: number): Placed {
  const rows = score.shape[0]!
  const bits = new Int32Array(Float32Array.of(threshold).buffer)[0]!
  const limit = constantInts(emitter, [rows, 1], new Array<number>(rows).fill(bits < 0 ? bits ^ 0x7fffffff : bits))
  const pair = ints(emitter, [rows, 2])
  emitter.operator('concat', [limit, orderOf(emitter, score).tensor], pair, { axis: 1 })
  const y = ints(emitter, [rows])
  emitter.operator('argMax', [pair.tensor], y, { axis: 1, smallest: 0, last: 0 })
  return y
}

/** The labels that indices [N] stand for. */
export function labelled(node: NodeView, indices: Placed, labels: Labels): Accumulator {
  const accumulator = (placed: Placed): Accumulator => ({ kind: 'accumulator', source: 'int64', shape: placed.shape, emit: () => placed })
  if (typeof labels[0] === 'string') {
    node.tell(`the label is a number: ${labels.map((text, index) => `${index} is ${JSON.stringify(text)}`).join(', ')}`)
    return accumulator(indices)
  }
  const numbers = labels as readonly number[]
  if (numbers.every((label, index) => label === index)) return accumulator(indices)
  const wide = numbers.find((label) => (label | 0) !== label)
  if (wide !== undefined) throw new Refusal(`it has the label ${wide}`, 'labels of int32')
  const { emitter } = node
  const y = ints(emitter, indices.shape)
  emitter.operator('gather', [constantInts(emitter, [numbers.length], numbers), emitter.view(indices, indices.shape)], y, { axis: 0 })
  return accumulator(y)
}
