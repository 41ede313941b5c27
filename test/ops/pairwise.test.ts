import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairwiseKinds } from '../../runtime/model/operators.ts'
import { encodeModel } from '../../runtime/model/types.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { assertReference, type OperatorSpec, operatorModel, refusal } from '../module/harness.ts'
import { broadcastShapes, fuzz } from './fuzz.ts'

const kinds = Object.keys(pairwiseKinds) as (keyof typeof pairwiseKinds)[]
const types = ['int8', 'int16', 'int32'] as const

function resultType(kind: keyof typeof pairwiseKinds, type: (typeof types)[number]) {
  return pairwiseKinds[kind] >= pairwiseKinds.equal ? 'int8' : type
}

for (const kind of kinds)
  for (const type of types)
    test(`pairwise ${kind} of ${type}: both builds give the reference's bytes`, () =>
      fuzz(40, (dice): OperatorSpec => {
        const [a, b, y] = broadcastShapes(dice)
        return {
          name: 'pairwise',
          operands: [
            { type, shape: a },
            { type, shape: b },
          ],
          result: { type: resultType(kind, type), shape: y },
          attributes: [pairwiseKinds[kind]],
        }
      }))

const least = -(2 ** 31)

/** Worked by hand from the formulas of docs/arithmetic.md. */
const cases: readonly [kind: keyof typeof pairwiseKinds, type: (typeof types)[number], pairs: [a: number, b: number, y: number][]][] = [
  [
    'add',
    'int8',
    [
      [127, 1, -128],
      [-128, -1, 127],
    ],
  ],
  [
    'multiply',
    'int16',
    [
      [300, 300, 90000 - 65536],
      [-1, -32768, -32768],
    ],
  ],
  [
    'quotient',
    'int32',
    [
      [-7, 2, -3],
      [7, 0, 0],
      [least, -1, least],
      [least, 1, least],
    ],
  ],
  [
    'remainder',
    'int32',
    [
      [-7, 3, -1],
      [7, -3, 1],
      [7, 0, 0],
      [least, -1, 0],
    ],
  ],
  [
    'modulo',
    'int32',
    [
      [-7, 3, 2],
      [7, -3, -2],
      [-6, 3, 0],
      [7, 0, 0],
      [least, -1, 0],
    ],
  ],
  [
    'modulo',
    'int8',
    [
      [-128, 127, 126],
      [127, -128, -1],
    ],
  ],
  [
    'shiftLeft',
    'int8',
    [
      [1, 7, -128],
      [1, 8, 0],
      [3, -1, 0],
    ],
  ],
  [
    'shiftRight',
    'int8',
    [
      [-128, 7, 1],
      [-1, 0, -1],
      [-1, 8, 0],
    ],
  ],
  [
    'shiftRight',
    'int32',
    [
      [least, 31, 1],
      [-1, 32, 0],
      [-1, 0, -1],
    ],
  ],
  [
    'quotientUnsigned',
    'int32',
    [
      [-1, 2, 2 ** 31 - 1],
      [5, 0, 0],
    ],
  ],
  [
    'remainderUnsigned',
    'int32',
    [
      [-1, 10, 5],
      [5, 0, 0],
    ],
  ],
  [
    'less',
    'int32',
    [
      [-1, 0, 1],
      [0, 0, 0],
      [least, 2 ** 31 - 1, 1],
    ],
  ],
  [
    'lessUnsigned',
    'int32',
    [
      [-1, 0, 0],
      [0, -1, 1],
    ],
  ],
  [
    'equal',
    'int16',
    [
      [-1, -1, 1],
      [-1, 1, 0],
    ],
  ],
]

for (const [kind, type, pairs] of cases)
  test(`pairwise ${kind} of ${type} at its edges`, () => {
    const array = { int8: Int8Array, int16: Int16Array, int32: Int32Array }
    const shape = [pairs.length]
    const model = operatorModel({
      name: 'pairwise',
      operands: [
        { type, shape },
        { type, shape },
      ],
      result: { type: resultType(kind, type), shape },
      attributes: [pairwiseKinds[kind]],
    })
    const input = new Uint8Array(array[type].from([...pairs.map(([a]) => a), ...pairs.map(([, b]) => b)]).buffer)
    assertReference(model, { inputs: [input] })
    const results = new array[resultType(kind, type)](runBytes(model, input).slice().buffer)
    assert.deepEqual(
      [...results],
      pairs.map(([, , y]) => y),
    )
  })

test('pairwise refuses two types, an unknown kind, another result and shapes that do not broadcast', () => {
  const of = (spec: Partial<OperatorSpec>) => {
    const { code, field, got, wanted } = refusal(
      encodeModel(
        operatorModel({ name: 'pairwise', operands: [{ shape: [4] }, { shape: [4] }], result: { shape: [4] }, attributes: [0], ...spec }),
      ),
    )
    return [code, field, Number(got), Number(wanted)]
  }
  assert.deepEqual(of({ operands: [{ shape: [4] }, { type: 'int32', shape: [4] }] }), [7, 1, 3, 0])
  assert.deepEqual(of({ attributes: [16] }), [8, 0, 16, 15])
  assert.deepEqual(of({ result: { type: 'int32', shape: [4] } }), [7, 64, 3, 0])
  assert.deepEqual(of({ operands: [{ shape: [4] }, { shape: [3] }] }), [9, 0, 3, 4])
})
