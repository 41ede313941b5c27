/** Concat, QLinearConcat and Pad. */
import { type Emitter, permutationIn } from '../emitter.ts'
import { liesAs, permutationOf } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import { Refusal } from '../refusal.ts'
import { type Activation, offset, type Placed, type Real, real, sameQuantization, tensorType } from '../value.ts'
import { concatConstants } from './constants.ts'
import { shapeOf } from './shape.ts'
import { paddedByOwn } from './spread.ts'
import { codeOf, plainReal, tableReal } from './table.ts'

export const concat: Rule = (node) => {
  const values = Array.from({ length: node.operands }, (_, index) => node.value(index))
  if (values.length === 0) throw new Refusal('it joins nothing')
  if (values.every((value) => value.kind === 'constant')) return concatConstants(node, values)
  const first = values[0]!
  const axis = node.axis(node.int('axis', 0), first.kind === 'unknown' ? 0 : first.shape.length)
  if (first.kind === 'activation') {
    const operands = values.map((_, index) => node.activation(index))
    if (operands.some(({ stored }) => stored !== first.stored)) throw new Refusal('its operands are of int8 and uint8', 'one type')
    return joined(node.begin(), operands, axis)
  }
  return joinedReals(
    node,
    values.map((_, index) => node.real(index)),
    axis,
  )
}

/** y scale, y zero, then x, scale and zero of each operand. */
export const qlinearConcat: Rule = (node) => {
  const operands: Real[] = []
  for (let at = 2; at < node.operands; at += 3) operands.push(plainReal(node, node.activation(at), node.quantization(at + 1)))
  if (operands.length === 0) throw new Refusal('it joins nothing')
  const axis = node.axis(node.int('axis', 0), operands[0]!.shape.length)
  return joinedReals(node, operands, axis).quantize(node.quantization(0))
}

function joinedReals(node: NodeView, reals: readonly Real[], axis: number): Real {
  const shape = joinedShape(
    reals.map((value) => value.shape),
    axis,
  )
  const plain = reals.map(({ table }) => table?.plain)
  const [first] = plain
  if (
    first !== undefined &&
    plain.every(
      (quantization) => quantization !== undefined && sameQuantization(quantization, first) && quantization.stored === first.stored,
    )
  ) {
    // The operands are joined only where someone reads them, under whatever scale.
    const values = reals[0]!.table!.values
    let made: Activation | undefined
    const of = () =>
      (made ??= joined(
        node.begin(),
        reals.map(({ table }) => table!.of),
        axis,
      ))
    return real(shape, reals, (to) => tableReal(node, of(), values, []).quantize(to), lazyTable(of, values, first))
  }
  return real(shape, reals, (to) =>
    joined(
      node.begin(),
      reals.map((value) => value.quantize(to)),
      axis,
    ),
  )
}

function lazyTable(
  of: () => Activation,
  values: Float32Array,
  plain: NonNullable<NonNullable<Real['table']>['plain']>,
): Pick<Real, 'table'> {
  return {
    table: {
      get of() {
        return of()
      },
      values,
      plain,
    },
  }
}

function joinedShape(shapes: readonly (readonly number[])[], axis: number): number[] {
  const [first] = shapes as [readonly number[]]
  if (shapes.some((shape) => shape.length !== first.length || shape.some((size, at) => at !== axis && size !== first[at])))
    throw new Refusal(`it joins ${shapes.map((shape) => `[${shape}]`).join(', ')} along dimension ${axis}`)
  return first.map((size, at) => (at === axis ? shapes.reduce((sum, shape) => sum + shape[axis]!, 0) : size))
}

function joined(emitter: Emitter, operands: readonly Activation[], axis: number): Activation {
  const [first] = operands as [Activation]
  const shape = joinedShape(
    operands.map((operand) => operand.shape),
    axis,
  )
  if (operands.length === 1) return first
  if (operands.length > 64) throw new Refusal(`it joins ${operands.length} operands`, 'at most 64')
  // Operands in which a dimension is 1 leave its place open: the order that suits all of them counts.
  const common = operands
    .map(({ layout }) => permutationOf(layout))
    .find((order) => order !== undefined && operands.every(({ layout }) => liesAs(layout, [order])))
  const permutation = common ?? permutationIn(first)
  const inputs = operands.map((operand) =>
    emitter.arrange(
      operand,
      permutation.map((dimension) => [dimension]),
    ),
  )
  const y = emitter.place(`joined by ${emitter.builder.nodeName}`, tensorType(first.stored), shape, permutation)
  emitter.operator('concat', inputs, y, { axis: permutation.indexOf(axis) })
  const [meaning] = operands.map((operand) => operand.meaning).filter(({ quantization }) => quantization !== undefined)
  return { kind: 'activation', ...y, stored: first.stored, meaning: meaning ?? first.meaning }
}

export const pad: Rule = (node) => {
  const x = node.value(0)
  const from = shapeOf(x)
  const mode = node.text('mode', 'constant')
  const rank = from.length
  const given = node.listed('pads', 1) ?? []
  const axes = node.has(3) ? node.numbers(3).map((axis) => node.axis(axis, rank)) : [...from.keys()]
  if (given.length !== 2 * axes.length || given.some((size) => !(Math.abs(size) <= 2 ** 24)))
    throw new Refusal(`it pads [${from}] by [${given}]`, 'two numbers for each dimension')
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)]
  for (const [at, axis] of axes.entries()) {
    before[axis] = given[at]!
    after[axis] = given[at + axes.length]!
  }
  const own = paddedByOwn(node, mode, before, after)
  if (own !== undefined) return own
  if (mode !== 'constant') throw new Refusal(`it pads by ${mode}`, 'constant, edge, reflect or wrap')
  if (x.kind !== 'activation' && x.kind !== 'real' && x.kind !== 'accumulator') throw new Refusal('it pads a constant', 'a computed tensor')
  if (given.some((size) => size < 0)) throw new Refusal(`it pads [${from}] by [${given}]`, 'padding of 0 or more, and Slice')
  const value = node.has(2) ? node.number(2) : node.float('value', 0)
  const shape = from.map((size, axis) => size + before[axis]! + after[axis]!)
  if (x.kind === 'accumulator') {
    const placed = padded(node, x.emit(), shape, before, after, value)
    return { kind: 'accumulator', source: x.source, shape, emit: () => placed }
  }
  if (x.kind === 'activation') return padded(node, x, shape, before, after, value - offset(x.stored))
  return real(shape, [x], (to) => padded(node, x.quantize(to), shape, before, after, codeOf(Math.fround(value), to)))
}

function padded<T extends Placed>(
  node: NodeView,
  x: T,
  shape: number[],
  before: readonly number[],
  after: readonly number[],
  value: number,
): T {
  const emitter = node.begin()
  const permutation = permutationIn(x)
  const input = emitter.arrange(
    x,
    permutation.map((dimension) => [dimension]),
  )
  const y = emitter.place(node.node.outputs[0]!, emitter.builder.tensors[x.tensor]!.type, shape, permutation)
  const attributes: Record<string, number> = { value }
  for (const [place, dimension] of permutation.entries()) {
    attributes[`before${place}`] = before[dimension]!
    attributes[`after${place}`] = after[dimension]!
  }
  emitter.operator('pad', [input], y, attributes)
  return { ...x, ...y, shape }
}
