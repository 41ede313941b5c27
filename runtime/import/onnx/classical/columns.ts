/** What stands before and behind the models of ai.onnx.ml: scaling, imputing, choosing and joining of features, labels. */

import { elementCount } from '../../graph.ts'
import type { NodeView, Rule } from '../node.ts'
import { rearranged } from '../operators/shape.ts'
import { Refusal } from '../refusal.ts'
import type { Floats } from '../value.ts'
import { type Branch, type Ensemble, emitEnsemble, type TreeNode } from './ensemble.ts'
import { checkCount, combined, constantInts, constantValues, floatsAt, ints, joined, normalized, rowsAt, viewed } from './floats.ts'
import { labelled, labelsOf } from './labels.ts'

/** One number for each feature, or one for all. */
function perFeature(node: NodeView, x: Floats, name: string): Floats | undefined {
  const values = node.ints(name)
  if (values === undefined || values.length === 0) return undefined
  const features = x.shape.at(-1)!
  if (values.length !== 1) checkCount(name, values, features)
  return constantValues(node.emitter, [values.length], values)
}

/** (x − offset) · scale, each rounded. */
export const scaler: Rule = (node) => {
  const x = floatsAt(node, 0)
  const [offset, scale] = [perFeature(node, x, 'offset'), perFeature(node, x, 'scale')]
  const emitter = node.begin()
  const moved = offset === undefined ? x : combined(emitter, 'sub', x, offset)
  return scale === undefined ? moved : combined(emitter, 'mul', moved, scale)
}

const norms: Readonly<Record<string, 'largest' | 'magnitudes' | 'squares'>> = { MAX: 'largest', L1: 'magnitudes', L2: 'squares' }

export const normalizer: Rule = (node) => {
  const norm = norms[node.text('norm', 'MAX')]
  if (norm === undefined) throw new Refusal(`its norm is ${node.text('norm', '')}`, 'MAX, L1 or L2')
  return normalized(node.begin(), floatsAt(node, 0), norm)
}

export const imputer: Rule = (node) => {
  const x = floatsAt(node, 0)
  const replaced = node.float('replaced_value_float', 0)
  if (!Number.isNaN(replaced)) throw new Refusal(`it replaces the value ${replaced}`, 'NaN as the value that is replaced')
  const imputed = perFeature(node, x, 'imputed_value_floats')
  if (imputed === undefined) throw new Refusal('it has no imputed_value_floats')
  return combined(node.begin(), 'otherwise', x, imputed)
}

/** Trees of one test: output k is 1 where test k holds, else 0. */
function indicators(tests: readonly Pick<Branch, 'feature' | 'mode' | 'value'>[]): Ensemble {
  const nothing = 2 * tests.length
  const nodes = tests.flatMap((test, output): TreeNode[] => [
    { ...test, yes: 2 * output + 1, no: nothing, missing: false },
    { weights: [{ output, value: 1 }] },
  ])
  return { nodes: [...nodes, { weights: [] }], roots: tests.map((_, output) => 2 * output), aggregate: 'SUM' }
}

/** 1 where a number is above the threshold, else 0. */
export const binarizer: Rule = (node) => {
  const x = floatsAt(node, 0)
  const value = node.float('threshold', 0)
  const features = x.shape.at(-1) ?? 1
  const emitter = node.begin()
  const rows = viewed(emitter, x, [elementCount(x.shape) / features, features])
  const tests = Array.from({ length: features }, (_, feature) => ({ feature, mode: 'BRANCH_GT', value }) as const)
  return viewed(emitter, emitEnsemble(emitter, rows, indicators(tests), features, []), x.shape)
}

/** A column for each category: 1 where a feature is that category. */
export const oneHotEncoder: Rule = (node) => {
  const categories = node.ints('cats_int64s') ?? []
  if (categories.length === 0) throw new Refusal('its categories are texts', 'whole numbers')
  if (node.int('zeros', 1) === 0) throw new Refusal('it fails on what is no category', 'zeros = 1')
  const wide = categories.find((category) => Math.fround(category) !== category)
  if (wide !== undefined) throw new Refusal(`it has the category ${wide}`, 'categories that float32 has')
  const x = floatsAt(node, 0)
  const emitter = node.begin()
  const column = viewed(emitter, x, [elementCount(x.shape), 1])
  const tests = categories.map((value) => ({ feature: 0, mode: 'BRANCH_EQ', value }) as const)
  return viewed(emitter, emitEnsemble(emitter, column, indicators(tests), categories.length, []), [...x.shape, categories.length])
}

/** Columns of the last dimension, in the order of constant indices; or the labels that computed indices stand for. */
export const arrayFeatureExtractor: Rule = (node) => {
  const [x, y] = [node.value(0), node.value(1)]
  if (x.kind === 'constant' && y.kind === 'accumulator') {
    const labels = x.texts ?? node.numbers(0)
    const indices = node.begin().straightened(y.emit())
    const found = labelled(node, indices, labels)
    // The standard gives rows of labels.
    return rearranged(node, found, [1, elementCount(indices.shape)], (placed) =>
      viewed(node.emitter, placed, [1, elementCount(indices.shape)]),
    )
  }
  const rows = rowsAt(node, 0)
  const emitter = node.begin()
  const columns = columnsAt(node, rows.shape[1]!)
  const result = ints(emitter, [rows.shape[0]!, columns.count])
  emitter.operator('gather', [rows.tensor, columns.tensor], result, { axis: 1 })
  return { ...rows, ...result }
}

/** Operand 1 as indices of columns: constant ones are checked, computed ones brought into the range. */
function columnsAt(node: NodeView, features: number): { tensor: number; count: number } {
  const { emitter } = node
  const value = node.value(1)
  if (value.kind === 'accumulator') {
    const placed = emitter.straightened(value.emit())
    const count = elementCount(placed.shape)
    return { tensor: emitter.view(placed, [count]), count }
  }
  const columns = node.numbers(1)
  const wrong = columns.find((column) => !(column >= 0 && column < features))
  if (wrong !== undefined) throw new Refusal(`it takes column ${wrong} of ${features}`)
  return { tensor: constantInts(emitter, [columns.length], columns), count: columns.length }
}

export const featureVectorizer: Rule = (node) =>
  joined(
    node.begin(),
    Array.from({ length: node.operands }, (_, index) => rowsAt(node, index)),
  )

/** A map from labels to probabilities: the artifact gives its columns in the labels' order. */
export const zipMap: Rule = (node) => {
  const labels = labelsOf(node, 'classlabels_int64s')
  node.tell(`its map is given as columns: ${labels.map((label) => JSON.stringify(label)).join(', ')}`)
  return floatsAt(node, 0)
}
