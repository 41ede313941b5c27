/**
 * Opcodes that run on. The library's loop awaits every opcode, though only those that touch the state have something to wait for. So each of
 * the others is declared as a custom opcode which, once it is done, also executes what follows it, up to the next one that must be awaited
 * or to the end. Gas, order of checks and errors are the library's; whatever is out of the ordinary is left to it. While somebody traces
 * steps, nothing runs on, so that each step is announced.
 */

import type { Common } from '@ethereumjs/common'
import { EVMError, type EVMOpts, getOpcodesForHF } from '@ethereumjs/evm'
import { bigIntMax } from '@ethereumjs/util'
import { keccak256 } from '../chain/crypto.ts'
import { checkDeadline, type Deadline } from './deadline.ts'

type CustomOpcode = NonNullable<EVMOpts['customOpcodes']>[number]
type LibraryOpcode = ReturnType<typeof getOpcodesForHF>['opcodeMap'][number]
type RunState = Parameters<LibraryOpcode['opHandler']>[0]

/** Gas beside the opcode's own; negative where the library shall do it. May change the size of the memory, unless it is negative. */
type DynamicGas = (runState: RunState, prices: Prices) => number

interface QuickOpcode {
  readonly fee: number
  readonly gas: DynamicGas | undefined
  readonly run: (runState: RunState, common: Common) => void
}

interface Prices {
  readonly memory: number
  readonly quadraticDivisor: number
  readonly copiedWord: number
  readonly hashedWord: number
  readonly exponentByte: number
  readonly logTopic: number
  readonly logByte: number
}

/** Where jumps may go, and what PUSH pushes as far as it is known; undefined in the middle of an instruction. */
interface CodeAnalysis {
  readonly isJumpTarget: Uint8Array
  readonly constants: (bigint | undefined)[]
}

const LEAVE_TO_LIBRARY = -1
/** Memory up to here is charged in exact numbers. */
const MAX_MEMORY_BYTES = 2n ** 26n
const JUMPDEST = 0x5b
const PUSH0 = 0x5f
const PUSH32 = 0x7f
const DUP1 = 0x80
const SWAP1 = 0x90

/** For `createEVM`; the hardfork must stay as it is. */
export function runningOpcodes(common: Common, deadline: Deadline): CustomOpcode[] {
  const { opcodeMap } = getOpcodesForHF(common)
  const quick: (QuickOpcode | undefined)[] = Array(256).fill(undefined)
  const library: [number, LibraryOpcode][] = []
  for (let code = 0; code < 256; code++) {
    const entry = opcodeMap[code]!
    const { opcodeInfo, opHandler } = entry
    const gas = dynamicGas.get(code)
    const isAwaited = opHandler === undefined || opHandler.constructor.name === 'AsyncFunction'
    if (opcodeInfo.isInvalid || isAwaited || opcodeInfo.dynamicGas !== (gas !== undefined)) continue
    quick[code] = { fee: opcodeInfo.fee, gas, run: opHandler as QuickOpcode['run'] }
    library.push([code, entry])
  }
  const runOn = createRunner(common, quick, deadline)
  return library.map(([code, { opcodeInfo, opHandler, gasHandler }]) => ({
    opcode: code,
    opcodeName: opcodeInfo.name,
    baseFee: opcodeInfo.fee,
    ...(opcodeInfo.dynamicGas ? { gasFunction: gasHandler } : {}),
    logicFunction: (runState: RunState) => {
      opHandler(runState, common)
      runOn(runState)
    },
  }))
}

/** Yellow Paper, appendix H.1; EIP-150, EIP-160, EIP-5656. */
const dynamicGas: ReadonlyMap<number, DynamicGas> = new Map<number, DynamicGas>([
  [0x0a, ({ stack }, { exponentByte }) => exponentByte * byteLength(stack.peek(2)[1]!)],
  [0x20, (state, prices) => perWord(state, prices, peekRange(state, 0, 1), prices.hashedWord)],
  [0x37, (state, prices) => perWord(state, prices, peekRange(state, 0, 2), prices.copiedWord)],
  [0x39, (state, prices) => perWord(state, prices, peekRange(state, 0, 2), prices.copiedWord)],
  [
    0x3e,
    (state, prices) => {
      const [, source, length] = state.stack.peek(3)
      if (source! + length! > state.interpreter.getReturnDataSize()) return LEAVE_TO_LIBRARY
      return perWord(state, prices, peekRange(state, 0, 2), prices.copiedWord)
    },
  ],
  [0x51, (state, prices) => memoryGas(state, prices, [state.stack.peek()[0]!, 32n])],
  [0x52, (state, prices) => memoryGas(state, prices, [state.stack.peek()[0]!, 32n])],
  [0x53, (state, prices) => memoryGas(state, prices, [state.stack.peek()[0]!, 1n])],
  [
    0x5e,
    (state, prices) => {
      const [target, source, length] = state.stack.peek(3)
      return perWord(state, prices, [bigIntMax(target!, source!), length!], prices.copiedWord)
    },
  ],
  ...[0, 1, 2, 3, 4].map((topics): [number, DynamicGas] => [
    0xa0 + topics,
    (state, prices) => {
      if (state.interpreter.isStatic()) return LEAVE_TO_LIBRARY
      const range = peekRange(state, 0, 1)
      const memory = memoryGas(state, prices, range)
      return memory < 0 ? memory : memory + prices.logTopic * topics + prices.logByte * Number(range[1])
    },
  ]),
  [0xf3, (state, prices) => memoryGas(state, prices, peekRange(state, 0, 1))],
  [0xfd, (state, prices) => memoryGas(state, prices, peekRange(state, 0, 1))],
])

const byteLength = (value: bigint): number => (value === 0n ? 0 : Math.ceil(value.toString(16).length / 2))

type Range = readonly [offset: bigint, length: bigint]

function peekRange({ stack }: RunState, offset: number, length: number): Range {
  const items = stack.peek(length + 1)
  return [items[offset]!, items[length]!]
}

function perWord(state: RunState, prices: Prices, range: Range, wordPrice: number): number {
  const memory = memoryGas(state, prices, range)
  return memory < 0 ? memory : memory + wordPrice * Math.ceil(Number(range[1]) / 32)
}

/** Grows the memory to this range and gives what that costs. */
function memoryGas(state: RunState, { memory, quadraticDivisor }: Prices, [offset, length]: Range): number {
  if (length === 0n) return 0
  if (offset > MAX_MEMORY_BYTES || length > MAX_MEMORY_BYTES) return LEAVE_TO_LIBRARY
  const words = Math.ceil((Number(offset) + Number(length)) / 32)
  if (words <= Number(state.memoryWordCount)) return 0
  const cost = words * memory + Math.floor((words * words) / quadraticDivisor)
  const before = Number(state.highestMemCost)
  state.highestMemCost = BigInt(cost)
  state.memoryWordCount = BigInt(words)
  return cost - before
}

/** The first operand is the top of the stack. */
const binary: readonly (((first: bigint, second: bigint) => bigint) | undefined)[] = Object.assign(Array(256).fill(undefined), {
  1: (first: bigint, second: bigint) => BigInt.asUintN(256, first + second),
  2: (first: bigint, second: bigint) => BigInt.asUintN(256, first * second),
  3: (first: bigint, second: bigint) => BigInt.asUintN(256, first - second),
  16: (first: bigint, second: bigint) => (first < second ? 1n : 0n),
  17: (first: bigint, second: bigint) => (first > second ? 1n : 0n),
  20: (first: bigint, second: bigint) => (first === second ? 1n : 0n),
  22: (first: bigint, second: bigint) => first & second,
  23: (first: bigint, second: bigint) => first | second,
  24: (first: bigint, second: bigint) => first ^ second,
  27: (first: bigint, second: bigint) => (first > 255n ? 0n : BigInt.asUintN(256, second << first)),
  28: (first: bigint, second: bigint) => (first > 255n ? 0n : second >> first),
})

function createRunner(common: Common, quick: readonly (QuickOpcode | undefined)[], deadline: Deadline): (runState: RunState) => void {
  const price = (name: string) => Number(common.param(name))
  const prices: Prices = {
    memory: price('memoryGas'),
    quadraticDivisor: price('quadCoefficientDivGas'),
    copiedWord: price('copyGas'),
    hashedWord: price('keccak256WordGas'),
    exponentByte: price('expByteGas'),
    logTopic: price('logTopicGas'),
    logByte: price('logDataGas'),
  }
  // Code comes from the cache of the node's states: the same bytes are the same object while they are in use.
  const analyses = new WeakMap<Uint8Array, CodeAnalysis>()
  const analysisOf = (code: Uint8Array): CodeAnalysis => {
    let analysis = analyses.get(code)
    if (analysis === undefined) {
      analysis = { isJumpTarget: jumpTargets(code), constants: Array(code.length) }
      analyses.set(code, analysis)
    }
    return analysis
  }

  return (runState) => {
    const { code, stack, memory, interpreter } = runState
    if (runState.gasLeft > BigInt(Number.MAX_SAFE_INTEGER) || interpreter._evm.events.listenerCount('step') > 0) return
    const { isJumpTarget, constants } = analysisOf(code)
    let gas = Number(runState.gasLeft)
    let at = runState.programCounter
    let jumps = 0
    try {
      while (at < code.length) {
        const opcode = code[at]!
        const entry = quick[opcode]
        if (entry === undefined) return
        if (entry.gas !== undefined) {
          const dynamic = entry.gas(runState, prices)
          if (dynamic < 0) return
          gas -= dynamic
        }
        gas -= entry.fee
        if (gas < 0) {
          gas = 0
          throw new EVMError(EVMError.errorMessages.OUT_OF_GAS)
        }
        at++
        if (opcode >= PUSH0 && opcode <= PUSH32) {
          const length = opcode - PUSH0
          let constant = constants[at]
          if (constant === undefined) {
            constant = constantAt(code, at, length)
            constants[at] = constant
          }
          stack.push(constant)
          at += length
          continue
        }
        if (opcode >= DUP1 && opcode < SWAP1 + 16) {
          if (opcode < SWAP1) stack.dup(opcode - DUP1 + 1)
          else stack.swap(opcode - SWAP1 + 1)
          continue
        }
        const operation = binary[opcode]
        if (operation !== undefined) {
          const first = stack.pop()
          stack.push(operation(first, stack.pop()))
          continue
        }
        switch (opcode) {
          case 0x15:
            stack.push(stack.pop() === 0n ? 1n : 0n)
            continue
          case 0x20: {
            const offset = Number(stack.pop())
            const hash = keccak256(memory.read(offset, Number(stack.pop()), true))
            stack.push(wordAt(new DataView(hash.buffer, hash.byteOffset), 0))
            continue
          }
          case 0x50:
            stack.pop()
            continue
          case 0x51:
            stack.push(loadWord(memory, Number(stack.pop())))
            continue
          case 0x52: {
            const offset = Number(stack.pop())
            storeWord(memory, offset, stack.pop())
            continue
          }
          case 0x56:
          case 0x57: {
            const target = stack.pop()
            if (opcode === 0x57 && stack.pop() === 0n) continue
            if (target < BigInt(code.length) && isJumpTarget[Number(target)] === 1) {
              // Code without jumps is over soon.
              if ((++jumps & 0x3ff) === 0) checkDeadline(deadline)
              at = Number(target)
              continue
            }
            // The library's own error, which names the place.
            stack.push(target)
            runState.programCounter = at
            quick[0x56]!.run(runState, common)
            continue
          }
          case 0x5a:
            stack.push(BigInt(gas))
            continue
          case JUMPDEST:
            continue
          default:
            runState.opCode = opcode
            runState.programCounter = at
            entry.run(runState, common)
            at = runState.programCounter
        }
      }
    } finally {
      runState.programCounter = at
      runState.gasLeft = BigInt(gas)
    }
  }
}

function jumpTargets(code: Uint8Array): Uint8Array {
  const targets = new Uint8Array(code.length)
  for (let at = 0; at < code.length; at++) {
    const opcode = code[at]!
    if (opcode === JUMPDEST) targets[at] = 1
    else if (opcode > PUSH0 && opcode <= PUSH32) at += opcode - PUSH0
  }
  return targets
}

/** What lies behind the end of the code is 0. */
function constantAt(code: Uint8Array, at: number, length: number): bigint {
  if (length === 0) return 0n
  const bytes = code.subarray(at, at + length)
  const digits = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
  return BigInt(`0x${digits.padEnd(2 * length, '0')}`)
}

type Memory = RunState['memory']

const viewOf = ({ _store: { buffer, byteOffset, length } }: Memory) => new DataView(buffer, byteOffset, length)

function loadWord(memory: Memory, offset: number): bigint {
  memory.extend(offset, 32)
  return wordAt(viewOf(memory), offset)
}

function wordAt(view: DataView, offset: number): bigint {
  const high = (view.getBigUint64(offset) << 64n) | view.getBigUint64(offset + 8)
  const low = (view.getBigUint64(offset + 16) << 64n) | view.getBigUint64(offset + 24)
  return (high << 128n) | low
}

function storeWord(memory: Memory, offset: number, word: bigint): void {
  memory.extend(offset, 32)
  const view = viewOf(memory)
  for (let at = offset + 24, rest = word; at >= offset; at -= 8, rest >>= 64n) view.setBigUint64(at, rest)
}
