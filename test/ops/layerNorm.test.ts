import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TensorType } from '../../runtime/model/types.ts'
import { encodeModel } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { assertReference, type OperatorSpec, operatorModel, refusal } from '../module/harness.ts'
import { bounds, bounds16, createDice, type Dice, fuzz, zeroPoint } from './fuzz.ts'

const bytesOf = (type: TensorType) => (type === 'int16' ? 2 : 1)

function integers(dice: Dice, count: number, most: number): Int32Array {
  return Int32Array.from({ length: count }, () => dice.between(-most, most))
}

/** Factors along the row, along runs of it, or along the rows before it. */
function randomNorm(dice: Dice): OperatorSpec {
  const [from, to] = [dice.pick(['int8', 'int16'] as const), dice.pick(['int8', 'int16'] as const)]
  const row = dice.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 100])
  const rows = dice.between(1, 6)
  const [repeat, factors] = dice.pick([
    [1, row],
    [row, rows],
    [row, 1],
    [1, 1],
    [row * rows, 1],
    [1, row * rows],
  ])
  const shift = dice.pick([0, 8, 12, 23, dice.between(0, 23)])
  const centred = dice.between(0, 1)
  const most = dice.pick([2 ** 8, 2 ** 15, 2 ** Math.min(shift + 7, 30), 2 ** 31 - 1])
  const constant = (count: number, limit: number) => ({ type: 'int32' as const, shape: [count], values: integers(dice, count, limit) })
  return {
    name: 'layerNorm',
    operands: [{ type: from, shape: [rows, row] }, constant(factors, most), constant(factors, dice.pick([0, 2 ** 21, 2 ** 30]))],
    result: { type: to, shape: [rows, row] },
    attributes: [
      centred,
      repeat,
      centred === 1 || from === 'int16' ? 0 : zeroPoint(dice),
      dice.pick([0, 1, 1000, -1]),
      dice.pick([0, 0, 0, 7, 2 ** 30 - 1]),
      shift,
      to === 'int16' ? 0 : zeroPoint(dice),
      ...(to === 'int16' ? bounds16(dice) : bounds(dice)),
    ],
  }
}

test('layerNorm: both builds give the reference’s bytes', () => fuzz(400, randomNorm))

for (const type of ['int8', 'int16'] as const)
  test(`layerNorm of the longest rows of ${type}, extremes among them`, () => {
    const row = 2 ** 15
    const model = operatorModel(unit({ row, rows: 2, from: type, to: 'int16', epsilon: 1n }))
    const [low, high] = type === 'int8' ? [0x80, 0x7f] : [0x00, 0xff]
    const bytes = 2 * row * bytesOf(type)
    const signs = (at: number) => (type === 'int8' ? (at % 3 === 0 ? low : high) : at % 2 === 0 ? low : at % 3 === 0 ? 0x80 : 0x7f)
    const extremes = Uint8Array.from({ length: bytes }, (_, at) => signs(at))
    const least = Uint8Array.from({ length: bytes }, (_, at) => (type === 'int8' || at % 2 === 1 ? 0x80 : 0))
    const alone = least.with(type === 'int8' ? 5 : 11, 0x7f)
    assertReference(model, { inputs: [extremes, least, alone, createDice(3).bytes(bytes)] })
  })

type Unit = { row: number; rows: number; from: TensorType; to: TensorType; epsilon: bigint; centred?: 0 | 1; xZero?: number }

/** gamma 1 and beta 0 into a result of scale 1/8 on int8, 1/2048 on int16: 16 on either side. */
function unit({ row, rows, from, to, epsilon, centred = 1, xZero = 0 }: Unit): OperatorSpec {
  const [factor, most] = to === 'int16' ? [2048, 32767] : [8, 127]
  return {
    name: 'layerNorm',
    operands: [
      { type: from, shape: [rows, row] },
      { type: 'int32', shape: [1], values: Int32Array.of(factor * 2 ** 8) },
      { type: 'int32', shape: [1], values: Int32Array.of(0) },
    ],
    result: { type: to, shape: [rows, row] },
    attributes: [centred, row, xZero, Number(BigInt.asIntN(32, epsilon)), Number(epsilon >> 32n), 8, 0, -most - 1, most],
  }
}

// The same in float64. The exact value is rounded once to Q.15 (2^-16, and 2^-31 of itself by the root), then to the result: half a step.
for (const centred of [0, 1] as const)
  for (const from of ['int8', 'int16'] as const)
    for (const to of ['int8', 'int16'] as const)
      test(`layerNorm of ${from} to ${to}, ${centred ? 'centred' : 'not centred'}, is within half a step of float64, and 2^-15`, () => {
        const dice = createDice(11)
        for (const row of [2, 3, 16, 61, 768]) {
          const epsilon = 12345n
          const xZero = centred === 0 && from === 'int8' ? dice.between(-128, 127) : 0
          const model = operatorModel(unit({ row, rows: 3, from, to, epsilon, centred, xZero }))
          const input = dice.bytes(3 * row * bytesOf(from))
          const x = Array.from(from === 'int16' ? new Int16Array(input.slice().buffer) : new Int8Array(input), (value) => value - xZero)
          const output = runBytes(model, input)
          const y = to === 'int16' ? new Int16Array(output.slice().buffer) : new Int8Array(output)
          const [factor, most] = to === 'int16' ? [2048, 32767] : [8, 127]
          for (const [at, value] of y.entries()) {
            const start = at - (at % row)
            const values = x.slice(start, start + row)
            const mean = centred === 1 ? values.reduce((a, b) => a + b) / row : 0
            const variance = values.reduce((sum, q) => sum + (q - mean) ** 2, 0) / row
            const exact = (factor * (x[at]! - mean)) / Math.sqrt(variance + Number(epsilon) / row ** 2)
            const wanted = Math.min(Math.max(exact, -most - 1), most)
            assert.ok(Math.abs(value - wanted) <= 0.5 + factor * 2 ** -15, `row ${row}, element ${at}: ${value}, float64 ${wanted}`)
          }
        }
      })

test('a row of one value without epsilon gives beta', () => {
  const spec = unit({ row: 4, rows: 1, from: 'int8', to: 'int8', epsilon: 0n })
  const [x, gamma] = spec.operands
  const model = operatorModel({ ...spec, operands: [x!, gamma!, { type: 'int32', shape: [1], values: Int32Array.of(5 * 2 ** 15) }] })
  assert.deepEqual([...runBytes(model, new Uint8Array(4).fill(9))], [5, 5, 5, 5])
  assertReference(model, { inputs: [new Uint8Array(4).fill(9)] })
})

const usual = unit({ row: 4, rows: 2, from: 'int8', to: 'int8', epsilon: 0n })
const withAttribute = (at: number, value: number): Partial<OperatorSpec> => ({ attributes: usual.attributes!.with(at, value) })
for (const [title, change, code] of [
  ['an attribute centred of 2', withAttribute(0, 2), 8],
  ['runs of no element', withAttribute(1, 0), 8],
  ['a zero point that its mean takes away', withAttribute(2, 1), 8],
  ['an epsilon of 2^62', withAttribute(4, 2 ** 30), 8],
  ['24 fraction bits of gamma', withAttribute(5, 24), 8],
  ['bounds past int8', withAttribute(8, 128), 8],
  ['runs that do not fill the tensor', withAttribute(1, 3), 9],
  [
    'rows of more than 2^15',
    { operands: [{ shape: [1, 2 ** 15 + 1] }, ...usual.operands.slice(1)], result: { shape: [1, 2 ** 15 + 1] } },
    9,
  ],
  ['another shape of its result', { result: { shape: [4, 2] } }, 9],
  ['a computed gamma', { operands: [usual.operands[0]!, { type: 'int32', shape: [1] }, usual.operands[2]!] }, 7],
  ['a requantization', { multipliers: [2 ** 30], shifts: [0] }, 2],
] as readonly (readonly [string, Partial<OperatorSpec>, number])[])
  test(`refuses a layerNorm with ${title}`, () => assert.equal(refusal(encodeModel(operatorModel({ ...usual, ...change }))).code, code))
