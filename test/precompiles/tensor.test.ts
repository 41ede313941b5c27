/** Every function of ITensor against the plain reference, in every way it can be called. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, hexToBytes } from 'viem'
import { addresses, tensorAbi } from '../../precompiles/index.ts'
import type { Model, OperatorName, Rounding, TensorType } from '../../runtime/index.ts'
import { floatBits } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { type Contract, compile, createTestChain, type TestChain, testHost } from './chain.ts'
import { randomBytes } from './models.ts'

const tensor = addresses.tensor

interface Part {
  bytes: Uint8Array
  shape: number[]
  type?: TensorType
  constant?: boolean
}

interface Case {
  name: string
  functionName: string
  args: readonly unknown[]
  model: Model
  input: Uint8Array
}

let chain: TestChain
let probe: Hex
let probeContract: Contract

const encode = (functionName: string, args: readonly unknown[]) =>
  encodeFunctionData({ abi: tensorAbi as Abi, functionName, args: [...args] })
const resultBytes = (functionName: string, output: Uint8Array) =>
  hexToBytes(decodeFunctionResult({ abi: tensorAbi as Abi, functionName, data: bytesToHex(output) }) as Hex)
const operand = (bytes: Uint8Array) => ({ data: bytesToHex(bytes), chunks: [], offset: 0n, length: 0n })
const none = operand(new Uint8Array())

interface Scaling {
  rounding?: Rounding
  zeros?: [x: number, w: number, y: number]
  range?: [number, number]
  multipliers?: number[]
  shifts?: number[]
}

function quantization({ rounding = 'double', zeros = [0, 0, 0], range = [-128, 127], multipliers = [], shifts = [] }: Scaling) {
  const [yMin, yMax] = multipliers.length === 0 ? [0, 0] : range
  const [xZero, wZero, yZero] = zeros
  return { rounding: ['fp32', 'single', 'double'].indexOf(rounding), xZero, wZero, yZero, yMin, yMax, multipliers, shifts }
}

/** A model of one operator for the reference. */
function model(
  name: OperatorName,
  parts: Part[],
  result: { type?: TensorType; shape: number[] },
  attributes: number[],
  scaling: Scaling = {},
): Model {
  return {
    rounding: scaling.rounding ?? 'double',
    tensors: [
      ...parts.map(({ bytes, shape, type = 'int8', constant }) => ({ type, shape, data: constant ? bytes : new Uint8Array() })),
      { type: result.type ?? 'int8', shape: result.shape, data: new Uint8Array() },
    ],
    operators: [
      {
        name,
        inputs: parts.map((_, index) => index),
        outputs: [parts.length],
        attributes,
        multipliers: scaling.multipliers ?? [],
        shifts: scaling.shifts ?? [],
      },
    ],
    inputs: parts.flatMap(({ constant }, tensorIndex) => (constant ? [] : [{ tensor: tensorIndex, scale: 0, zeroPoint: 0 }])),
    outputs: [{ tensor: parts.length, scale: 0, zeroPoint: 0 }],
  }
}

const half = 2 ** 30
const window = { strideH: 2, strideW: 1, dilationH: 1, dilationW: 1, padTop: 1, padBottom: 1, padLeft: 0, padRight: 1 }
const windowValues = Object.values(window)
const pool = { kernelH: 2, kernelW: 3, strideH: 2, strideW: 1, padTop: 1, padBottom: 0, padLeft: 1, padRight: 1, yMin: -120, yMax: 120 }

const cases: Case[] = []

for (const rounding of ['fp32', 'single', 'double'] as const) {
  const a = randomBytes(5 * 9, 1)
  const b = randomBytes(7 * 9, 2)
  const bias = randomBytes(7 * 4, 3).map((byte, index) => (index % 4 < 2 ? byte : 0))
  const scaling: Scaling = {
    rounding,
    zeros: [3, -2, 5],
    multipliers: rounding === 'fp32' ? [floatBits(0.0123)] : [half + 12345],
    shifts: rounding === 'fp32' ? [] : [-6],
  }
  const parts: Part[] = [
    { bytes: a, shape: [5, 9] },
    { bytes: b, shape: [7, 9], constant: true },
    { bytes: bias, shape: [7], type: 'int32', constant: true },
  ]
  cases.push({
    name: `matmul ${rounding}`,
    functionName: 'matmul',
    args: [operand(a), operand(b), operand(bias), 5, 9, 7, quantization(scaling)],
    model: model('fullyConnected', parts, { shape: [5, 7] }, [3, -2, 5, -128, 127], scaling),
    input: a,
  })
  cases.push({
    name: `matmul ${rounding} to int32 without bias`,
    functionName: 'matmul',
    args: [operand(a), operand(b), none, 5, 9, 7, quantization({ rounding })],
    model: model('fullyConnected', parts.slice(0, 2), { type: 'int32', shape: [5, 7] }, [0, 0, 0, 0, 0], { rounding }),
    input: a,
  })

  const x = randomBytes(6 * 5 * 3, 4)
  const weights = randomBytes(4 * 3 * 2 * 3, 5)
  const channelScaling: Scaling = {
    rounding,
    zeros: [-7, 0, 2],
    range: [-100, 90],
    multipliers: rounding === 'fp32' ? [0.011, 0.02, 0.003, 0.05].map(floatBits) : [half, half + 1, 2 ** 31 - 1, half + 99999],
    shifts: rounding === 'fp32' ? [] : [-5, -6, -7, -8],
  }
  cases.push({
    name: `conv2d ${rounding}, a factor for each channel`,
    functionName: 'conv2d',
    args: [operand(x), operand(weights), none, [1, 6, 5, 3], [4, 3, 2, 3], window, quantization(channelScaling)],
    model: model(
      'conv2d',
      [
        { bytes: x, shape: [1, 6, 5, 3] },
        { bytes: weights, shape: [4, 3, 2, 3], constant: true },
      ],
      { shape: [1, 3, 5, 4] },
      [...windowValues, 1, -7, 0, 2, -100, 90],
      channelScaling,
    ),
    input: x,
  })
  const depthwise = randomBytes(3 * 2 * 6, 6)
  const depthwiseScaling: Scaling = {
    ...scaling,
    zeros: [-7, 0, 2],
    multipliers: rounding === 'fp32' ? [floatBits(0.02)] : [half + 77],
    shifts: rounding === 'fp32' ? [] : [-4],
  }
  cases.push({
    name: `depthwiseConv2d ${rounding}`,
    functionName: 'depthwiseConv2d',
    args: [operand(x), operand(depthwise), none, [1, 6, 5, 3], [1, 3, 2, 6], window, quantization(depthwiseScaling)],
    model: model(
      'depthwiseConv2d',
      [
        { bytes: x, shape: [1, 6, 5, 3] },
        { bytes: depthwise, shape: [1, 3, 2, 6], constant: true },
      ],
      { shape: [1, 3, 5, 6] },
      [...windowValues, -7, 0, 2, -128, 127],
      depthwiseScaling,
    ),
    input: x,
  })
  const c = randomBytes(2 * 3 * 4, 8)
  const d = randomBytes(4, 9)
  const addScaling: Scaling =
    rounding === 'fp32'
      ? { rounding, zeros: [1, 2, 3], multipliers: [300_000, 524_288], shifts: [20] }
      : { rounding, zeros: [1, 2, 3], multipliers: [half, half + 5, half + 9], shifts: [0, -1, -18] }
  cases.push({
    name: `add ${rounding}, broadcast`,
    functionName: 'add',
    args: [operand(c), operand(d), [2, 3, 4], [4], quantization(addScaling)],
    model: model(
      'add',
      [
        { bytes: c, shape: [2, 3, 4] },
        { bytes: d, shape: [4] },
      ],
      { shape: [2, 3, 4] },
      [1, 2, 3, -128, 127],
      addScaling,
    ),
    input: Uint8Array.from([...c, ...d]),
  })
  for (const [type, tensorType] of [['int8', 0] as const, ['int32', 3] as const]) {
    const size = type === 'int8' ? 1 : 4
    const xZero = type === 'int8' ? 4 : 0
    const q = randomBytes(12 * size, 10).map((byte, index) => (size === 4 && index % 4 > 1 ? 0 : byte))
    const scalingFor: Scaling = {
      rounding,
      zeros: [xZero, 0, -3],
      multipliers: rounding === 'fp32' ? [floatBits(0.4)] : [half + 4242],
      shifts: rounding === 'fp32' ? [] : [0],
    }
    cases.push({
      name: `requantize ${type} ${rounding}`,
      functionName: 'requantize',
      args: [operand(q), tensorType, [3, 4], quantization(scalingFor)],
      model: model('requantize', [{ bytes: q, shape: [3, 4], type }], { shape: [3, 4] }, [xZero, -3, -128, 127], scalingFor),
      input: q,
    })
  }
}

const picture = randomBytes(5 * 6 * 3, 11)
for (const functionName of ['averagePool', 'maxPool'] as const)
  cases.push({
    name: functionName,
    functionName,
    args: [operand(picture), [1, 5, 6, 3], pool],
    model: model(functionName, [{ bytes: picture, shape: [1, 5, 6, 3] }], { shape: [1, 3, 6, 3] }, Object.values(pool)),
    input: picture,
  })

const values = randomBytes(37, 12)
const factor = { value: half + 1234, shift: 23 }
const one = (
  name: OperatorName,
  bytes: Uint8Array,
  type: TensorType,
  attributes: number[],
  factors: { value: number; shift: number }[] = [],
  shape?: number[],
) => {
  const size = type === 'int8' ? 1 : 4
  return model(
    name,
    [{ bytes, shape: shape ?? [bytes.length / size], type }],
    { type, shape: shape ?? [bytes.length / size] },
    attributes,
    {
      multipliers: factors.map(({ value }) => value),
      shifts: factors.map(({ shift }) => shift),
    },
  )
}
const fixed = new Uint8Array(Int32Array.from({ length: 36 }, (_, index) => (index - 18) * 30_011).buffer)
const add1 = (functionName: string, args: unknown[], reference: Model, input: Uint8Array) =>
  cases.push({ name: functionName, functionName, args, model: reference, input })
add1('relu', [operand(values), -5], one('clamp', values, 'int8', [-5, 127]), values)
add1('relu6', [operand(values), -5, 60], one('clamp', values, 'int8', [-5, 60]), values)
add1('sigmoid', [operand(values), 4, factor], one('logistic', values, 'int8', [4], [factor]), values)
add1('tanh', [operand(values), 4, factor], one('tanh', values, 'int8', [4], [factor]), values)
const table = values.subarray(0, 36)
add1('softmax', [operand(table), 9, factor], one('softmax', table, 'int8', [], [factor], [4, 9]), table)
const toQ16 = { value: half + 99, shift: 12 }
const fromQ16 = { value: half + 7, shift: -12 }
add1('gelu', [operand(values), 4, -9, toQ16, fromQ16], one('gelu', values, 'int8', [4, -9], [toQ16, fromQ16]), values)
add1('reluQ16', [operand(fixed)], one('clamp', fixed, 'int32', [0, 2 ** 31 - 1]), fixed)
add1('relu6Q16', [operand(fixed)], one('clamp', fixed, 'int32', [0, 6 * 65536]), fixed)
add1('sigmoidQ16', [operand(fixed)], one('logistic', fixed, 'int32', []), fixed)
add1('tanhQ16', [operand(fixed)], one('tanh', fixed, 'int32', []), fixed)
add1('softmaxQ16', [operand(fixed), 12], one('softmax', fixed, 'int32', [], [], [3, 12]), fixed)
add1('geluQ16', [operand(fixed)], one('gelu', fixed, 'int32', []), fixed)

before(async () => {
  chain = await createTestChain({ host: testHost() })
  probeContract = compile('test/precompiles/contracts/Probe.sol').Probe!
  probe = await chain.deploy(probeContract)
})

test('every function of the ABI has a case', () => {
  const names = tensorAbi.filter((item) => item.type === 'function').map(({ name }) => name)
  assert.deepEqual([...new Set(cases.map(({ functionName }) => functionName))].sort(), [...names].sort())
})

describe('gives the bytes of the reference, and the same result and gas in a call, a static call, a transaction and from a contract', () => {
  for (const { name, functionName, args, model: reference, input } of cases)
    test(name, async () => {
      const data = encode(functionName, args)
      const called = await chain.call(tensor, data)
      assert.equal(
        called.revert,
        undefined,
        JSON.stringify(called.revert, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      )
      assert.deepEqual(resultBytes(functionName, called.output), runBytes(reference, input))
      assert.deepEqual(await chain.call(tensor, data, { isStatic: true }), called)
      assert.equal((await chain.send(tensor, data)).gasUsed, called.gasUsed)
      for (const way of ['byCall', 'byStaticCall']) {
        const outer = await chain.call(probe, encodeFunctionData({ abi: probeContract.abi, functionName: way, args: [tensor, data] }))
        const [success, output] = decodeFunctionResult({ abi: probeContract.abi, functionName: way, data: bytesToHex(outer.output) }) as [
          boolean,
          Hex,
        ]
        assert.equal(success, true)
        assert.deepEqual(hexToBytes(output), called.output)
      }
      const exact = await chain.call(tensor, data, { gasLimit: called.gasUsed })
      assert.deepEqual(exact.output, called.output)
      assert.equal((await chain.call(tensor, data, { gasLimit: called.gasUsed - 1n })).error, 'out of gas')
    })
})

describe('references', () => {
  const b = randomBytes(7 * 9, 2)
  const a = randomBytes(5 * 9, 1)
  const inline = encode('matmul', [operand(a), operand(b), none, 5, 9, 7, quantization({})])

  test('an operand in the code of contracts gives the same bytes', async () => {
    const stored = Uint8Array.from([...randomBytes(10, 99), ...b, 1, 2, 3])
    // Two contracts, the border inside the operand.
    const chunks = [(await chain.upload(stored.subarray(0, 20)))[0]!, (await chain.upload(stored.subarray(20)))[0]!]
    const reference = { data: '0x', chunks, offset: 10n, length: 63n }
    const data = encode('matmul', [operand(a), reference, none, 5, 9, 7, quantization({})])
    const { output, gasUsed } = await chain.call(tensor, data)
    const expected = await chain.call(tensor, inline)
    assert.deepEqual(output, expected.output)
    // Two cold accounts.
    assert.ok(gasUsed > expected.gasUsed + 2n * 2600n - 200n)
  })

  test('a second access is warm, and the access costs what the EVM takes', async () => {
    const [chunk] = (await chain.upload(b)) as [Hex]
    const data = encode('matmul', [operand(a), { data: '0x', chunks: [chunk], offset: 0n, length: 63n }, none, 5, 9, 7, quantization({})])
    const { output } = await chain.send(probe, encodeFunctionData({ abi: probeContract.abi, functionName: 'twice', args: [tensor, data] }))
    const [first, second] = decodeFunctionResult({ abi: probeContract.abi, functionName: 'twice', data: bytesToHex(output) }) as [
      bigint,
      bigint,
    ]
    assert.equal(first - second, 2500n)
  })

  test('accounts that hold no data, ranges outside and operands given twice are refused by name', async () => {
    const [chunk] = (await chain.upload(b)) as [Hex]
    const refused = async (b2: unknown) =>
      (await chain.call(tensor, encode('matmul', [operand(a), b2, none, 5, 9, 7, quantization({})]))).revert
    assert.equal((await refused({ data: '0x', chunks: [probe], offset: 0n, length: 63n }))?.name, 'NotData')
    assert.equal((await refused({ data: '0x', chunks: [`0x${'12'.repeat(20)}`], offset: 0n, length: 63n }))?.name, 'NotData')
    assert.deepEqual(await refused({ data: '0x', chunks: [chunk], offset: 1n, length: 63n }), {
      name: 'RangeOutside',
      args: [1n, 63n, 63n],
    })
    assert.deepEqual(await refused({ data: '0x', chunks: [chunk], offset: 2n ** 256n - 1n, length: 63n }), {
      name: 'RangeOutside',
      args: [2n ** 256n - 1n, 63n, 63n],
    })
    assert.deepEqual(await refused({ data: '0x', chunks: [chunk], offset: 0n, length: 62n }), {
      name: 'WrongOperandLength',
      args: [1n, 62n, 63n],
    })
    assert.deepEqual(await refused({ data: bytesToHex(b), chunks: [chunk], offset: 0n, length: 63n }), {
      name: 'AmbiguousOperand',
      args: [1n],
    })
    assert.deepEqual(await refused({ data: bytesToHex(b), chunks: [], offset: 0n, length: 63n }), { name: 'AmbiguousOperand', args: [1n] })
  })
})

describe('bad operands', () => {
  test('a length that the shape does not have is named', async () => {
    const { revert } = await chain.call(tensor, encode('matmul', [operand(new Uint8Array(44)), none, none, 5, 9, 7, quantization({})]))
    assert.deepEqual(revert, { name: 'WrongOperandLength', args: [0n, 44n, 45n] })
  })

  test('sizes past the cap are refused before anything is allocated', async () => {
    const data = encode('matmul', [none, none, none, 2 ** 31, 2 ** 31, 2 ** 31, quantization({})])
    const { revert, gasUsed } = await chain.call(tensor, data)
    assert.equal(revert?.name, 'TooLarge')
    assert.ok(gasUsed < 10_000n)
  })

  test('windows, strides and roundings that cannot be are refused by the code of the module', async () => {
    const x = operand(new Uint8Array(75))
    const codeOf = async (shape: number[], change: object) =>
      (await chain.call(tensor, encode('maxPool', [x, shape, { ...pool, ...change }]))).revert?.args[0]
    assert.equal(await codeOf([1, 5, 5, 3], { strideH: 0 }), 'attribute')
    assert.equal(typeof (await codeOf([1, 5, 5, 3], { kernelH: 0 })), 'string')
    assert.equal(typeof (await codeOf([1, 5, 5, 3], { kernelH: 2 ** 32 - 1 })), 'string')
    const rounding = encode('matmul', [
      operand(new Uint8Array(1)),
      operand(new Uint8Array(1)),
      none,
      1,
      1,
      1,
      { ...quantization({}), rounding: 3 },
    ])
    assert.equal((await chain.call(tensor, rounding)).revert?.args[0], 'rounding')
    const multiplier = encode('sigmoid', [operand(new Uint8Array(4)), 0, { value: 5, shift: 0 }])
    assert.equal((await chain.call(tensor, multiplier)).revert?.args[0], 'multiplier')
  })

  test('no operand is empty', async () => {
    for (const functionName of ['reluQ16', 'sigmoidQ16', 'geluQ16'])
      assert.equal((await chain.call(tensor, encode(functionName, [none]))).revert?.name, 'InvalidModel')
    assert.equal((await chain.call(tensor, encode('softmaxQ16', [operand(fixed), 0]))).revert?.name, 'WrongOperandLength')
    assert.equal((await chain.call(tensor, encode('reluQ16', [operand(new Uint8Array(7))]))).revert?.name, 'WrongOperandLength')
  })
})
