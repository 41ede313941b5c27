import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeModel, floatBits, type Model } from '../../runtime/model/types.ts'
import { order } from '../../runtime/reference/float32.ts'
import { assertReference, type OperandSpec, openModel, operatorModel, refusal } from '../module/harness.ts'
import { anyFloat, everyday, floatInput, floats, floatTensor, specials } from './floats.ts'
import { createDice } from './fuzz.ts'
import { type Forest, forest, randomTree, type Tree } from './trees.ts'

type Ensemble = { rows: number; features: number; outputs: number; trees: Forest; aggregate?: number; base?: OperandSpec }

const sum = 0
const aggregates = ['sum', 'average', 'least', 'greatest'] as const

function model({ rows, features, outputs, trees, aggregate = sum, base }: Ensemble): Model {
  const list = (shape: number[], values: readonly number[]): OperandSpec => ({ type: 'int32', shape, values: Int32Array.from(values) })
  return operatorModel({
    name: 'treeEnsemble',
    operands: [
      floatTensor([rows, features]),
      list([trees.nodes.length / 4, 4], trees.nodes),
      list([trees.weights.length / 2, 2], trees.weights),
      list([trees.roots.length], trees.roots),
      ...(base === undefined ? [] : [base]),
    ],
    result: floatTensor([rows, outputs]),
    attributes: [trees.depth, trees.width, aggregate],
  })
}

const finite = (bits: number) => ((bits & 0x7f800000) === 0x7f800000 ? 0 : bits)

for (const [aggregate, name] of aggregates.entries())
  test(`the ${name} of random trees: both builds give the reference's bits`, () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const dice = createDice(seed)
      const [rows, features, outputs] = [dice.between(1, 3), dice.pick([1, 2, 9, 300]), dice.pick([1, 2, 3, 10])]
      const pick = () => finite(dice.pick([everyday(dice), everyday(dice), anyFloat(dice)]))
      const count = dice.pick([1, 2, 7, 40])
      const trees = forest(Array.from({ length: count }, () => randomTree(dice, dice.between(0, 6), features, outputs, pick)))
      const base = dice.pick([undefined, floats([outputs], pick)])
      const inputs = [everyday, anyFloat].map((of) => floatInput(Array.from({ length: rows * features }, () => of(dice))))
      assertReference(model({ rows, features, outputs, trees, aggregate, ...(base && { base }) }), { seed, inputs })
    }
  })

/** One node over one feature: 1 where the test is true, 2 where not. */
function decisions(flags: number, threshold: number): (bits: number) => number {
  const leaf = (value: number): Tree => ({ weights: [[0, floatBits(value) | 0]] })
  const trees = forest([{ feature: 0, threshold: order(threshold), flags, sides: [leaf(1), leaf(2)] }])
  const opened = openModel('simd', encodeModel(model({ rows: 1, features: 1, outputs: 1, trees })))
  return (bits) => new DataView(opened.run(floatInput([bits])).slice().buffer).getFloat32(0, true)
}

test('a threshold divides the numbers as the comparison of float32 does, NaN goes where the node says', () => {
  const number = new DataView(new ArrayBuffer(4))
  const value = (bits: number) => {
    number.setInt32(0, bits)
    return number.getFloat32(0)
  }
  for (const threshold of specials.filter((bits) => !Number.isNaN(value(bits))))
    for (const [flags, compare] of [
      [0, (x: number, t: number) => x <= t],
      [2, (x: number, t: number) => x === t],
      [4, (x: number, t: number) => x <= t || Number.isNaN(x)],
      [6, (x: number, t: number) => x === t || Number.isNaN(x)],
    ] as const) {
      const decide = decisions(flags, threshold)
      for (const bits of specials)
        assert.equal(decide(bits), compare(value(bits), value(threshold)) ? 1 : 2, `${value(bits)} at ${value(threshold)}, flags ${flags}`)
    }
})

test('treeEnsemble refuses nodes, weights and roots that lead outside or round in circles', () => {
  const dice = createDice(3)
  const leaf: Tree = { weights: [[1, floatBits(1)]] }
  const tree: Tree = { feature: 2, threshold: 5, flags: 0, sides: [leaf, { feature: 0, threshold: 1, flags: 2, sides: [leaf, leaf] }] }
  const valid = () => model({ rows: 1, features: 3, outputs: 2, trees: forest([tree, leaf]), base: floats([2], () => everyday(dice)) })
  const [nodes, weights, roots, base] = [1, 2, 3, 4]
  // Nodes: two leaves, then the inner branch at 3 and the outer at 4, and the second tree's leaf at 5.
  const [inner, outer] = [12, 16]
  const changed = (tensor: number, at: number, value: number): readonly [number, number, number, number] => {
    const damaged = valid()
    const data = new Int32Array(damaged.tensors[tensor]!.data.slice().buffer)
    data[at] = value
    damaged.tensors[tensor]!.data = new Uint8Array(data.buffer)
    const { code, field, got, wanted } = refusal(encodeModel(damaged))
    return [code, field, Number(got), Number(wanted)]
  }
  const place = (tensor: number) => (5 << 8) | tensor
  assertReference(valid())
  assert.deepEqual(changed(nodes, outer, (2 << 20) | (3 << 3)), [7, place(nodes), 3, 2])
  assert.deepEqual(changed(nodes, outer, (3 << 20) | (2 << 3)), [7, place(nodes), 3, 2])
  assert.deepEqual(changed(nodes, outer + 2, 6), [7, place(nodes), 6, 5])
  assert.deepEqual(changed(nodes, outer + 2, -1), [7, place(nodes), 2 ** 32 - 1, 5])
  assert.deepEqual(changed(nodes, outer + 3, 4), [7, place(nodes), 2, 1])
  assert.deepEqual(changed(nodes, inner + 2, 4), [7, place(nodes), 2, 0])
  assert.deepEqual(changed(nodes, 0, 3), [7, place(nodes), 3, 1])
  assert.deepEqual(changed(nodes, 1, 4), [7, place(nodes), 4, 3])
  assert.deepEqual(changed(nodes, 2, 0), [7, place(nodes), 0, 1])
  assert.deepEqual(changed(nodes, 2, 2), [7, place(nodes), 2, 1])
  assert.deepEqual(changed(nodes, 3, 1), [7, place(nodes), 1, 0])
  assert.deepEqual(changed(roots, 0, 6), [7, place(roots), 6, 5])
  assert.deepEqual(changed(roots, 0, 3), [7, place(roots), 1, 2])
  assert.deepEqual(changed(weights, 0, 2), [7, place(weights), 2, 1])
  assert.deepEqual(changed(weights, 1, 0x7f800000), [7, place(weights), 0x7f800000, 0x7f7fffff])
  assert.deepEqual(changed(base, 1, 0x7fc00000), [7, place(base), 0x7fc00000, 0x7f7fffff])
})

test('treeEnsemble refuses shapes and attributes that do not fit', () => {
  const valid = () => model({ rows: 1, features: 2, outputs: 2, trees: forest([{ weights: [[0, 0]] }]), base: floats([2], () => 0) })
  const code = (change: (model: Model) => void) => {
    const damaged = valid()
    change(damaged)
    return refusal(encodeModel(damaged)).code
  }
  assertReference(valid())
  const attributes = (values: number[]) => code(({ operators }) => (operators[0]!.attributes = values))
  assert.equal(attributes([0, 1, 4]), 8)
  assert.equal(attributes([0, 0, 0]), 8)
  assert.equal(attributes([-1, 1, 0]), 8)
  assert.equal(attributes([4096, 1, 0]), 8)
  assert.equal(attributes([1, 1, 0]), 7)
  assert.equal(
    code(({ tensors }) => (tensors[5]!.shape = [2, 1])),
    9,
  )
  assert.equal(
    code(({ tensors }) => (tensors[1]!.shape = [4, 1])),
    9,
  )
})
