// The life of the one model in an instance: what the exports of docs/embedding.md do. Every entry that takes an artifact first forgets
// the one before.
import { opCheck, opLoad, opRun, opValidate, opWork } from '../ops/table'
import {
  ARTIFACT_LIMIT,
  clearError,
  enter,
  FORMAT,
  fail,
  INSTANCE,
  LIMIT,
  NO_SUCH_INDEX,
  NOT_READY,
  OK,
  ROUNDING,
  TOO_SMALL,
  WORK_LIMIT,
} from './errors'
import { checkGraph } from './graph'
import { pagesOf } from './pages'
import { forgetPlan, inputRegionBytes, outputRegionBytes, planMemory, plannedPages } from './plan'
import { MAX_ARTIFACT_BYTES, modelRounding, mostRecordBytes, readModel, recordsOffset } from './read'
import {
  NO_INDEX,
  operatorAt,
  operatorCount,
  opInput,
  opInputCount,
  placeRecords,
  ROUNDING_DOUBLE,
  SLACK_BYTES,
  setRounding,
  tensorAt,
  tensorBytes,
  tensorCount,
  tensorDataBytes,
  tensorIsConstant,
} from './records'
import { modelRoot } from './root'
import { addWork, INPUT_BYTES, LOADED_BYTES, MACS, MODEL_BYTES, OPERATORS, OUTPUT_BYTES, PAGES, WORK_BYTES, workOf } from './work'

const FORMAT_VERSION: u32 = 1
const MAX_MULTIPLY_ADDS: u64 = 1 << 40

const NOTHING: u32 = 0
const MEASURED: u32 = 1
const LOADED: u32 = 2
let state: u32 = NOTHING

/** The model's work vector; the host may write it, for `gas`. */
export const modelWork: usize = memory.data(128, 16)
const oneWork: usize = memory.data(128, 16)

export function artifactStart(): usize {
  return (__heap_base + 15) & ~15
}

/** 0 for a size past the limit. */
export function pagesToPlan(bytes: u32): u32 {
  if (bytes > MAX_ARTIFACT_BYTES) return 0
  return <u32>pagesOf(artifactStart() + recordsOffset(bytes) + mostRecordBytes(bytes) + SLACK_BYTES)
}

export function isMeasured(): bool {
  return state !== NOTHING
}

export function isLoaded(): bool {
  return state === LOADED
}

function forget(): void {
  state = NOTHING
  clearError()
  forgetPlan()
  placeRecords(artifactStart(), 0, 0)
  memory.fill(modelWork, 0, WORK_BYTES)
}

/** Forgets the model before, and checks that this one fits into the memory. */
function begin(bytes: u32): i32 {
  forget()
  if (bytes > MAX_ARTIFACT_BYTES) return fail(LIMIT, ARTIFACT_LIMIT, bytes, MAX_ARTIFACT_BYTES)
  if (<u64>memory.size() < pagesOf(artifactStart() + <u64>bytes)) return fail(INSTANCE, TOO_SMALL, memory.size(), pagesToPlan(bytes))
  return OK
}

/** Pointer to the root, or 0. */
export function identifyModel(bytes: u32): usize {
  const status = begin(bytes) || readModel(artifactStart(), bytes)
  const root = status === OK ? modelRoot() : 0
  placeRecords(artifactStart(), 0, 0)
  return root
}

export function measureModel(bytes: u32): i32 {
  const status = begin(bytes) || readHeader(bytes) || checkGraph() || checkOperators() || planMemory()
  if (status !== OK) return forgetRecords(status)
  addWork(modelWork, INPUT_BYTES, inputRegionBytes())
  addWork(modelWork, OUTPUT_BYTES, outputRegionBytes())
  addWork(modelWork, LOADED_BYTES, bytes + repeatedBytes())
  addWork(modelWork, PAGES, plannedPages())
  addWork(modelWork, MODEL_BYTES, bytes)
  state = MEASURED
  return OK
}

/** Another format could have another structure: it is looked at first. */
function readHeader(bytes: u32): i32 {
  const format = <u32>load<u16>(artifactStart())
  if (bytes >= 2 && format !== FORMAT_VERSION) return fail(FORMAT, 0, format, FORMAT_VERSION)
  const status = readModel(artifactStart(), bytes)
  if (status !== OK) return status
  if (modelRounding() > ROUNDING_DOUBLE) return fail(ROUNDING, 1, modelRounding(), ROUNDING_DOUBLE)
  setRounding(modelRounding())
  return OK
}

/** Every operator's own rules, and the work they add up to. */
function checkOperators(): i32 {
  for (let i: u32 = 0; i < operatorCount(); i++) {
    const op = operatorAt(i)
    enter(i, NO_INDEX)
    const status = opCheck(op)
    if (status !== OK) return status
    addWork(modelWork, OPERATORS, 1)
    opWork(op, modelWork)
    if (workOf(modelWork, MACS) > MAX_MULTIPLY_ADDS) return fail(LIMIT, WORK_LIMIT, workOf(modelWork, MACS), MAX_MULTIPLY_ADDS)
  }
  enter(NO_INDEX, NO_INDEX)
  return OK
}

/** Bytes of constants that operators read beyond the first reading of each: every operand is validated and packed for itself. */
function repeatedBytes(): u64 {
  let read: u64 = 0
  for (let i: u32 = 0; i < operatorCount(); i++) {
    const op = operatorAt(i)
    for (let j: u32 = 0; j < opInputCount(op); j++) if (tensorIsConstant(opInput(op, j))) read += tensorBytes(opInput(op, j))
  }
  // Each constant is an operand of some operator: the graph has no others.
  for (let i: u32 = 0; i < tensorCount(); i++) read -= tensorDataBytes(tensorAt(i))
  return read
}

export function planModel(bytes: u32): i32 {
  const status = measureModel(bytes) || validateConstants()
  return status === OK ? OK : forgetRecords(status)
}

function validateConstants(): i32 {
  for (let i: u32 = 0; i < operatorCount(); i++) {
    enter(i, NO_INDEX)
    const status = opValidate(operatorAt(i))
    if (status !== OK) return status
  }
  enter(NO_INDEX, NO_INDEX)
  return OK
}

export function loadModel(bytes: u32): i32 {
  const status = planModel(bytes)
  if (status !== OK) return status
  // The plan stays: it tells the host how large an instance has to be.
  if (<u32>memory.size() < plannedPages()) return fail(INSTANCE, TOO_SMALL, memory.size(), plannedPages())
  for (let i: u32 = 0; i < operatorCount(); i++) opLoad(operatorAt(i))
  state = LOADED
  return OK
}

export function runModel(): i32 {
  clearError()
  if (state !== LOADED) return fail(INSTANCE, NOT_READY, state, LOADED)
  for (let i: u32 = 0; i < operatorCount(); i++) opRun(operatorAt(i))
  return OK
}

export function runOne(index: u32): i32 {
  clearError()
  if (state !== LOADED) return fail(INSTANCE, NOT_READY, state, LOADED)
  if (index >= operatorCount()) return fail(INSTANCE, NO_SUCH_INDEX, index, <i64>operatorCount() - 1)
  opRun(operatorAt(index))
  return OK
}

/** Pointer to the work vector of one operator, 0 where there is none. */
export function workOfOperator(index: u32): usize {
  if (index >= operatorCount()) return 0
  memory.fill(oneWork, 0, WORK_BYTES)
  addWork(oneWork, OPERATORS, 1)
  opWork(operatorAt(index), oneWork)
  return oneWork
}

/** An error leaves nothing of the model behind. */
function forgetRecords(status: i32): i32 {
  state = NOTHING
  forgetPlan()
  memory.fill(modelWork, 0, WORK_BYTES)
  placeRecords(artifactStart(), 0, 0)
  return status
}
