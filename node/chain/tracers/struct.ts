/** geth's struct logger, the tracer where none is named: every step of the EVM with its gas, stack, storage, and memory if wanted. */

import type { EVMResult, InterpreterStep, Message } from '@ethereumjs/evm'
import { bigIntToBytes, bytesToHex, setLengthLeft } from '@ethereumjs/util'
import { NodeError } from '../../errors.ts'
import type { Hex } from '../types.ts'
import type { Tracer } from './subject.ts'
import { hex } from './tracer.ts'

export interface StructLogOptions {
  enableMemory?: boolean
  enableReturnData?: boolean
  disableStack?: boolean
  disableStorage?: boolean
  /** Most steps to report; 0: all. */
  limit?: number
}

export interface StructLog {
  pc: number
  op: string
  /** Left before the step. */
  gas: bigint
  /** Of a call, the gas passed on included. */
  gasCost: bigint
  /** 1 in the outermost frame. */
  depth: number
  error?: string
  /** Top last. */
  stack?: bigint[]
  /** Before the step, whole words. */
  memory?: Uint8Array
  /** At SLOAD and SSTORE: the slots of this contract that the transaction has used so far. */
  storage?: Record<Hex, Hex>
  refund: bigint
  returnData?: Uint8Array
}

export interface StructTrace {
  gas: bigint
  failed: boolean
  returnValue: Uint8Array
  structLogs: StructLog[]
}

/** Bytes of a trace as JSON, about. More than this would not fit into one answer. */
const MAX_TRACE_BYTES = 256 * 1024 * 1024
const STEP_BYTES = 90
const STACK_ITEM_BYTES = 20

/** @throws NodeError TRACE_TOO_LARGE */
export const structLogger =
  (options: StructLogOptions = {}): Tracer<StructTrace> =>
  async ({ machine, run }) => {
    const { events } = machine.evm
    const logs: StructLog[] = []
    const limit = options.limit === undefined || options.limit === 0 ? Number.POSITIVE_INFINITY : options.limit
    const storage = new Map<Hex, Record<Hex, Hex>>()
    /** For each open frame: its last step, and what its last inner call returned. */
    const frames: { last: StructLog | undefined; returnData: Uint8Array }[] = []
    let bytes = 0

    const storageAt = async ({ opcode, stack, address, stateManager }: InterpreterStep): Promise<Record<Hex, Hex> | undefined> => {
      const isLoad = opcode.name === 'SLOAD' && stack.length >= 1
      if (!isLoad && !(opcode.name === 'SSTORE' && stack.length >= 2)) return undefined
      const slot = setLengthLeft(bigIntToBytes(stack.at(-1)!), 32)
      const value = isLoad ? await stateManager.getStorage(address, slot) : bigIntToBytes(stack.at(-2)!)
      const slots = { ...storage.get(hex(address)), [bytesToHex(slot)]: bytesToHex(setLengthLeft(value, 32)) }
      storage.set(hex(address), slots)
      return slots
    }
    const record = async (step: InterpreterStep): Promise<void> => {
      const frame = frames.at(-1)!
      const log: StructLog = {
        pc: step.pc,
        op: step.opcode.name,
        gas: step.gasLeft,
        gasCost: stepCost(step),
        depth: step.depth + 1,
        refund: step.gasRefund,
      }
      frame.last = log
      const slots = options.disableStorage === true ? undefined : await storageAt(step)
      if (logs.length >= limit) return
      if (options.disableStack !== true) log.stack = step.stack
      // The step's memory is a copy already.
      if (options.enableMemory === true) log.memory = step.memory
      if (options.enableReturnData === true) log.returnData = frame.returnData
      if (slots !== undefined) log.storage = slots
      logs.push(log)
      bytes += sizeOf(log)
    }
    /** The EVM waits for a listener that takes a callback, and a listener that throws ends the run. */
    const onStep = (step: InterpreterStep, resume?: (result?: unknown) => void): void => {
      if (bytes > MAX_TRACE_BYTES) throw tooLarge(logs.length)
      void record(step).finally(() => resume?.())
    }
    const before = (_: Message): void => {
      frames.push({ last: undefined, returnData: NOTHING })
    }
    const after = ({ execResult, createdAddress }: EVMResult): void => {
      const { last } = frames.pop()!
      const error = execResult.exceptionError?.error
      if (error !== undefined && error !== 'revert' && last !== undefined) last.error = error
      const parent = frames.at(-1)
      if (parent === undefined) return
      const returns = createdAddress === undefined || error === 'revert'
      parent.returnData = returns ? execResult.returnValue.slice() : NOTHING
    }
    events.on('step', onStep)
    events.on('beforeMessage', before)
    events.on('afterMessage', after)
    try {
      const { totalGasSpent, execResult } = await run()
      const error = execResult.exceptionError?.error
      const returnValue = error === undefined || error === 'revert' ? execResult.returnValue : NOTHING
      return { gas: totalGasSpent, failed: error !== undefined, returnValue, structLogs: logs }
    } finally {
      events.off('step', onStep)
      events.off('beforeMessage', before)
      events.off('afterMessage', after)
    }
  }

const NOTHING = new Uint8Array(0)

const tooLarge = (steps: number) =>
  new NodeError(
    'TRACE_TOO_LARGE',
    `the trace has more than ${MAX_TRACE_BYTES} bytes after ${steps} steps: set limit or disableStack, leave out enableMemory, or use callTracer`,
  )
const CALLS: ReadonlySet<string> = new Set(['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'])

/** EIP-150: a call passes on what is asked for, but at most all but a 64th of what is left. */
function stepCost({ opcode, gasLeft, stack }: InterpreterStep): bigint {
  const fee = opcode.dynamicFee ?? BigInt(opcode.fee)
  if (fee > gasLeft) return gasLeft
  if (!CALLS.has(opcode.name) || stack.length === 0) return fee
  const available = gasLeft - fee
  const most = available - available / 64n
  const wanted = stack.at(-1)!
  return fee + (wanted < most ? wanted : most)
}

function sizeOf({ stack, memory, storage }: StructLog): number {
  const slots = storage === undefined ? 0 : 2 * 70 * Object.keys(storage).length
  return STEP_BYTES + (stack?.length ?? 0) * STACK_ITEM_BYTES + 2 * (memory?.length ?? 0) + slots
}
