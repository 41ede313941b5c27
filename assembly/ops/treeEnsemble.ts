// treeEnsemble: decision trees over float32 features. Operands: x [N,F] and base [O] (optional) as float32 bits; nodes [M,4]; weights [W,2]:
// output, float32 bits; roots [T]: a node for each tree. Attributes: depth (of the deepest tree), width (most
// weights of a leaf), aggregate. y [N,O], float32 bits.
//
// A node is kind | feature << 3 | height << 20, threshold (as the ordered integer of a float32), and the nodes for true and false. Where the
// kind has LEAF it is 1, first weight, number of weights, 0. Heights fall from a node to its children, so that no path is longer than depth.
import { add, div, fromInteger, order } from '../math/float32'
import { enter, fail, OK, TENSOR, VALUE } from '../model/errors'
import {
  INT32,
  opAttribute,
  opIndex,
  opInput,
  opInputCount,
  opOutput,
  opScratch,
  tensorDim,
  tensorElements,
  tensorIndex,
  tensorPointer,
} from '../model/records'
import { addWork, ELEMENTS_WORK, FIXED_POINT_ELEMENTS } from '../model/work'
import { checkAttribute, checkConstant, checkCounts, checkDim, checkNoRequantization, checkRank, checkType, RESULT } from './check'
import { checkFinite } from './floatLinear'

const X: u32 = 0
const NODES: u32 = 1
const WEIGHTS: u32 = 2
const ROOTS: u32 = 3
const BASE: u32 = 4

const LEAF: u32 = 1
/** The test is x = threshold instead of x ≤ threshold. */
const EQUAL: u32 = 2
/** NaN takes the true side. */
const NAN_IS_TRUE: u32 = 4

const FEATURE_SHIFT: u32 = 3
const HEIGHT_SHIFT: u32 = 20
const MOST_FEATURES: i32 = 1 << 17
const MOST_DEPTH: i32 = 4095
const MOST_WIDTH: i32 = 1 << 16

const NODE_BYTES: usize = 16
const NAN_ORDER: i32 = i32.MAX_VALUE
const INFINITY: u32 = 0x7f800000

const SUM: i32 = 0
const AVERAGE: i32 = 1
const LEAST: i32 = 2
const GREATEST: i32 = 3

/** Units of work for one node on a path. */
const STEP_ELEMENTS: u64 = 8
/** No weight yet: a NaN that no sum gives. */
const NONE: u32 = 0x7fffffff

export function treeEnsembleCheck(op: usize): i32 {
  let status = checkCounts(op, 4, 5, 3) || checkNoRequantization(op) || checkType(op, RESULT, INT32) || checkRank(op, RESULT, 2)
  for (let i: u32 = 0; i < opInputCount(op) && status === OK; i++) {
    status = checkType(op, i, INT32) || checkRank(op, i, i < ROOTS ? 2 : 1)
    if (i > 0) status = status || checkConstant(op, i)
  }
  if (status !== OK) return status
  status = checkDim(op, NODES, 1, 4) || checkDim(op, WEIGHTS, 1, 2) || checkDim(op, RESULT, 0, tensorDim(opInput(op, X), 0))
  if (status !== OK) return status
  if (opInputCount(op) > BASE) status = checkDim(op, BASE, 0, tensorDim(opOutput(op, 0), 1))
  if (status === OK && tensorDim(opInput(op, X), 1) > <u32>MOST_FEATURES) status = checkDim(op, X, 1, MOST_FEATURES)
  status = status || checkAttribute(op, 0, 0, MOST_DEPTH) || checkAttribute(op, 1, 1, MOST_WIDTH)
  return status || checkAttribute(op, 2, SUM, GREATEST)
}

/** Every path is as long as the longest, every leaf has as many weights as the one with most. */
export function treeEnsembleWork(op: usize, work: usize): void {
  const trees = <u64>tensorDim(opInput(op, X), 0) * tensorElements(opInput(op, ROOTS))
  const nodes = trees * <u64>(opAttribute(op, 0) + 1)
  addWork(work, ELEMENTS_WORK, STEP_ELEMENTS * nodes + tensorElements(opInput(op, X)))
  addWork(work, FIXED_POINT_ELEMENTS, trees * opAttribute(op, 1) + tensorElements(opOutput(op, 0)))
}

function node(op: usize, index: u32): usize {
  return tensorPointer(opInput(op, NODES)) + <usize>index * NODE_BYTES
}

function wrong(op: usize, place: u32, got: i64, wanted: i64): i32 {
  enter(opIndex(op), tensorIndex(opInput(op, place)))
  return fail(TENSOR, (VALUE << 8) | place, got, wanted)
}

export function treeEnsembleValidate(op: usize): i32 {
  const count = tensorDim(opInput(op, NODES), 0)
  for (let i: u32 = 0; i < count; i++) {
    const at = node(op, i)
    const status = load<u32>(at) & LEAF ? validateLeaf(op, at) : validateBranch(op, at, count)
    if (status !== OK) return status
  }
  return validateRoots(op, count) || validateWeights(op) || (opInputCount(op) > BASE ? checkFinite(op, BASE) : OK)
}

/** Its weights exist, and nothing else is said. */
function validateLeaf(op: usize, at: usize): i32 {
  if (load<u32>(at) !== LEAF) return wrong(op, NODES, load<u32>(at), LEAF)
  const weights = tensorDim(opInput(op, WEIGHTS), 0)
  const first = load<u32>(at, 4)
  const count = load<u32>(at, 8)
  if (count < 1 || count > <u32>opAttribute(op, 1)) return wrong(op, NODES, count, opAttribute(op, 1))
  if (<u64>first + count > weights) return wrong(op, NODES, first, <i64>weights - count)
  return load<u32>(at, 12) === 0 ? OK : wrong(op, NODES, load<u32>(at, 12), 0)
}

/** The feature exists, and both children are nodes of lesser height. */
function validateBranch(op: usize, at: usize, count: u32): i32 {
  const kind = load<u32>(at)
  const feature = (kind >>> FEATURE_SHIFT) & (MOST_FEATURES - 1)
  const height = kind >>> HEIGHT_SHIFT
  const features = tensorDim(opInput(op, X), 1)
  if (feature >= features) return wrong(op, NODES, feature, <i64>features - 1)
  if (height > <u32>opAttribute(op, 0)) return wrong(op, NODES, height, opAttribute(op, 0))
  for (let child: usize = 8; child < NODE_BYTES; child += 4) {
    const index = load<u32>(at + child)
    if (index >= count) return wrong(op, NODES, index, <i64>count - 1)
    const below = load<u32>(node(op, index)) >>> HEIGHT_SHIFT
    if (below >= height) return wrong(op, NODES, below, <i64>height - 1)
  }
  return OK
}

/** Roots are nodes, the highest of them as high as the depth says. */
function validateRoots(op: usize, count: u32): i32 {
  let highest: u32 = 0
  for (let i: usize = 0; i < <usize>tensorElements(opInput(op, ROOTS)); i++) {
    const root = load<u32>(tensorPointer(opInput(op, ROOTS)) + (i << 2))
    if (root >= count) return wrong(op, ROOTS, root, <i64>count - 1)
    highest = max(highest, load<u32>(node(op, root)) >>> HEIGHT_SHIFT)
  }
  return highest === <u32>opAttribute(op, 0) ? OK : wrong(op, ROOTS, highest, opAttribute(op, 0))
}

/** Outputs exist and weights are finite. */
function validateWeights(op: usize): i32 {
  const outputs = tensorDim(opOutput(op, 0), 1)
  const end = tensorPointer(opInput(op, WEIGHTS)) + ((<usize>tensorElements(opInput(op, WEIGHTS))) << 2)
  for (let at = tensorPointer(opInput(op, WEIGHTS)); at < end; at += 8) {
    if (load<u32>(at) >= outputs) return wrong(op, WEIGHTS, load<u32>(at), <i64>outputs - 1)
    if ((load<u32>(at, 4) & INFINITY) === INFINITY) return wrong(op, WEIGHTS, load<u32>(at, 4), INFINITY - 1)
  }
  return OK
}

export function treeEnsemblePackedBytes(op: usize): u64 {
  return 0
}

/** One row's features as ordered integers. */
export function treeEnsembleScratchBytes(op: usize): u64 {
  return (<u64>tensorDim(opInput(op, X), 1)) << 2
}

export function treeEnsembleLoad(op: usize): void {}

export function treeEnsembleRun(op: usize): void {
  const scratch = opScratch(op)
  const outputs = (<usize>tensorDim(opOutput(op, 0), 1)) << 2
  const row = (<usize>tensorDim(opInput(op, X), 1)) << 2
  const nodes = tensorPointer(opInput(op, NODES))
  const weights = tensorPointer(opInput(op, WEIGHTS))
  const roots = tensorPointer(opInput(op, ROOTS))
  const rootsEnd = roots + ((<usize>tensorElements(opInput(op, ROOTS))) << 2)
  const aggregate = opAttribute(op, 2)
  let x = tensorPointer(opInput(op, X))
  let y = tensorPointer(opOutput(op, 0))
  for (const end = x + ((<usize>tensorElements(opInput(op, X))) << 2); x < end; x += row, y += outputs) {
    for (let i: usize = 0; i < row; i += 4) store<i32>(scratch + i, order(load<u32>(x + i)))
    for (let i: usize = 0; i < outputs; i += 4) store<u32>(y + i, aggregate < LEAST ? 0 : NONE)
    for (let root = roots; root < rootsEnd; root += 4) take(leafOf(nodes, load<u32>(root), scratch), weights, aggregate, y)
    finish(op, aggregate, y, outputs)
  }
}

function leafOf(nodes: usize, root: u32, orders: usize): usize {
  let at = nodes + <usize>root * NODE_BYTES
  let kind = load<u32>(at)
  while (!(kind & LEAF)) {
    const value = load<i32>(orders + (((kind >>> FEATURE_SHIFT) & (MOST_FEATURES - 1)) << 2))
    const threshold = load<i32>(at, 4)
    let isTrue = kind & EQUAL ? value === threshold : value <= threshold
    if (value === NAN_ORDER) isTrue = (kind & NAN_IS_TRUE) !== 0
    at = nodes + <usize>load<u32>(isTrue ? at : at + 4, 8) * NODE_BYTES
    kind = load<u32>(at)
  }
  return at
}

function take(leaf: usize, weights: usize, aggregate: i32, y: usize): void {
  let at = weights + ((<usize>load<u32>(leaf, 4)) << 3)
  for (const end = at + ((<usize>load<u32>(leaf, 8)) << 3); at < end; at += 8) {
    const to = y + (load<u32>(at) << 2)
    const so = load<u32>(to)
    const weight = load<u32>(at, 4)
    if (aggregate < LEAST) store<u32>(to, add(so, weight))
    else if (so === NONE || (aggregate === LEAST ? order(weight) < order(so) : order(weight) > order(so))) store<u32>(to, weight)
  }
}

function finish(op: usize, aggregate: i32, y: usize, bytes: usize): void {
  const trees = fromInteger(tensorElements(opInput(op, ROOTS)), 0)
  for (let i: usize = 0; i < bytes; i += 4) {
    let value = load<u32>(y + i)
    if (value === NONE) value = 0
    if (aggregate === AVERAGE) value = div(value, trees)
    if (opInputCount(op) > BASE) value = add(value, load<u32>(tensorPointer(opInput(op, BASE)) + i))
    store<u32>(y + i, value)
  }
}
