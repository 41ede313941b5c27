/** What code is told of the transaction, the block and other accounts. */

import type { Block } from '@ethereumjs/block'
import { type Frame, type Outcome, outcome } from '../frame.ts'
import { endOf } from '../memory.ts'
import type { Substate } from '../substate.ts'
import { addressOf, wordOfBytes, wordOfHex } from '../words.ts'
import type { Declaration } from './instruction.ts'

const BLOCK_HASHES = 256n

/** Puts a word on the stack. */
const telling = (opcode: number, tell: (frame: Frame, substate: Substate) => bigint): Declaration => ({
  opcode,
  takes: 0,
  gives: 1,
  run(frame, substate) {
    frame.replace(0, tell(frame, substate))
    return outcome.next
  },
})

/** Asks an account, which it makes warm. */
const asking = (opcode: number, ask: (address: string, substate: Substate) => bigint): Declaration => ({
  opcode,
  takes: 1,
  gives: 1,
  run(frame, substate) {
    const address = addressOf(frame.peek(0))
    if (!frame.pay(substate.touchAccountGas(address))) return outcome.outOfGas
    frame.replace(1, ask(address, substate))
    return outcome.next
  },
})

const copying = (opcode: number, sourceOf: (frame: Frame) => Uint8Array): Declaration => ({
  opcode,
  takes: 3,
  gives: 0,
  run: (frame, substate) => {
    const [target, offset, length] = [frame.peek(0), frame.peek(1), frame.peek(2)]
    if (!frame.payWithMemory(copyGas(substate, length), endOf(target, length))) return outcome.outOfGas
    frame.memory.copyIn(target, sourceOf(frame), offset, length)
    frame.height -= 3
    return outcome.next
  },
})

const copyGas = ({ rules }: Substate, length: bigint): number => rules.copyWordGas * Math.ceil(Number(length) / 32)

const header =
  (read: (header: Block['header']) => bigint) =>
  (_frame: Frame, { around }: Substate) =>
    read(around.block.header)

function loadCalldata(frame: Frame): Outcome {
  const { data } = frame.message
  const offset = frame.peek(0)
  let value = 0n
  if (offset < data.length) {
    const start = Number(offset)
    const bytes = data.subarray(start, start + 32)
    value = wordOfBytes(bytes) << BigInt(8 * (32 - bytes.length))
  }
  frame.replace(1, value)
  return outcome.next
}

function copyExternalCode(frame: Frame, substate: Substate): Outcome {
  const address = addressOf(frame.peek(0))
  const [target, offset, length] = [frame.peek(1), frame.peek(2), frame.peek(3)]
  const gas = substate.touchAccountGas(address) + copyGas(substate, length)
  if (!frame.payWithMemory(gas, endOf(target, length))) return outcome.outOfGas
  frame.memory.copyIn(target, substate.state.code(address), offset, length)
  frame.height -= 4
  return outcome.next
}

function copyReturned(frame: Frame, substate: Substate): Outcome {
  const [target, offset, length] = [frame.peek(0), frame.peek(1), frame.peek(2)]
  if (offset + length > frame.returned.length) return outcome.outOfGas
  if (!frame.payWithMemory(copyGas(substate, length), endOf(target, length))) return outcome.outOfGas
  frame.memory.copyIn(target, frame.returned, offset, length)
  frame.height -= 3
  return outcome.next
}

function blockHash(frame: Frame, { around }: Substate): Outcome {
  const number = frame.peek(0)
  const age = around.block.header.number - number
  frame.replace(1, age > 0n && age <= BLOCK_HASHES ? wordOfBytes(around.blockHash(number)) : 0n)
  return outcome.next
}

export const environment: readonly Declaration[] = [
  telling(0x30, ({ message }) => wordOfHex(message.address)),
  asking(0x31, (address, { state }) => state.account(address)?.balance ?? 0n),
  telling(0x32, (_frame, { around }) => wordOfHex(around.origin)),
  telling(0x33, ({ message }) => wordOfHex(message.caller)),
  telling(0x34, ({ message }) => message.value),
  { opcode: 0x35, takes: 1, gives: 1, run: loadCalldata },
  telling(0x36, ({ message }) => BigInt(message.data.length)),
  copying(0x37, ({ message }) => message.data),
  telling(0x38, ({ code }) => BigInt(code.length)),
  copying(0x39, ({ code }) => code),
  telling(0x3a, (_frame, { around }) => around.gasPrice),
  asking(0x3b, (address, { state }) => BigInt(state.code(address).length)),
  { opcode: 0x3c, takes: 4, gives: 0, run: copyExternalCode },
  telling(0x3d, ({ returned }) => BigInt(returned.length)),
  { opcode: 0x3e, takes: 3, gives: 0, run: copyReturned },
  asking(0x3f, (address, { state }) => {
    const account = state.account(address)
    return account === undefined || state.isEmpty(account) ? 0n : wordOfBytes(account.codeHash)
  }),
  { opcode: 0x40, takes: 1, gives: 1, run: blockHash },
  telling(
    0x41,
    header(({ coinbase }) => wordOfBytes(coinbase.bytes)),
  ),
  telling(
    0x42,
    header(({ timestamp }) => timestamp),
  ),
  telling(
    0x43,
    header(({ number }) => number),
  ),
  telling(0x44, (_frame, { around }) =>
    around.common.isActivatedEIP(4399) ? wordOfBytes(around.block.header.prevRandao) : around.block.header.difficulty,
  ),
  telling(
    0x45,
    header(({ gasLimit }) => gasLimit),
  ),
  telling(0x46, (_frame, { rules }) => rules.chainId),
  telling(0x47, ({ message }, { state }) => state.account(message.address)?.balance ?? 0n),
  telling(
    0x48,
    header(({ baseFeePerGas }) => baseFeePerGas ?? 0n),
  ),
  {
    opcode: 0x49,
    takes: 1,
    gives: 1,
    run(frame, { around }) {
      const index = frame.peek(0)
      const hash = index < around.blobHashes.length ? around.blobHashes[Number(index)] : undefined
      frame.replace(1, hash === undefined ? 0n : BigInt(hash))
      return outcome.next
    },
  },
  telling(
    0x4a,
    header((block) => block.getBlobGasPrice()),
  ),
]
