// mean: the dimensions whose bit is set in `axes` are averaged away; x int8 of any rank, y int8 with the elements that are left.
// Attributes: axes xZero yZero yMin yMax. The multiplier has the count folded in.
//
// Neighbouring dimensions of one kind are merged. Where the innermost is kept, strips of up to BLOCK elements are summed side by side; where it is averaged
// away, each result sums runs of bytes. Σ(x − xZero) = Σx − n·xZero: the second term is the bias of the requantization.
import { CHANNEL_CONSTANTS_BYTES, requantizeFlat } from '../kernels/requantize'
import { accumulate, clear, sumBytes } from '../kernels/sum'
import { ACCUMULATOR, ELEMENTS, fail, OK, SHAPE } from '../model/errors'
import {
  INT8,
  opAttribute,
  opInput,
  opOutput,
  opPacked,
  opScratch,
  rounding,
  tensorDim,
  tensorElements,
  tensorPointer,
  tensorRank,
} from '../model/records'
import { addWork, POOL_TAPS, REQUANTIZED_ELEMENTS } from '../model/work'
import { checkAttribute, checkCounts, checkInt8Bounds, checkRequantization, checkType, RESULT, validateMultiplier } from './check'
import { largestMagnitude, packUniformConstants, roundUp } from './layer'

const BLOCK: u32 = 512

// Groups of merged dimensions from the innermost on, in the packed region: u32 count, then size and step in elements of each. The kinds alternate.
const GROUPS: usize = 0
const SIZE: usize = 8
const STEP: usize = 12
const CONSTANTS: usize = 64

// Scratch: accumulators, then a counter for each group.
const COUNTERS: usize = 512 * 4 + 64
const SCRATCH_BYTES: u64 = 512 * 4 + 64 + 64

function isAveraged(op: usize, dimension: u32): bool {
  return ((opAttribute(op, 0) >> dimension) & 1) !== 0
}

/** Elements of x that make one result. */
function count(op: usize): u64 {
  const x = opInput(op, 0)
  let n: u64 = 1
  for (let d: u32 = 0; d < tensorRank(x); d++) if (isAveraged(op, d)) n *= tensorDim(x, d)
  return n
}

/** Size of the innermost group: what lies side by side. */
function innermost(op: usize): u64 {
  const x = opInput(op, 0)
  let size: u64 = 1
  let isFirst = true
  let kind = false
  for (let d = <i32>tensorRank(x) - 1; d >= 0; d--) {
    if (tensorDim(x, d) === 1) continue
    if (isFirst) kind = isAveraged(op, d)
    else if (isAveraged(op, d) !== kind) break
    isFirst = false
    size *= tensorDim(x, d)
  }
  return size
}

function isInnermostAveraged(op: usize): bool {
  const x = opInput(op, 0)
  for (let d = <i32>tensorRank(x) - 1; d >= 0; d--) if (tensorDim(x, d) !== 1) return isAveraged(op, d)
  return false
}

export function meanCheck(op: usize): i32 {
  let status = checkCounts(op, 1, 1, 5)
  if (status === OK) status = checkType(op, 0, INT8)
  if (status === OK) status = checkType(op, RESULT, INT8)
  if (status === OK) status = checkAttribute(op, 0, 1, (1 << tensorRank(opInput(op, 0))) - 1)
  if (status === OK) status = checkAttribute(op, 1, -128, 127)
  if (status === OK) status = checkAttribute(op, 2, -128, 127)
  if (status === OK) status = checkInt8Bounds(op, 3)
  if (status === OK) status = checkRequantization(op, 1)
  if (status !== OK) return status
  const wanted = <u64>tensorElements(opInput(op, 0)) / count(op)
  if (tensorElements(opOutput(op, 0)) !== wanted) return fail(SHAPE, ELEMENTS, tensorElements(opOutput(op, 0)), wanted)
  return bound(op) > <i64>i32.MAX_VALUE ? fail(ACCUMULATOR, 0, bound(op), i32.MAX_VALUE) : OK
}

function bound(op: usize): i64 {
  return count(op) * largestMagnitude(opAttribute(op, 1))
}

/** The cost of a strip or run of its own: that of so many elements. */
const RUN_TAPS: u64 = 48
/** Units of an element of a strip, which goes to sums of its own. */
const STRIP_TAP: u64 = 3

/** Eight elements side by side at a time. */
export function meanWork(op: usize, work: usize): void {
  const side = innermost(op)
  const tap: u64 = isInnermostAveraged(op) ? 1 : STRIP_TAP
  addWork(work, POOL_TAPS, (<u64>tensorElements(opInput(op, 0)) / side) * (roundUp(side, 8) + RUN_TAPS) * tap)
  addWork(work, REQUANTIZED_ELEMENTS, tensorElements(opOutput(op, 0)))
}

export function meanValidate(op: usize): i32 {
  return validateMultiplier(op, 0, bound(op))
}

export function meanPackedBytes(op: usize): u64 {
  return CONSTANTS + CHANNEL_CONSTANTS_BYTES
}

export function meanScratchBytes(op: usize): u64 {
  return SCRATCH_BYTES
}

export function meanLoad(op: usize): void {
  const packed = opPacked(op)
  const x = opInput(op, 0)
  let groups: u32 = 0
  let step: u32 = 1
  let last = false
  for (let d = <i32>tensorRank(x) - 1; d >= 0; d--) {
    const size = tensorDim(x, d)
    if (size === 1) continue
    if (groups > 0 && isAveraged(op, d) === last) {
      const entry = packed + ((<usize>(groups - 1)) << 3)
      store<u32>(entry, load<u32>(entry, SIZE) * size, SIZE)
    } else {
      const entry = packed + ((<usize>groups) << 3)
      store<u32>(entry, size, SIZE)
      store<u32>(entry, step, STEP)
      last = isAveraged(op, d)
      groups++
    }
    step *= size
  }
  if (groups === 0) {
    store<u32>(packed, 1, SIZE)
    store<u32>(packed, 1, STEP)
    groups = 1
  }
  store<u32>(packed, groups, GROUPS)
  packUniformConstants(op, 0, -(<i32>count(op)) * opAttribute(op, 1), packed + CONSTANTS, opScratch(op))
}

export function meanRun(op: usize): void {
  memory.fill(opScratch(op) + COUNTERS, 0, 64)
  if (isInnermostAveraged(op)) sumRuns(op)
  else sumStrips(op)
}

/** Results side by side in x add up one strip for each combination of the averaged groups. Short strips share a block. */
function sumStrips(op: usize): void {
  const scratch = opScratch(op)
  const width = load<u32>(opPacked(op), SIZE)
  const results = tensorElements(opOutput(op, 0))
  let y = tensorPointer(opOutput(op, 0))
  let base = tensorPointer(opInput(op, 0))
  let used: u32 = 0
  for (let done: u32 = 0; done < results; done += width) {
    for (let start: u32 = 0; start < width; start += BLOCK) {
      const side = min(width - start, BLOCK)
      if (used + side > BLOCK) {
        finish(op, scratch, used, y)
        y += used
        used = 0
      }
      const accumulators = scratch + ((<usize>used) << 2)
      let strip = base + start
      clear(accumulators, side)
      do {
        accumulate(strip, side, accumulators)
        strip = nextGroup(op, 1, strip)
      } while (strip !== base + start)
      used += side
    }
    base = nextGroup(op, 2, base)
  }
  finish(op, scratch, used, y)
}

/** Each result adds up runs of bytes, one for each combination of the outer averaged groups. */
function sumRuns(op: usize): void {
  const packed = opPacked(op)
  const accumulators = opScratch(op)
  const y = tensorPointer(opOutput(op, 0))
  const length = load<u32>(packed, SIZE)
  const results = tensorElements(opOutput(op, 0))
  let base = tensorPointer(opInput(op, 0))
  for (let start: u32 = 0; start < results; start += BLOCK) {
    const side = min(results - start, BLOCK)
    for (let i: u32 = 0; i < side; i++) {
      let sum = 0
      let run = base
      do {
        sum += sumBytes(run, length)
        run = nextGroup(op, 2, run)
      } while (run !== base)
      store<i32>(accumulators + ((<usize>i) << 2), sum)
      base = nextGroup(op, 1, base)
    }
    finish(op, accumulators, side, y + start)
  }
}

/** Counts up the groups first, first + 2, … (those of one kind), each carrying to the next; back at the start after the last. */
function nextGroup(op: usize, first: u32, pointer: usize): usize {
  const packed = opPacked(op)
  const groups = load<u32>(packed, GROUPS)
  for (let group = first; group < groups; group += 2) {
    const entry = packed + ((<usize>group) << 3)
    const counter = opScratch(op) + COUNTERS + ((<usize>group) << 2)
    const step = <usize>load<u32>(entry, STEP)
    const next = load<u32>(counter) + 1
    if (next < load<u32>(entry, SIZE)) {
      store<u32>(counter, next)
      return pointer + step
    }
    store<u32>(counter, 0)
    pointer -= <usize>(next - 1) * step
  }
  return pointer
}

function finish(op: usize, accumulators: usize, side: u32, y: usize): void {
  const constants = opPacked(op) + CONSTANTS
  requantizeFlat(rounding(), accumulators, side, constants, opAttribute(op, 2), opAttribute(op, 3), opAttribute(op, 4), y)
}
