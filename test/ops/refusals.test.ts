/** What the operators refuse, and the field of the error record that says where. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, floatBits } from '../../runtime/model/types.ts'
import { type OperatorSpec, openModel, operatorModel, refusal } from '../module/harness.ts'

const codes = { encoding: 2, tensor: 7, attribute: 8, shape: 9, multiplier: 12, accumulator: 13, memory: 14 } as const

const zeros = (count: number) => new Int8Array(count)

const conv2d = (change: Partial<OperatorSpec> = {}): OperatorSpec => ({
  name: 'conv2d',
  rounding: 'double',
  operands: [{ shape: [1, 4, 4, 2] }, { shape: [3, 3, 3, 2], values: zeros(54) }],
  result: { shape: [1, 4, 4, 3] },
  attributes: [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, -128, 127],
  multipliers: [2 ** 30],
  shifts: [-8],
  ...change,
})

/** Attributes of conv2d() with one of them replaced. */
function attribute(index: number, value: number): Partial<OperatorSpec> {
  return { attributes: conv2d().attributes!.map((usual, at) => (at === index ? value : usual)) }
}

const layer = (change: Partial<OperatorSpec> = {}): OperatorSpec => ({
  name: 'fullyConnected',
  rounding: 'double',
  operands: [{ shape: [1, 8] }, { shape: [2, 8], values: zeros(16) }],
  result: { shape: [1, 2] },
  attributes: [0, 0, 0, -128, 127],
  multipliers: [2 ** 30],
  shifts: [-8],
  ...change,
})

const binary = (name: 'add' | 'mul', change: Partial<OperatorSpec> = {}): OperatorSpec => ({
  name,
  rounding: 'double',
  operands: [{ shape: [2, 3] }, { shape: [2, 3] }],
  result: { shape: [2, 3] },
  attributes: [0, 0, 0, -128, 127],
  multipliers: name === 'add' ? [2 ** 30, 2 ** 30, 2 ** 30] : [2 ** 30],
  shifts: name === 'add' ? [0, 0, -18] : [-8],
  ...change,
})

/** 8 · 255 · 128 and this bias reach 2^31 − 1 exactly. */
const mostBias = 2 ** 31 - 1 - 8 * 255 * 128
const biased = (bias: number): Partial<OperatorSpec> => ({
  operands: [
    { shape: [1, 8] },
    { shape: [2, 8], values: new Int8Array(16).fill(-128) },
    { type: 'int32', shape: [2], values: Int32Array.of(0, bias) },
  ],
  attributes: [0, 127, 0, -128, 127],
})

const refusals: readonly (readonly [title: string, spec: OperatorSpec, code: number, field: number])[] = [
  ['conv2d: a stride of 0', conv2d(attribute(0, 0)), codes.attribute, 0],
  ['conv2d: a dilation of 0', conv2d(attribute(3, 0)), codes.attribute, 3],
  ['conv2d: padding as large as the kernel', conv2d(attribute(4, 3)), codes.attribute, 4],
  ['conv2d: negative padding', conv2d(attribute(7, -1)), codes.attribute, 7],
  ['conv2d: groups', conv2d(attribute(8, 2)), codes.attribute, 8],
  ['conv2d: a zero point outside int8', conv2d(attribute(9, 128)), codes.attribute, 9],
  ['conv2d: yMax below yMin', conv2d({ attributes: [...conv2d().attributes!.slice(0, 12), 5, 4] }), codes.attribute, 13],
  ['conv2d: a result of another height', conv2d({ result: { shape: [1, 3, 4, 3] } }), codes.shape, 1],
  ['conv2d: a result of another channel count', conv2d({ result: { shape: [1, 4, 4, 2] } }), codes.shape, 3],
  [
    'conv2d: a window larger than the padded picture',
    conv2d({ operands: [{ shape: [1, 1, 1, 2] }, conv2d().operands[1]!], attributes: [1, 1, 4, 4, 1, 1, 1, 1, 1, 0, 0, 0, -128, 127] }),
    codes.shape,
    1,
  ],
  ['conv2d: weights for other channels', conv2d({ operands: [{ shape: [1, 4, 4, 1] }, conv2d().operands[1]!] }), codes.shape, 3],
  [
    'conv2d: weights that are no constant',
    conv2d({ operands: [{ shape: [1, 4, 4, 2] }, { shape: [3, 3, 3, 2] }] }),
    codes.tensor,
    (1 << 8) | 1,
  ],
  ['conv2d: two multipliers for three channels', conv2d({ multipliers: [2 ** 30, 2 ** 30], shifts: [-8, -8] }), codes.encoding, 4],
  [
    'conv2d: requantization of an int32 result',
    conv2d({ result: { type: 'int32', shape: [1, 4, 4, 3] }, attributes: [...conv2d().attributes!.slice(0, 11), 0, 0, 0] }),
    codes.encoding,
    4,
  ],
  ['fullyConnected: a depth that does not divide x', layer({ operands: [{ shape: [1, 9] }, layer().operands[1]!] }), codes.shape, 255],
  ['fullyConnected: an accumulator that can reach 2^31', layer(biased(mostBias + 1)), codes.accumulator, 1],
  ['fullyConnected: a multiplier below 2^29', layer({ multipliers: [2 ** 29 - 1] }), codes.multiplier, 0],
  ['fullyConnected: a negative multiplier', layer({ multipliers: [2 ** 31] }), codes.multiplier, 0],
  ['fullyConnected: a shift past 30', layer({ shifts: [31] }), codes.multiplier, 65536],
  ['fullyConnected: a shift below −31', layer({ shifts: [-32] }), codes.multiplier, 65536],
  ['fullyConnected: a left shift past the bound', layer({ ...biased(mostBias), shifts: [1] }), codes.multiplier, 65536],
  ['fullyConnected: a scale of 0', layer({ rounding: 'fp32', multipliers: [0], shifts: [] }), codes.multiplier, 0],
  ['fullyConnected: a subnormal scale', layer({ rounding: 'fp32', multipliers: [1], shifts: [] }), codes.multiplier, 0],
  ['fullyConnected: an infinite scale', layer({ rounding: 'fp32', multipliers: [0x7f800000], shifts: [] }), codes.multiplier, 0],
  ['fullyConnected: a negative scale', layer({ rounding: 'fp32', multipliers: [floatBits(-1)], shifts: [] }), codes.multiplier, 0],
  [
    'depthwiseConv2d: channels that are no multiple',
    {
      ...conv2d(attribute(13, 0)),
      name: 'depthwiseConv2d',
      operands: [{ shape: [1, 4, 4, 2] }, { shape: [1, 3, 3, 3], values: zeros(27) }],
      attributes: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, -128, 127],
    },
    codes.shape,
    3,
  ],
  [
    'depthwiseConv2d: a padded picture larger than any memory',
    {
      ...conv2d(),
      name: 'depthwiseConv2d',
      operands: [{ shape: [1, 1, 1, 1] }, { shape: [1, 2, 2, 1], values: zeros(4) }],
      result: { shape: [1, 1, 1, 1] },
      attributes: [8192, 8192, 8191, 8191, 8191, 8191, 8191, 8191, 0, 0, 0, -128, 127],
    },
    codes.memory,
    1,
  ],
  ['add: shapes that do not broadcast', binary('add', { operands: [{ shape: [2, 3] }, { shape: [2, 2] }] }), codes.shape, 1],
  ['add: a left shift of an operand', binary('add', { shifts: [0, 1, -18] }), codes.multiplier, 65537],
  [
    'add in fp32: a multiplier past 2^21',
    binary('add', { rounding: 'fp32', multipliers: [1, 2 ** 21 + 1], shifts: [20] }),
    codes.multiplier,
    1,
  ],
  ['add in fp32: a shift of 12', binary('add', { rounding: 'fp32', multipliers: [1, 1], shifts: [12] }), codes.multiplier, 65536],
  ['mul: a result that is not the broadcast shape', binary('mul', { result: { shape: [1, 3] } }), codes.shape, 0],
  [
    'maxPool: a kernel of 0',
    {
      name: 'maxPool',
      operands: [{ shape: [1, 4, 4, 1] }],
      result: { shape: [1, 4, 4, 1] },
      attributes: [0, 1, 1, 1, 0, 0, 0, 0, -128, 127],
    },
    codes.attribute,
    0,
  ],
  [
    'mean: no axes',
    {
      name: 'mean',
      operands: [{ shape: [2, 2] }],
      result: { shape: [4] },
      attributes: [0, 0, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [0],
    },
    codes.attribute,
    0,
  ],
  [
    'mean: axes that x does not have',
    {
      name: 'mean',
      operands: [{ shape: [2, 2] }],
      result: { shape: [4] },
      attributes: [4, 0, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [0],
    },
    codes.attribute,
    0,
  ],
  [
    'mean: more elements than an accumulator holds',
    {
      name: 'mean',
      operands: [{ shape: [1 << 12, 1 << 12] }],
      result: { shape: [1] },
      attributes: [3, 0, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [0],
    },
    codes.accumulator,
    0,
  ],
  [
    'requantize: a zero point of int32',
    {
      name: 'requantize',
      operands: [{ type: 'int32', shape: [4] }],
      result: { shape: [4] },
      attributes: [1, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [0],
    },
    codes.attribute,
    0,
  ],
  [
    'requantize: a left shift of int32',
    {
      name: 'requantize',
      operands: [{ type: 'int32', shape: [4] }],
      result: { shape: [4] },
      attributes: [0, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [1],
    },
    codes.multiplier,
    65536,
  ],
]

for (const [title, spec, code, field] of refusals)
  test(`refuses ${title}`, () => {
    const record = refusal(encodeModel(operatorModel(spec)))
    assert.deepEqual({ code: record.code, field: record.field }, { code, field })
  })

test('takes a layer whose accumulator reaches 2^31 − 1', () => {
  openModel('simd', encodeModel(operatorModel(layer(biased(mostBias)))))
})
