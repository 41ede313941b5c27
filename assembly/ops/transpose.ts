// transpose: the dimensions of x in another order. Attributes: for each dimension of y the dimension of x that it is.
//
// Dimensions of 1 do not matter, and neighbours that stay neighbours are merged. Where the innermost stays innermost, runs of bytes are
// copied; otherwise the innermost of x and that of y are the two sides of a matrix whose rows and columns are exchanged.
import { transposeMatrix } from '../kernels/transpose'
import { ATTRIBUTE, fail, OK, RESULT } from '../model/errors'
import {
  opAttribute,
  opInput,
  opInputCount,
  opOutput,
  opPacked,
  opScratch,
  tensorBytes,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
  tensorType,
} from '../model/records'
import { addWork, COPIED_BYTES } from '../model/work'
import { checkAttribute, checkCounts, checkDim, checkNoRequantization, checkRank, checkType } from './check'
import { copyRuns, ROW_BYTES, RUN_BYTES } from './copy'

/** What an element that is moved by itself costs beside its bytes, and a matrix of them, in bytes. */
const TILED_ELEMENT_BYTES: u64 = 6
const ELEMENT_BYTES: u64 = 32
const MATRIX_BYTES: u64 = 96

// The packed region: how many groups of merged dimensions, the one that is innermost in x, then each group from the outermost of y on:
// its size, its step in x and its step in y, in bytes.
const GROUPS: usize = 0
const INNERMOST: usize = 4
const SIZE: usize = 8
const FROM_STEP: usize = 12
const TO_STEP: usize = 16
const GROUP_BYTES: usize = 12
const PACKED_BYTES: u64 = 8 + 6 * 12

export function transposeCheck(op: usize): i32 {
  const x = opInputCount(op) > 0 ? opInput(op, 0) : 0
  const rank = x !== 0 ? tensorRank(x) : 0
  let status = checkCounts(op, 1, 1, rank) || checkNoRequantization(op)
  if (status !== OK) return status
  status = checkType(op, RESULT, tensorType(x)) || checkRank(op, RESULT, rank)
  let left = ((<u32>1) << rank) - 1
  for (let i: u32 = 0; i < rank && status === OK; i++) {
    status = checkAttribute(op, i, 0, rank - 1)
    if (status !== OK) return status
    const from = <u32>opAttribute(op, i)
    if (((left >> from) & 1) === 0) return fail(ATTRIBUTE, i, from, ctz(left))
    left &= ~((<u32>1) << from)
    status = checkDim(op, RESULT, i, tensorDim(x, from))
  }
  return status
}

/** The dimension of y that dimension `from` of x becomes. */
function placeOf(op: usize, from: u32): u32 {
  let i: u32 = 0
  while (<u32>opAttribute(op, i) !== from) i++
  return i
}

/** The last dimension of x that is not 1; 0 where all are. */
function lastDimension(op: usize): u32 {
  const x = opInput(op, 0)
  let i = tensorRank(x) - 1
  while (i > 0 && tensorDim(x, i) === 1) i--
  return i
}

/** The last dimension of y that is not 1; 0 where all are. */
function lastPlace(op: usize): u32 {
  const y = opOutput(op, 0)
  let i = tensorRank(y) - 1
  while (i > 0 && tensorDim(y, i) === 1) i--
  return i
}

/** Elements of the merged dimensions that end with dimension `place` of y. */
function mergedElements(op: usize, place: u32): u64 {
  const x = opInput(op, 0)
  let from = opAttribute(op, place)
  let elements: u64 = tensorDim(x, from)
  for (let i = <i32>place - 1; i >= 0; i--) {
    const next = opAttribute(op, i)
    if (tensorDim(x, next) === 1) continue
    do from--
    while (from > 0 && tensorDim(x, from) === 1)
    if (next !== from) break
    elements *= tensorDim(x, next)
  }
  return elements
}

/** What the elements of a matrix cost beside their bytes: in tiles of 8 × 8 bytes, or one at a time. */
function matrixBytes(op: usize, rows: u64, columns: u64): u64 {
  const x = opInput(op, 0)
  const tiled = tensorBytes(x) === tensorElements(x) ? (rows & ~7) * (columns & ~7) : 0
  return tiled * TILED_ELEMENT_BYTES + (rows * columns - tiled) * ELEMENT_BYTES
}

export function transposeWork(op: usize, work: usize): void {
  const elements = <u64>tensorElements(opInput(op, 0))
  const place = placeOf(op, lastDimension(op))
  const size = mergedElements(op, lastPlace(op))
  const moves =
    place === lastPlace(op)
      ? (elements / size) * (RUN_BYTES + ROW_BYTES)
      : (elements / (size * mergedElements(op, place))) * (MATRIX_BYTES + matrixBytes(op, size, mergedElements(op, place)))
  addWork(work, COPIED_BYTES, tensorBytes(opInput(op, 0)) + moves)
}

export function transposeValidate(op: usize): i32 {
  return OK
}

export function transposePackedBytes(op: usize): u64 {
  return PACKED_BYTES
}

/** One counter for each group. */
export function transposeScratchBytes(op: usize): u64 {
  return 6 * 4
}

export function transposeLoad(op: usize): void {
  const packed = opPacked(op)
  const x = opInput(op, 0)
  const elementBytes = tensorBytes(x) / tensorElements(x)
  let groups: u32 = 0
  for (let i: u32 = 0; i < tensorRank(x); i++) {
    const from = <u32>opAttribute(op, i)
    const size = tensorDim(x, from)
    if (size === 1) continue
    let step = elementBytes
    for (let j = from + 1; j < tensorRank(x); j++) step *= tensorDim(x, j)
    const before = group(packed, groups - 1)
    if (groups > 0 && load<u32>(before, FROM_STEP) === size * step) {
      store<u32>(before, load<u32>(before, SIZE) * size, SIZE)
      store<u32>(before, step, FROM_STEP)
    } else addGroup(packed, groups++, size, step)
  }
  if (groups === 0) addGroup(packed, groups++, 1, elementBytes)
  store<u32>(packed, groups, GROUPS)
  let step = elementBytes
  for (let i = groups; i > 0; i--) {
    const entry = group(packed, i - 1)
    store<u32>(entry, step, TO_STEP)
    step *= load<u32>(entry, SIZE)
    if (load<u32>(entry, FROM_STEP) === elementBytes) store<u32>(packed, i - 1, INNERMOST)
  }
}

function group(packed: usize, i: u32): usize {
  return packed + <usize>i * GROUP_BYTES
}

function addGroup(packed: usize, i: u32, size: u32, step: u32): void {
  store<u32>(group(packed, i), size, SIZE)
  store<u32>(group(packed, i), step, FROM_STEP)
}

export function transposeRun(op: usize): void {
  const packed = opPacked(op)
  const counters = opScratch(op)
  const x = opInput(op, 0)
  const elementBytes = <usize>(tensorBytes(x) / tensorElements(x))
  const groups = load<u32>(packed, GROUPS)
  const innermost = load<u32>(packed, INNERMOST)
  const isRun = innermost === groups - 1
  const last = group(packed, groups - 1)
  const size = <usize>load<u32>(last, SIZE)
  // The group that is walked together with the last: runs strung together, or the other side of a matrix.
  const other = isRun ? groups - 2 : innermost
  const side = group(packed, other)
  memory.fill(counters, 0, 24)
  const start = tensorPointer(x)
  let from = start
  let to = tensorPointer(opOutput(op, 0))
  if (groups === 1) {
    memory.copy(to, from, tensorBytes(x))
    return
  }
  do {
    if (isRun) copyRuns(to, load<u32>(side, TO_STEP), from, load<u32>(side, FROM_STEP), size * elementBytes, load<u32>(side, SIZE))
    else transposeMatrix(from, size, load<u32>(side, SIZE), load<u32>(last, FROM_STEP), elementBytes, to, load<u32>(side, TO_STEP))
    // Counts up the groups outside, each carrying to the next; back at the start after the last.
    for (let i = groups - 1; i > 0; i--) {
      if (i - 1 === other) continue
      const entry = group(packed, i - 1)
      const counter = counters + ((i - 1) << 2)
      const count = load<u32>(counter) + 1
      if (count < load<u32>(entry, SIZE)) {
        store<u32>(counter, count)
        from += load<u32>(entry, FROM_STEP)
        to += load<u32>(entry, TO_STEP)
        break
      }
      store<u32>(counter, 0)
      from -= (count - 1) * load<u32>(entry, FROM_STEP)
      to -= (count - 1) * load<u32>(entry, TO_STEP)
    }
  } while (from !== start)
}
