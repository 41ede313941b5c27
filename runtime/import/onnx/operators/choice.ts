/** Equal, Less and their kin, Where, Trilu: of whole numbers, and of float32 between DequantizeLinear and QuantizeLinear. */
import { constantOf } from '../constant.ts'
import { describe, type NodeView, type Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Quantization, real, type Stored, type Value } from '../value.ts'
import { broadcast } from './align.ts'
import { type Comparison, wholeComparison } from './integer.ts'
import { shapeOf } from './shape.ts'
import { floatNumbers, lookedUpPair, storedNumbers, tabled } from './tabled.ts'
import { emitted, isWhole, together, type Whole, wholeAt, wholeOf } from './whole.ts'

const holds: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
  greater: (a, b) => a > b,
  lessOrEqual: (a, b) => a <= b,
  greaterOrEqual: (a, b) => a >= b,
}

/** float32 compares as a table of the int8 that it depends on, or of the two. */
export function comparison(kind: Comparison): Rule {
  const wholes = wholeComparison(kind)
  return (node) => {
    return isWhole(node.value(0)) && isWhole(node.value(1)) ? wholes(node) : compared(node, holds[kind])
  }
}

function compared(node: NodeView, test: (a: number, b: number) => boolean): Value {
  const { tensor, finish } = lookedUpPair(node, tabled(node, 0), tabled(node, 1), (a, b) => Number(test(a, b)))
  return finish('bool', tensor)
}

/** condition ? a : b. */
export const where: Rule = (node) => chosen(node, wholeAt(node, 0), node.value(1), node.value(2))

/** One triangle of each matrix, 0 in place of the other. */
export const trilu: Rule = (node) => {
  const x = node.value(0)
  const shape = shapeOf(x)
  const [rows, columns] = shape.slice(-2)
  if (rows === undefined || columns === undefined) throw new Refusal(`it takes a triangle of [${shape}]`, 'matrices')
  const shift = node.has(1) ? node.number(1) : 0
  const isUpper = node.int('upper', 1) !== 0
  const kept = Array.from({ length: rows * columns }, (_, at) => {
    const above = (at % columns) - Math.floor(at / columns)
    return Number(isUpper ? above >= shift : above <= shift)
  })
  const zero = constantOf('zero', isWhole(x) ? wholeOf(x, 'it').type : 'float32', [], [0])
  return chosen(node, { type: 'bool', shape: [rows, columns], name: 'triangle', numbers: kept }, x, zero)
}

function chosen(node: NodeView, condition: Whole, a: Value, b: Value): Value {
  if (condition.type !== 'bool') throw new Refusal(`its condition is ${condition.type}`, 'bool')
  if (isWhole(a) && isWhole(b)) {
    const [p, q] = [wholeOf(a, 'an operand'), wholeOf(b, 'an operand')]
    if (p.type !== q.type) throw new Refusal(`it chooses between ${p.type} and ${q.type}`, 'one type')
    const { tensor, finish } = selected(node, condition, p, q)
    return finish(p.type, tensor)
  }
  const shape = [condition.shape, shapeOf(a), shapeOf(b)].reduce(broadcast)
  return real(
    shape,
    [a, b].filter((value) => value.kind === 'real'),
    (to) => {
      const { tensor, place } = selected(node, condition, quantizedAs(node, a, to), quantizedAs(node, b, to))
      return { kind: 'activation', ...place(tensor), stored: to.stored, meaning: { quantization: to } }
    },
  )
}

function selected(node: NodeView, condition: Whole, a: Whole, b: Whole) {
  const { tensors, ...more } = together(node, [condition, a, b])
  return { tensor: emitted(node.emitter, 'select', tensors, node.emitter.builder.tensors[tensors[1]!]!.type), ...more }
}

/** float32 by the scale that is wanted, as stored. */
function quantizedAs(node: NodeView, value: Value, to: Quantization): Whole & { type: Stored } {
  if (value.kind === 'real') {
    const placed = value.quantize(to)
    return { type: to.stored, shape: placed.shape, placed }
  }
  const numbers = floatNumbers(value)
  if (numbers === undefined || value.kind === 'unknown')
    throw new Refusal(`it chooses ${describe(value)}`, 'float32 between DequantizeLinear and QuantizeLinear, or whole numbers')
  return { type: to.stored, shape: value.shape, name: node.node.name, numbers: storedNumbers(numbers, to) }
}
