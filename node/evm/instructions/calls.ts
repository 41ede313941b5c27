/** Logs, calls, creations, and the ends of a frame. */

import { bigIntToUnpaddedBytes, generateAddress, generateAddress2 } from '@ethereumjs/util'
import { delegateOf, isEofContainer } from '../code.ts'
import { type Frame, type Message, type Outcome, outcome } from '../frame.ts'
import { endOf } from '../memory.ts'
import { enterCreation, enterMessage } from '../messages.ts'
import type { Substate } from '../substate.ts'
import { addressOf, bytesOfWord, EMPTY, hexOfBytes } from '../words.ts'
import type { Declaration } from './instruction.ts'

const MAX_NONCE = 2n ** 64n - 1n

const bytesOfAddress = (address: string): Uint8Array => new Uint8Array(Buffer.from(address, 'hex'))

const log = (topicCount: number): Declaration => ({
  opcode: 0xa0 + topicCount,
  takes: 2 + topicCount,
  gives: 0,
  peeks: 2,
  run(frame, { rules, logs }) {
    if (frame.message.isStatic) return outcome.staticStateChange
    const [offset, length] = [frame.peek(0), frame.peek(1)]
    const gas = rules.logTopicGas * topicCount + rules.logByteGas * Number(length)
    if (!frame.payWithMemory(gas, endOf(offset, length))) return outcome.outOfGas
    if (frame.height < 2 + topicCount) return outcome.stackUnderflow
    const topics = Array.from({ length: topicCount }, (_, index) => bytesOfWord(frame.peek(2 + index)))
    logs.push([bytesOfAddress(frame.message.address), topics, frame.memory.view(offset, length).slice()])
    frame.height -= 2 + topicCount
    return outcome.next
  },
})

type CallKind = 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL'

const call = (opcode: number, kind: CallKind): Declaration => {
  const hasValue = kind === 'CALL' || kind === 'CALLCODE'
  const takes = hasValue ? 7 : 6
  return {
    opcode,
    takes,
    gives: 1,
    run(frame, substate) {
      const { rules, state } = substate
      const { message } = frame
      const target = addressOf(frame.peek(1))
      const value = hasValue ? frame.peek(2) : 0n
      const [inputOffset, inputLength, outputOffset, outputLength] = [
        frame.peek(takes - 4),
        frame.peek(takes - 3),
        frame.peek(takes - 2),
        frame.peek(takes - 1),
      ]
      if (kind === 'CALL' && message.isStatic && value !== 0n) return outcome.staticStateChange
      const end = Math.max(endOf(inputOffset, inputLength), endOf(outputOffset, outputLength))
      let gas = substate.touchAccountGas(target)
      if (value !== 0n) {
        gas += rules.callValueGas
        const account = state.account(target)
        if (kind === 'CALL' && (account === undefined || state.isEmpty(account))) gas += rules.callNewAccountGas
      }
      const delegate = rules.delegates ? delegateOf(state.code(target)) : undefined
      if (delegate !== undefined) gas += substate.touchAccountGas(delegate)
      if (!frame.payWithMemory(gas, end)) return outcome.outOfGas
      const granted = granting(frame, frame.peek(0))
      frame.gas -= granted
      frame.height -= takes
      const inner: Message = {
        isCreation: false,
        caller: kind === 'DELEGATECALL' ? message.caller : message.address,
        address: kind === 'CALLCODE' || kind === 'DELEGATECALL' ? message.address : target,
        codeAddress: target,
        value: kind === 'DELEGATECALL' ? message.value : value,
        isDelegate: kind === 'DELEGATECALL',
        isStatic: message.isStatic || kind === 'STATICCALL',
        depth: message.depth + 1,
        gas: granted + (value === 0n ? 0 : rules.callStipend),
        data: frame.memory.view(inputOffset, inputLength),
        outputOffset,
        outputLength,
      }
      if (message.depth >= rules.mostFrames || !canPay(frame, substate, value)) return refuse(frame, inner.gas)
      return enterMessage(substate, inner, frame)
    },
  }
}

/** What the caller asks for, at most all but a 64th (EIP-150). */
function granting(frame: Frame, wanted: bigint): number {
  const most = frame.gas - Math.floor(frame.gas / 64)
  return wanted < most ? Number(wanted) : most
}

const canPay = ({ message }: Frame, { state }: Substate, value: bigint): boolean =>
  value === 0n || (state.account(message.address)?.balance ?? 0n) >= value

/** The call fails before it begins, and its gas comes back. */
function refuse(frame: Frame, gas: number): Outcome {
  frame.gas += gas
  frame.returned = EMPTY
  frame.replace(0, 0n)
  return outcome.next
}

const create = (opcode: number, isSalted: boolean): Declaration => {
  const takes = isSalted ? 4 : 3
  return {
    opcode,
    takes,
    gives: 1,
    run(frame, substate) {
      const { rules, state } = substate
      const { message } = frame
      if (message.isStatic) return outcome.staticStateChange
      const [value, offset, length] = [frame.peek(0), frame.peek(1), frame.peek(2)]
      const words = Math.ceil(Number(length) / 32)
      const gas = words * (rules.initCodeWordGas + (isSalted ? rules.hashWordGas : 0))
      if (!frame.payWithMemory(gas, endOf(offset, length))) return outcome.outOfGas
      if (length > rules.maxInitCodeBytes) return outcome.initCodeTooLarge
      const salt = isSalted ? frame.peek(3) : undefined
      const data = frame.memory.view(offset, length).slice()
      frame.height -= takes
      const creator = state.account(message.address)!
      if (isEofContainer(data)) return refuseCreation(frame)
      if (message.depth >= rules.mostFrames || creator.balance < value || creator.nonce >= MAX_NONCE) return refuse(frame, 0)
      const granted = frame.gas - Math.floor(frame.gas / 64)
      frame.gas -= granted
      const from = bytesOfAddress(message.address)
      const address = hexOfBytes(
        salt === undefined ? generateAddress(from, bigIntToUnpaddedBytes(creator.nonce)) : generateAddress2(from, bytesOfWord(salt), data),
      )
      state.putAccount(message.address, { ...creator, nonce: creator.nonce + 1n })
      return enterCreation(
        substate,
        {
          isCreation: true,
          caller: message.address,
          address,
          codeAddress: address,
          value,
          isDelegate: false,
          isStatic: false,
          depth: message.depth + 1,
          gas: granted,
          data,
          outputOffset: 0n,
          outputLength: 0n,
        },
        frame,
      )
    },
  }
}

/** As the library does, which leaves what the last call returned. */
function refuseCreation(frame: Frame): Outcome {
  frame.replace(0, 0n)
  return outcome.next
}

const ending = (opcode: number, end: Outcome): Declaration => ({
  opcode,
  takes: 2,
  gives: 0,
  run(frame) {
    const [offset, length] = [frame.peek(0), frame.peek(1)]
    if (!frame.payWithMemory(0, endOf(offset, length))) return outcome.outOfGas
    frame.output = frame.memory.view(offset, length).slice()
    return end
  },
})

function selfDestruct(frame: Frame, substate: Substate): Outcome {
  const { rules, state } = substate
  const { address, isStatic } = frame.message
  if (isStatic) return outcome.staticStateChange
  const heir = addressOf(frame.peek(0))
  const account = state.account(address)!
  const heirs = state.account(heir)
  let gas = substate.warm(heir) ? rules.coldAccountGas : 0
  if (account.balance > 0n && (heirs === undefined || state.isEmpty(heirs))) gas += rules.callNewAccountGas
  if (!frame.pay(gas)) return outcome.outOfGas
  if (!substate.destroyed.has(address)) substate.refund += rules.selfDestructRefund
  substate.noteDestroyed(address)
  if (heir !== address) {
    state.addBalance(heir, account.balance)
    substate.touch(heir)
  }
  // EIP-6780: what stays keeps what it has left itself.
  if (heir !== address || !rules.destroysOnlyCreated || substate.created.has(address))
    state.putAccount(address, { ...account, balance: 0n })
  return outcome.stop
}

export const calls: readonly Declaration[] = [
  { opcode: 0x00, takes: 0, gives: 0, run: () => outcome.stop },
  ...[0, 1, 2, 3, 4].map(log),
  create(0xf0, false),
  call(0xf1, 'CALL'),
  call(0xf2, 'CALLCODE'),
  ending(0xf3, outcome.stop),
  call(0xf4, 'DELEGATECALL'),
  create(0xf5, true),
  call(0xfa, 'STATICCALL'),
  ending(0xfd, outcome.revert),
  { opcode: 0xff, takes: 1, gives: 0, run: selfDestruct },
]
