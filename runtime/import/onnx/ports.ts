/** Inputs and outputs of the artifact: which tensors they are, how they lie, and what to tell of them. */
import type { ImportedPort } from '../artifact.ts'
import type { Problem } from '../errors.ts'
import { constantFloats, fixedPoint } from './classical/floats.ts'
import { type Constant, malformed } from './constant.ts'
import { checkSize, type Emitter } from './emitter.ts'
import type { Evaluation } from './evaluate.ts'
import { channelsLast, liesAs, permutationOf, permutedLayout, straight } from './layout.ts'
import { describe } from './node.ts'
import { floatNumbers } from './operators/tabled.ts'
import { isWhole, storedAs, straightPlace, straightTensor, type Whole, wholeOf, widened } from './operators/whole.ts'
import { Refusal } from './refusal.ts'
import {
  type Activation,
  type Floats,
  int8Zero,
  type Placed,
  type Quantization,
  type RealTable,
  tensorType,
  type Value,
  type Weights,
} from './value.ts'

/** `source`: the type in the file. `isBits`: the int32 are the bits of float32. `order`: dimension i of the placed tensor is dimension order[i] of the file's. */
export type PortPlace = {
  readonly name: string
  readonly source: string
  readonly type: 'int8' | 'int16' | 'int32'
  readonly placed: Placed
  readonly order: readonly number[]
  readonly quantization: Quantization | undefined
  readonly isBits?: true
}

/** Inputs that no number of the outputs depends on are left out, which `note` tells. */
export function inputPlaces({ inputs, emitter }: Evaluation, outputs: readonly PortPlace[], note: (text: string) => void): PortPlace[] {
  const read = new Set([...emitter.builder.operators.flatMap((operator) => operator.inputs), ...outputs.map(({ placed }) => placed.tensor)])
  return inputs.flatMap(({ port, place }) => {
    const found = place()
    if (found === undefined || !read.has(found.placed.tensor)) {
      note(`no output depends on a number of input "${port.name}": the artifact does not take it`)
      return []
    }
    const order = orderOf(found.placed) ?? straight(found.placed.shape.length)
    return [{ ...found, name: port.name, source: port.type, order }]
  })
}

/** undefined, and a problem told, where the artifact cannot give it. */
export function outputPlace({ values, emitter }: Evaluation, name: string, problems: Problem[]): PortPlace | undefined {
  const value = values.get(name)
  if (value === undefined) throw malformed(`nothing gives its output "${name}"`)
  const node = `model output "${name}"`
  try {
    emitter.node = node
    const found = portValue(value, emitter)
    if (found === undefined && value.kind === 'unknown' && problems.length > 0) return undefined
    if (found === undefined)
      throw new Refusal(
        `it is ${describe(value)}`,
        'whole numbers, DequantizeLinear of int8 or uint8, or int32 sums of one scale (--end ends the model earlier)',
      )
    emitter.node = node
    const placed = found.place(emitter)
    const order = orderOf(placed) ?? straight(placed.shape.length)
    emitter.node = node
    const tensor = emitter.arrange(
      placed,
      order.map((dimension) => [dimension]),
    )
    const physical = order.map((dimension) => placed.shape[dimension]!)
    return {
      ...found,
      name,
      placed: { ...placed, tensor, physical: physical.length === 0 ? [1] : physical, layout: permutedLayout(placed.shape, order) },
      order,
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { problem, nearest } = error
    problems.push({ node, problem, ...(nearest === undefined ? {} : { nearest }) })
    return undefined
  }
}

type PortValue = Pick<PortPlace, 'source' | 'type' | 'quantization' | 'isBits'> & { readonly place: (emitter: Emitter) => Placed }

function portValue(value: Value, emitter: Emitter): PortValue | undefined {
  if (value.kind === 'activation') return activationPort(value.stored, value, value.meaning.quantization)
  if (value.kind === 'accumulator')
    return { source: value.source, type: storedAs(value.source), quantization: undefined, place: value.emit }
  if (value.kind === 'weights' || (value.kind === 'constant' && value.type === 'float32')) return floatConstantPort(value)
  if (isWhole(value)) return constantPort(wholeOf(value, 'it'), emitter)
  if (value.kind === 'floats') return value.isExact ? bitsPort(() => value) : fixedPort(value)
  if (value.kind !== 'real') return undefined
  const { table, sums } = value
  if (table?.plain !== undefined) return activationPort('float32', table.of, table.plain)
  if (table !== undefined) return tablePort(table)
  if (sums === undefined || !sums.scales.every((scale) => scale === sums.scales[0])) return undefined
  return { source: 'float32', type: 'int32', quantization: { scale: sums.scales[0]!, zero: 0, stored: 'int8' }, place: sums.emit }
}

/** A constant lies in the artifact, which gives it whatever the inputs are. */
function constantPort(whole: Whole, emitter: Emitter): PortValue {
  checkSize(whole.shape)
  const type = storedAs(whole.type)
  return { source: whole.type, type, quantization: undefined, place: () => straightPlace(straightTensor(emitter, whole), whole.shape) }
}

function floatConstantPort(value: Constant | Weights): PortValue | undefined {
  const numbers = floatNumbers(value)
  if (numbers === undefined) return undefined
  checkSize(value.shape)
  return bitsPort((emitter) => straightPlace(constantFloats(emitter, value.shape, numbers), value.shape))
}

/** Float32 that one int8 decides leaves as the bits of its table's number. */
function tablePort({ of, values }: RealTable): PortValue {
  return bitsPort((emitter) => {
    const wide = widened(emitter, 'uint8', emitter.view(of, of.physical))
    const y = emitter.placeAs(emitter.builder.nodeName, 'int32', of.shape, of.layout, of.physical)
    emitter.operator('gather', [constantFloats(emitter, [256], [...values]), wide], y, { axis: 0 })
    return y
  })
}

function bitsPort(place: (emitter: Emitter) => Placed): PortValue {
  return { source: 'float32', type: 'int32', quantization: undefined, isBits: true, place }
}

/** Numbers of which nothing is known have so many bits behind the point. */
const usualBits = 16

/** Float32 leaves as fixed point: with as many bits behind the point as the greatest magnitude leaves, up to 30. */
function fixedPort(value: Floats): PortValue {
  const { largest = 2 ** (30 - usualBits) } = value
  const whole = Math.max(0, Math.ceil(Math.log2(Math.max(largest, 2 ** -30))))
  const bits = Math.max(0, 30 - whole)
  return {
    source: 'float32',
    type: 'int32',
    quantization: { scale: 2 ** -bits, zero: 0, stored: 'int8' },
    place: (emitter) => fixedPoint(emitter, value, bits),
  }
}

function activationPort(source: string, activation: Activation, quantization: Quantization | undefined): PortValue {
  return { source, type: tensorType(activation.stored), quantization, place: () => activation }
}

/** The order in which memory has the dimensions: the one by which the tensor has its shape, where dimensions of 1 leave a choice. */
function orderOf({ shape, layout, physical }: Placed): number[] | undefined {
  const rank = shape.length
  const orders = [straight(rank), channelsLast(rank), permutationOf(layout)].filter(
    (order) => order !== undefined && liesAs(layout, [order]),
  )
  return orders.find((order) => order?.map((dimension) => shape[dimension]!).join() === physical.join()) ?? orders[0]
}

/** Each output is the result of an operator, and of another one than every other output. */
export function distinctOutputs(emitter: Emitter, places: readonly PortPlace[]): PortPlace[] {
  const taken = new Set<number>()
  const produced = new Set(emitter.builder.operators.flatMap(({ outputs }) => outputs))
  return places.map((place) => {
    const { placed, name, type } = place
    if (!taken.has(placed.tensor) && produced.has(placed.tensor)) {
      taken.add(placed.tensor)
      return place
    }
    const tensor = emitter.builder.intermediate(name, type, placed.physical)
    emitter.node = `model output "${name}"`
    emitter.builder.operator('reshape', [placed.tensor], tensor)
    return { ...place, placed: { ...placed, tensor } }
  })
}

export function describePort({ name, source, type, placed, order, quantization, isBits }: PortPlace): ImportedPort {
  const zeroPoint = quantization === undefined || type === 'int32' ? 0 : int8Zero(quantization)
  const moved = order.join() !== straight(order.length).join()
  return {
    name,
    source,
    type,
    shape: [...placed.physical],
    scale: quantization?.scale ?? 0,
    zeroPoint,
    ...(isBits ? { isBits } : {}),
    ...(moved ? { order: [...order], sourceShape: [...placed.shape] } : {}),
  }
}

export function portNotes(what: 'input' | 'output', { name, source, type, shape, isBits, order, sourceShape }: ImportedPort): string[] {
  const verb = what === 'input' ? 'takes' : 'gives'
  const notes: string[] = []
  if (isBits) notes.push(`${what} "${name}" is ${source} in the file; the artifact ${verb} the 32 bits of each number as float32`)
  else if (source === 'float32') notes.push(`${what} "${name}" is float32 in the file; the artifact ${verb} its ${type} form`)
  if (!isBits && source !== type && source !== 'float32' && source !== 'uint8')
    notes.push(`${what} "${name}" is ${source} in the file; the artifact ${verb} ${type}${wideNote(source)}`)
  if (source === 'uint8') notes.push(`${what} "${name}" is uint8 in the file; the artifact ${verb} int8, 128 less`)
  if (order !== undefined) {
    const named = order.join() === channelsLast(4).join() ? 'NHWC' : `its dimensions in the order ${order}`
    notes.push(`${what} "${name}" is [${sourceShape}] in the file; the artifact ${verb} ${named}, [${shape}]`)
  }
  return notes
}

function wideNote(source: string): string {
  return source.endsWith('64') ? ', and computes with 32 bits' : ''
}
