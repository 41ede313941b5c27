/** Normalizations and softmax between DequantizeLinear and QuantizeLinear, held to the standard's formulas in float64. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImportError } from '../../runtime/import/errors.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { assertReference } from '../module/harness.ts'
import { createDice } from '../ops/fuzz.ts'
import { type OnnxAttribute, scalar, tensor, writeOnnx } from './write-onnx.ts'

type Layer = {
  op: string
  shape: readonly number[]
  /** Float32 constants behind the operand. */
  constants?: readonly (readonly number[])[]
  attributes?: Readonly<Record<string, OnnxAttribute>>
  opset?: number
  domain?: string
  /** Brings `shape` to that of the node. */
  permutation?: readonly number[]
  y?: { scale: number; zero: number }
}

const x = { scale: 0.03, zero: 17 }

/** in → DequantizeLinear → (Transpose) → the node → QuantizeLinear → out. */
function layerModel({
  op,
  shape,
  constants = [],
  attributes = {},
  opset = 17,
  domain = '',
  permutation,
  y = { scale: 0.05, zero: -9 },
}: Layer) {
  const names = constants.map((_, index) => `c${index}`)
  return writeOnnx({
    opset,
    constants: [
      ...constants.map((values, index) => tensor(`c${index}`, 'float32', [values.length], values)),
      ...[scalar('xs', 'float32', x.scale), scalar('xz', 'int8', x.zero), scalar('ys', 'float32', y.scale), scalar('yz', 'int8', y.zero)],
    ],
    inputs: [{ name: 'in', type: 'int8', shape }],
    outputs: [{ name: 'out', type: 'int8' }],
    nodes: [
      { op: 'DequantizeLinear', inputs: ['in', 'xs', 'xz'], outputs: ['x'] },
      ...(permutation === undefined ? [] : [{ op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: permutation } }]),
      { op, domain, inputs: [permutation === undefined ? 'x' : 't', ...names], outputs: ['y'], attributes, name: 'layer' },
      { op: 'QuantizeLinear', inputs: ['y', 'ys', 'yz'], outputs: ['out'] },
    ],
  })
}

/** Groups of positions in the node's order that are normalized together. */
function groups(shape: readonly number[], together: readonly number[]): number[][] {
  const found = new Map<string, number[]>()
  const count = shape.reduce((a, b) => a * b, 1)
  for (let position = 0; position < count; position += 1) {
    const key = indices(shape, position)
      .filter((_, axis) => !together.includes(axis))
      .join()
    found.set(key, [...(found.get(key) ?? []), position])
  }
  return [...found.values()]
}

function indices(shape: readonly number[], position: number): number[] {
  const found: number[] = []
  for (let axis = shape.length - 1, rest = position; axis >= 0; axis -= 1) {
    found.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  return found
}

function over(values: number[], group: readonly number[], centred: boolean, epsilon: number): void {
  const own = group.map((position) => values[position]!)
  const mean = centred ? own.reduce((a, b) => a + b) / own.length : 0
  const square = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length
  for (const [index, position] of group.entries()) values[position] = (own[index]! - mean) / Math.sqrt(square + epsilon)
}

/** `expected` changes dequantized numbers in the node's order into the float64 result. */
function held(title: string, layer: Layer, expected: (values: number[], shape: readonly number[]) => void, steps = 0.51): void {
  test(`${title} is within ${steps} steps of float64`, () => {
    const imported = importOnnx(layerModel(layer), { rounding: 'fp32', allowInexact: true })
    const { shape, permutation } = layer
    const inner = permutation === undefined ? shape : permutation.map((axis) => shape[axis]!)
    const count = shape.reduce((a, b) => a * b, 1)
    const dice = createDice(5)
    const input = Int8Array.from(dice.bytes(count))
    const output = new Int8Array(runBytes(imported.model, new Uint8Array(input.buffer)).slice().buffer)
    const [from, to] = [imported.inputs[0]!, imported.outputs[0]!].map(({ order }, port) => (at: readonly number[]) => {
      const sizes = port === 0 ? shape : inner
      return (order ?? sizes.map((_, axis) => axis)).reduce((sum, axis) => sum * sizes[axis]! + at[axis]!, 0)
    }) as [(at: readonly number[]) => number, (at: readonly number[]) => number]
    const values = Array.from({ length: count }, (_, position) => {
      const at = indices(inner, position)
      const source = permutation === undefined ? at : at.map((_, axis) => at[permutation.indexOf(axis)]!)
      return (input[from(source)]! - x.zero) * x.scale
    })
    expected(values, inner)
    const { scale, zero } = layer.y ?? { scale: 0.05, zero: -9 }
    for (let position = 0; position < count; position += 1) {
      const at = indices(inner, position)
      const wanted = Math.min(Math.max(values[position]! / scale + zero, -128), 127)
      assert.ok(Math.abs(output[to(at)]! - wanted) <= steps, `element ${at}: ${output[to(at)]}, float64 ${wanted}`)
    }
    assertReference(imported.model, { inputs: [new Uint8Array(input.buffer)] })
  })
}

const factors = [1.5, -0.3, 0.9, 2, 0.01, 1]
const summands = [0.2, -1.1, 0, 3, -0.4, 0.5]

for (const permutation of [undefined, [0, 2, 1]] as const)
  held(
    `LayerNormalization of the last dimension${permutation ? ' behind a transpose' : ''}`,
    {
      op: 'LayerNormalization',
      shape: permutation ? [2, 6, 5] : [2, 5, 6],
      constants: [factors, summands],
      ...(permutation ? { permutation } : {}),
    },
    (values, shape) => {
      for (const group of groups(shape, [2])) {
        over(values, group, true, 1e-5)
        for (const [index, position] of group.entries()) values[position] = values[position]! * factors[index]! + summands[index]!
      }
    },
  )

held(
  'LayerNormalization from axis 1 on without a bias',
  { op: 'LayerNormalization', shape: [3, 2, 3], constants: [factors], attributes: { axis: 1, epsilon: { float: 0.1 } } },
  (values, shape) => {
    for (const group of groups(shape, [1, 2])) {
      over(values, group, true, Math.fround(0.1))
      for (const [index, position] of group.entries()) values[position]! *= factors[index]!
    }
  },
)

for (const [op, opset] of [
  ['RMSNormalization', 23],
  ['SimplifiedLayerNormalization', 17],
] as const)
  held(op, { op, opset, shape: [4, 6], constants: [factors] }, (values, shape) => {
    for (const group of groups(shape, [1])) {
      over(values, group, false, 1e-5)
      for (const [index, position] of group.entries()) values[position]! *= factors[index]!
    }
  })

held('InstanceNormalization', { op: 'InstanceNormalization', shape: [2, 6, 3, 5], constants: [factors, summands] }, (values, shape) => {
  for (const group of groups(shape, [2, 3])) {
    over(values, group, true, 1e-5)
    for (const position of group) {
      const channel = indices(shape, position)[1]!
      values[position] = values[position]! * factors[channel]! + summands[channel]!
    }
  }
})

for (const [opset, entry] of [
  [18, (channel: number) => Math.floor(channel / 3)],
  [21, (channel: number) => channel],
] as const)
  held(
    `GroupNormalization of operator set ${opset}`,
    {
      op: 'GroupNormalization',
      opset,
      shape: [2, 6, 2, 4],
      constants: opset === 18 ? [factors.slice(0, 2), summands.slice(0, 2)] : [factors, summands],
      attributes: { num_groups: 2 },
    },
    (values, shape) => {
      for (const group of groups([2, 2, 24], [2])) over(values, group, true, 1e-5)
      for (const position of values.keys()) {
        const at = entry(indices(shape, position)[1]!)
        values[position] = values[position]! * factors[at]! + summands[at]!
      }
    },
  )

held('MeanVarianceNormalization', { op: 'MeanVarianceNormalization', shape: [2, 3, 4, 5] }, (values, shape) => {
  for (const group of groups(shape, [0, 2, 3])) over(values, group, true, 1e-9)
})

held(
  'LpNormalization of an inner dimension',
  { op: 'LpNormalization', shape: [2, 7, 3], attributes: { axis: 1 }, y: { scale: 1 / 128, zero: 0 } },
  (values, shape) => {
    for (const group of groups(shape, [1])) {
      over(values, group, false, 0)
      for (const position of group) values[position]! /= Math.sqrt(group.length)
    }
  },
)

for (const [title, axis, opset, together] of [
  ['the last dimension', -1, 13, [2]],
  ['an inner dimension', 1, 13, [1]],
  ['all dimensions from 1 on, before operator set 13,', 1, 11, [1, 2]],
] as const)
  held(
    `Softmax along ${title}`,
    { op: 'Softmax', shape: [2, 5, 4], opset, attributes: { axis }, y: { scale: 1 / 256, zero: -128 } },
    (values, shape) => {
      for (const group of groups(shape, together)) {
        const largest = Math.max(...group.map((position) => values[position]!))
        const sum = group.reduce((total, position) => total + Math.exp(values[position]! - largest), 0)
        for (const position of group) values[position] = Math.exp(values[position]! - largest) / sum
      }
    },
    1,
  )

const erf = (value: number) => {
  // Simpson's rule over the integral, 2000 strips.
  const at = (t: number) => Math.exp(-t * t)
  const step = value / 2000
  let sum = at(0) + at(value)
  for (let strip = 1; strip < 2000; strip += 1) sum += (strip % 2 === 1 ? 4 : 2) * at(strip * step)
  return (2 / Math.sqrt(Math.PI)) * (step / 3) * sum
}

for (const [op, attributes, of] of [
  ['Erf', {}, erf],
  ['Gelu', {}, (value: number) => 0.5 * value * (1 + erf(value / Math.SQRT2))],
  ['Gelu', { approximate: 'tanh' }, (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))],
] as const)
  held(`${op} ${JSON.stringify(attributes)}`, { op, opset: 20, shape: [256], attributes }, (values) => {
    for (const [position, value] of values.entries()) values[position] = of(value)
  })

for (const [title, layer, problem] of [
  ['longer rows than 2^15', { op: 'LayerNormalization', shape: [2 ** 15 + 1], constants: [[1]] }, /rows of 32769 elements.*at most 32768/],
  ['factors of another number', { op: 'LayerNormalization', shape: [2, 6], constants: [[1, 2]] }, /has 2 elements.*one, or 6/],
  ['p = 1', { op: 'LpNormalization', shape: [2, 6], attributes: { p: 1 } }, /its p is 1.*p = 2/],
  [
    'groups that do not divide',
    { op: 'GroupNormalization', shape: [2, 6], constants: [[1], [0]], attributes: { num_groups: 4 } },
    /4 groups of 6/,
  ],
] as readonly (readonly [string, Layer, RegExp])[])
  test(`refuses ${layer.op} with ${title}`, () => {
    assert.throws(
      () => importOnnx(layerModel(layer), { rounding: 'fp32', allowInexact: true }),
      (error: unknown) => error instanceof ImportError && problem.test(error.message),
    )
  })

test('a normalization is refused unless what can differ is allowed', () =>
  assert.throws(
    () => importOnnx(layerModel({ op: 'LayerNormalization', shape: [2, 6], constants: [[1]] }), { rounding: 'fp32' }),
    /float32 root/,
  ))
