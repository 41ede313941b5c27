/**
 * geth's callTracer, from the messages that the EVM announces: one frame for each call and creation, those to precompiles included.
 * A CALL inside a static context cannot be told from a STATICCALL there and is shown as one. SELFDESTRUCT makes no frame.
 */

import type { EVMResult, Message } from '@ethereumjs/evm'
import { bytesToHex } from '@ethereumjs/util'
import { revertReason } from '../revert.ts'
import type { CallFrame, CallType } from '../types.ts'
import type { Tracer } from './subject.ts'
import { hex } from './tracer.ts'

export interface CallTracerOptions {
  /** Report the outermost frame alone. */
  onlyTopCall?: boolean
  /** Report the logs of each frame. */
  withLog?: boolean
}

type Log = NonNullable<EVMResult['execResult']['logs']>[number]

interface OpenFrame {
  frame: CallFrame
  /** Logs of inner frames, in order, each with the number of calls made before the inner frame returned. */
  inner: Map<Log, number>
}

/** The outermost frame shows the transaction's gas limit and gas used, intrinsic gas included. */
export const callTracer =
  (options: CallTracerOptions = {}): Tracer<CallFrame> =>
  async ({ machine, gasLimit, run }) => {
    const { events } = machine.evm
    const open: OpenFrame[] = []
    let outermost: CallFrame | undefined

    const before = (message: Message): void => {
      open.push({ frame: openFrame(message), inner: new Map() })
    }
    const after = (result: EVMResult): void => {
      const closed = open.pop()!
      const parent = open.at(-1)
      closeFrame(closed, result, options)
      if (parent === undefined) outermost = closed.frame
      else if (options.onlyTopCall !== true) {
        parent.frame.calls ??= []
        parent.frame.calls.push(closed.frame)
        for (const log of result.execResult.logs ?? []) parent.inner.set(log, parent.frame.calls.length)
      }
    }
    events.on('beforeMessage', before)
    events.on('afterMessage', after)
    try {
      const { totalGasSpent } = await run()
      return { ...outermost!, gas: gasLimit, gasUsed: totalGasSpent }
    } finally {
      events.off('beforeMessage', before)
      events.off('afterMessage', after)
    }
  }

function openFrame(message: Message): CallFrame {
  const type = callType(message)
  const frame: CallFrame = {
    type,
    // In a DELEGATECALL the message keeps the outer caller; the calling contract is the one whose storage is used.
    from: hex(type === 'DELEGATECALL' ? message.to! : message.caller),
    gas: message.gasLimit,
    gasUsed: 0n,
    // The message's data is a view of the caller's memory.
    input: message.data.slice(),
  }
  if (message.to !== undefined) frame.to = hex(message.codeAddress)
  if (type !== 'STATICCALL') frame.value = message.value
  return frame
}

export function callType(message: Message): CallType {
  if (message.to === undefined) return message.salt === undefined ? 'CREATE' : 'CREATE2'
  if (message.delegatecall) return 'DELEGATECALL'
  if (!message.codeAddress.equals(message.to)) return 'CALLCODE'
  return message.isStatic ? 'STATICCALL' : 'CALL'
}

function closeFrame({ frame, inner }: OpenFrame, { execResult, createdAddress }: EVMResult, options: CallTracerOptions): void {
  frame.gasUsed = execResult.executionGasUsed
  if (createdAddress !== undefined) frame.to = hex(createdAddress)
  const failure = execResult.exceptionError?.error
  if (failure === undefined || failure === 'revert') frame.output = execResult.returnValue.slice()
  if (failure !== undefined) {
    frame.error = failure === 'revert' ? 'execution reverted' : failure
    const reason = failure === 'revert' ? revertReason(execResult.returnValue) : undefined
    if (reason !== undefined) frame.revertReason = reason
    return
  }
  if (options.withLog !== true) return
  let position = 0
  const logs: NonNullable<CallFrame['logs']> = []
  for (const log of execResult.logs ?? []) {
    const callsBefore = inner.get(log)
    if (callsBefore !== undefined) {
      position = callsBefore
      continue
    }
    const [address, topics, data] = log
    logs.push({ address: bytesToHex(address), topics: topics.map((topic) => bytesToHex(topic)), data, position })
  }
  if (logs.length > 0) frame.logs = logs
}
