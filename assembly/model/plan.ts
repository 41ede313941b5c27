// Memory of a running instance: artifact | records | packed weights | inputs | outputs | activations | scratch, SLACK_BYTES behind each.
// Inputs and outputs lie one after the other without padding, as the host writes and reads them. The other activations share one region:
// in execution order each takes the first gap between the buffers that are live, 16-aligned. A reshape's result shares its operand's
// buffer.
// Cost: for each operator one walk over the live buffers, so at most 4096 · 4096 / 2 steps, and in practice a few for each.

import { opPackedBytes, opScratchBytes, RESHAPE } from '../ops/table'
import { fail, MEMORY, OK } from './errors'
import { alignUp, pagesOf } from './pages'
import { inputPortCount, inputPorts, outputPortCount, outputPorts, PORT_BYTES } from './read'
import {
  IS_CONSTANT,
  IS_INPUT,
  IS_OUTPUT,
  opCode,
  operatorAt,
  operatorCount,
  opInput,
  opInputCount,
  opOutput,
  opOutputCount,
  recordsEnd,
  SLACK_BYTES,
  setOpPacked,
  setScratch,
  setTensorAlias,
  setTensorLastUse,
  setTensorNext,
  setTensorPointer,
  tensorAlias,
  tensorAt,
  tensorBytes,
  tensorFlags,
  tensorLastUse,
  tensorNext,
  tensorPointer,
} from './records'

export const MAX_PAGES: u64 = 4096

let neededPages: u64 = 0
let inputStart: u64 = 0
let inputLength: u64 = 0
let outputStart: u64 = 0
let outputLength: u64 = 0

/** Pages of a running instance, after `planMemory`; 0 before. */
export function plannedPages(): u32 {
  return <u32>neededPages
}

export function forgetPlan(): void {
  neededPages = 0
  inputLength = 0
  outputLength = 0
}

export function inputRegion(): usize {
  return <usize>inputStart
}

export function inputRegionBytes(): u32 {
  return <u32>inputLength
}

export function outputRegion(): usize {
  return <usize>outputStart
}

export function outputRegionBytes(): u32 {
  return <u32>outputLength
}

/** Gives every buffer its place. A model past MAX_PAGES is refused; `got` is then a lower bound of its pages. */
export function planMemory(): i32 {
  let end = alignUp(recordsEnd())
  let scratchBytes: u64 = 0
  for (let i: u32 = 0; i < operatorCount(); i++) {
    const op = operatorAt(i)
    setOpPacked(op, <usize>end)
    end = alignUp(end + opPackedBytes(op))
    scratchBytes = max(scratchBytes, opScratchBytes(op))
    if (pagesOf(end) > MAX_PAGES) return fail(MEMORY, 0, pagesOf(end), MAX_PAGES)
  }
  inputStart = alignUp(end + SLACK_BYTES)
  inputLength = placePorts(inputStart, inputPorts(), inputPortCount())
  outputStart = alignUp(inputStart + inputLength + SLACK_BYTES)
  outputLength = placePorts(outputStart, outputPorts(), outputPortCount())
  const activations = alignUp(outputStart + outputLength + SLACK_BYTES)
  if (pagesOf(activations) > MAX_PAGES) return fail(MEMORY, 0, pagesOf(activations), MAX_PAGES)
  end = placeActivations(activations)
  const scratch = alignUp(end + SLACK_BYTES)
  const pages = pagesOf(scratch + scratchBytes + SLACK_BYTES)
  if (pages > MAX_PAGES) return fail(MEMORY, 0, pages, MAX_PAGES)
  setScratch(<usize>scratch)
  neededPages = pages
  return OK
}

/** Places the ports' tensors from `start` on; returns their bytes. */
function placePorts(start: u64, ports: usize, count: u32): u64 {
  let end = start
  for (let i: u32 = 0; i < count; i++) {
    const t = tensorAt(load<u16>(ports + i * PORT_BYTES))
    setTensorPointer(t, <usize>end)
    end += tensorBytes(t)
  }
  return end - start
}

/** The tensor in whose buffer t lies. */
function bufferOf(t: usize): usize {
  return tensorAlias(t) !== 0 ? tensorAlias(t) : t
}

/** Places the activations that are no ports from `start` on; returns the end of the region, or of the first buffer past the limit. */
function placeActivations(start: u64): u64 {
  findLifetimes()
  let end = start
  let head: usize = 0
  for (let i: u32 = 0; i < operatorCount(); i++) {
    const op = operatorAt(i)
    for (let j: u32 = 0; j < opOutputCount(op); j++) {
      const t = opOutput(op, j)
      if (tensorAlias(t) !== 0) setTensorPointer(t, tensorPointer(tensorAlias(t)))
      else if ((tensorFlags(t) & IS_OUTPUT) === 0) {
        head = placeBuffer(t, i, head, start)
        end = max(end, <u64>tensorPointer(t) + alignUp(tensorBytes(t)))
        if (pagesOf(end) > MAX_PAGES) return end
      }
    }
  }
  return end
}

/**
 * First gap that holds t among the live buffers, a list by address from `head` on, whose dead ones it drops; returns the list's new
 * head.
 */
function placeBuffer(t: usize, operator: u32, head: usize, start: u64): usize {
  const bytes = alignUp(tensorBytes(t))
  let gap = start
  let previous: usize = 0
  let node = head
  while (node !== 0) {
    if (tensorLastUse(node) < operator) {
      node = tensorNext(node)
      continue
    }
    if (previous !== 0) setTensorNext(previous, node)
    else head = node
    if (gap + bytes <= <u64>tensorPointer(node)) break
    gap = <u64>tensorPointer(node) + alignUp(tensorBytes(node))
    previous = node
    node = tensorNext(node)
  }
  setTensorPointer(t, <usize>gap)
  setTensorNext(t, node)
  if (previous === 0) return t
  setTensorNext(previous, t)
  return head
}

/** Last use of every buffer; a buffer that nobody reads lives while its operator runs. */
function findLifetimes(): void {
  for (let i: u32 = 0; i < operatorCount(); i++) {
    const op = operatorAt(i)
    for (let j: u32 = 0; j < opInputCount(op); j++) setTensorLastUse(bufferOf(opInput(op, j)), i)
    for (let j: u32 = 0; j < opOutputCount(op); j++) setTensorLastUse(opOutput(op, j), i)
    if (opCode(op) === RESHAPE) {
      const x = opInput(op, 0)
      const y = opOutput(op, 0)
      if ((tensorFlags(x) & IS_CONSTANT) === 0 && (tensorFlags(y) & IS_OUTPUT) === 0) setTensorAlias(y, bufferOf(x))
    }
  }
}
