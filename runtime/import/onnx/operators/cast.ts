/** Cast, CastLike: between types of whole numbers, and between these and float32. */
import { constantOf } from '../constant.ts'
import { elementTypes, type WholeType, wholeTypes } from '../names.ts'
import { describe, type NodeView, type Rule, typeNameOf } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { offset, real, type Value } from '../value.ts'
import { wholeCast } from './integer.ts'
import { tableReal } from './table.ts'
import { isWhole, narrowed, together, wholeAt, widened } from './whole.ts'

export const cast: Rule = (node) => castTo(node, elementTypes[node.int('to', 0)]?.name ?? `type ${node.int('to', 0)}`)

export const castLike: Rule = (node) => castTo(node, typeNameOf(node.value(1)))

function castTo(node: NodeView, wanted: string): Value {
  const x = node.value(0)
  const to = wholeTypes.find((type) => type === wanted)
  if (x.kind === 'constant') return constantCast(node, wanted)
  if (wanted === 'float32') return isWhole(x) ? realOf(node) : x
  if (to !== undefined && isWhole(x)) return wholeCast(node, to)
  if (to !== undefined && x.kind === 'real') return truncated(node, to)
  throw new Refusal(`it casts ${describe(x)} to ${wanted}`, 'float32 or whole numbers')
}

function constantCast(node: NodeView, wanted: string): Value {
  const { shape, typeName } = node.constant(0)
  const to = wholeTypes.find((type) => type === wanted)
  if (to === undefined && wanted !== 'float32')
    throw new Refusal(`it casts a constant of ${typeName} to ${wanted}`, 'float32 or whole numbers')
  const values = node
    .numbers(0)
    .map((value) => (to === 'bool' ? Number(value !== 0) : to === undefined ? value : lowBits(to, Math.trunc(value))))
  return constantOf(node.node.name, to ?? 'float32', shape, values)
}

/** Of the types that are narrower than a byte. */
function lowBits(type: WholeType, value: number): number {
  const bits = Number(/^u?int([24])$/.exec(type)?.[1] ?? 0)
  if (bits === 0) return value
  const low = ((value % 2 ** bits) + 2 ** bits) % 2 ** bits
  return type.startsWith('u') || low < 2 ** (bits - 1) ? low : low - 2 ** bits
}

/** Whole numbers as float32: int8 as a table, the others as sums of scale 1. */
function realOf(node: NodeView): Value {
  const x = node.value(0)
  if (x.kind === 'activation')
    return tableReal(
      node,
      x,
      Float32Array.from({ length: 256 }, (_, index) => index - 128 + offset(x.stored)),
      [],
      {
        scale: 1,
        zero: 0,
        stored: x.stored,
      },
    )
  const whole = wholeAt(node, 0)
  const { tensors, finish } = together(node, [whole])
  const emit = () => {
    const sums = finish('int32', widened(node.emitter, whole.type, tensors[0]!))
    return sums.kind === 'accumulator' ? sums.emit() : sums
  }
  return real(
    whole.shape,
    [],
    (to) => {
      const sums = emit()
      const emitter = node.begin()
      const y = emitter.placeAs(node.node.outputs[0]!, 'int8', sums.shape, sums.layout, sums.physical)
      const zero = to.zero - offset(to.stored)
      emitter.operator('requantize', [sums.tensor], y, { xZero: 0, yZero: zero, yMin: -128, yMax: 127 }, [
        { exact: 1 / to.scale, single: Math.fround(1 / to.scale) },
      ])
      return { kind: 'activation', ...y, stored: to.stored, meaning: { quantization: to } }
    },
    { sums: { emit, scales: [1] } },
  )
}

/** float32 that depends on one int8, toward zero: a table, where all of its numbers are int8. */
function truncated(node: NodeView, to: WholeType): Value {
  const { table } = node.real(0)
  if (table === undefined)
    throw new Refusal('its operand is float32 that depends on more than one int8', 'QuantizeLinear and DequantizeLinear before it')
  const values = table.values.map((value) => (to === 'bool' ? Number(value !== 0) : Math.trunc(value)))
  const outside = values.find((value) => !(value >= -128 && value <= 127))
  if (outside !== undefined) throw new Refusal(`it casts float32 up to ${outside} to ${to}`, 'numbers from −128 to 127')
  const emitter = node.begin()
  const y = emitter.lookup(table.of, Int8Array.from(values), { scale: 1, zero: 0, stored: 'int8' })
  const { tensors, finish } = together(node, [{ type: 'int8', shape: y.shape, placed: y }])
  return finish(to, narrowed(emitter, to, widened(emitter, 'int8', tensors[0]!)))
}
