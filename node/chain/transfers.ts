/**
 * Logs of a transaction with its ether transfers among them, written as ERC-20 transfers of a token at 0xeeee…eeee
 * (execution-apis, eth_simulateV1: traceTransfers). What is undone by a revert has no log.
 */

import type { EVMResult, InterpreterStep, Message } from '@ethereumjs/evm'
import { bigIntToAddressBytes, bigIntToBytes, bytesToHex, setLengthLeft } from '@ethereumjs/util'
import type { RunTxResult } from '@ethereumjs/vm'
import type { Machine } from '../state/machine.ts'
import { callType } from './tracers/call.ts'
import { hex } from './tracers/tracer.ts'
import type { Hex } from './types.ts'

export interface TransferLog {
  address: Hex
  topics: Hex[]
  data: Uint8Array
}

const ETHER_TOKEN: Hex = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
/** keccak256 of `Transfer(address,address,uint256)`. */
const TRANSFER: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const LOG0 = 0xa0

interface Frame {
  logs: TransferLog[]
  /** Of a creation, whose address is known when it ends. */
  received: { from: Hex; value: bigint } | undefined
}

export async function watchTransfers(
  { evm }: Machine,
  run: () => Promise<RunTxResult>,
): Promise<{ result: RunTxResult; logs: TransferLog[] }> {
  const frames: Frame[] = []
  let logs: TransferLog[] = []

  const before = (message: Message): void => {
    const type = callType(message)
    const moves = message.value > 0n && type !== 'DELEGATECALL' && type !== 'CALLCODE'
    const from = hex(message.caller)
    const isCreation = message.to === undefined
    frames.push({
      logs: moves && !isCreation ? [transfer(from, hex(message.to!), message.value)] : [],
      received: moves && isCreation ? { from, value: message.value } : undefined,
    })
  }
  const after = ({ execResult, createdAddress }: EVMResult): void => {
    const frame = frames.pop()!
    if (execResult.exceptionError !== undefined) return
    if (frame.received !== undefined && createdAddress !== undefined)
      frame.logs.unshift(transfer(frame.received.from, hex(createdAddress), frame.received.value))
    const parent = frames.at(-1)
    if (parent === undefined) logs = frame.logs
    else parent.logs.push(...frame.logs)
  }
  const onStep = (step: InterpreterStep): void => {
    const { opcode, stack, address, account } = step
    const frame = frames.at(-1)!
    if (opcode.name === 'SELFDESTRUCT' && stack.length > 0 && account.balance > 0n)
      frame.logs.push(transfer(hex(address), bytesToHex(bigIntToAddressBytes(stack.at(-1)! & ADDRESS_MASK)), account.balance))
    const topicCount = opcode.code - LOG0
    if (topicCount >= 0 && topicCount <= 4 && stack.length >= topicCount + 2) frame.logs.push(logOf(step, topicCount))
  }
  evm.events.on('beforeMessage', before)
  evm.events.on('afterMessage', after)
  evm.events.on('step', onStep)
  try {
    return { result: await run(), logs }
  } finally {
    evm.events.off('beforeMessage', before)
    evm.events.off('afterMessage', after)
    evm.events.off('step', onStep)
  }
}

const ADDRESS_MASK = (1n << 160n) - 1n
const wordHex = (value: bigint): Hex => bytesToHex(setLengthLeft(bigIntToBytes(value), 32))
const addressTopic = (address: Hex): Hex => wordHex(BigInt(address))

const transfer = (from: Hex, to: Hex, value: bigint): TransferLog => ({
  address: ETHER_TOKEN,
  topics: [TRANSFER, addressTopic(from), addressTopic(to)],
  data: setLengthLeft(bigIntToBytes(value), 32),
})

/** Memory beyond what the step shows is zero. One that does not fit costs more gas than there is: the frame fails and the log goes. */
function logOf({ stack, memory, address, gasLeft }: InterpreterStep, topicCount: number): TransferLog {
  const [offset, length] = [stack.at(-1)!, stack.at(-2)!]
  const topics = stack
    .slice(-2 - topicCount, -2)
    .reverse()
    .map(wordHex)
  const data = new Uint8Array(length > gasLeft ? 0 : Number(length))
  if (offset < BigInt(memory.length)) data.set(memory.subarray(Number(offset), Number(offset) + data.length))
  return { address: hex(address), topics, data }
}
