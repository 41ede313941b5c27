/** Memory, storage and transient storage. */

import { type Frame, type Outcome, outcome } from '../frame.ts'
import { endOf } from '../memory.ts'
import type { Substate } from '../substate.ts'
import { slotOf, trimmedBytesOfWord, wordOfBytes } from '../words.ts'
import type { Declaration } from './instruction.ts'

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && Buffer.compare(one, other) === 0

function loadSlot(frame: Frame, substate: Substate): Outcome {
  const { rules, state } = substate
  const { address } = frame.message
  const slot = slotOf(frame.peek(0))
  if (!frame.pay(substate.warmSlot(address, slot) ? rules.coldSlotGas : rules.warmGas)) return outcome.outOfGas
  frame.replace(1, wordOfBytes(state.slot(address, slot)))
  return outcome.next
}

function storeSlot(frame: Frame, substate: Substate): Outcome {
  if (frame.message.isStatic) return outcome.staticStateChange
  const { rules, state } = substate
  const { address } = frame.message
  const slot = slotOf(frame.peek(0))
  const value = trimmedBytesOfWord(frame.peek(1))
  const before = state.slot(address, slot)
  const original = substate.original(address, slot, before)
  // EIP-2200: an inner call with the stipend alone can not write.
  if (frame.gas <= rules.storageSentryGas) return outcome.outOfGas
  const gas = storeGas(substate, substate.isWarmSlot(address, slot), original, before, value)
  if (!frame.pay(gas + (substate.warmSlot(address, slot) ? rules.coldSlotGas : 0))) return outcome.outOfGas
  state.putSlot(address, slot, value)
  frame.height -= 2
  return outcome.next
}

/** EIP-2200 with the prices of EIP-2929 and 3529, beside the access to a cold slot; counts the refund. */
function storeGas(substate: Substate, isWarm: boolean, original: Uint8Array, before: Uint8Array, value: Uint8Array): number {
  const { rules } = substate
  if (sameBytes(before, value)) return isWarm ? rules.warmGas : rules.storageNoopGas
  if (sameBytes(original, before)) {
    if (original.length === 0) return rules.storageInitGas
    if (value.length === 0) substate.refund += rules.storageClearRefund
    return rules.storageCleanGas
  }
  if (original.length > 0) {
    if (before.length === 0) substate.refund -= rules.storageClearRefund
    else if (value.length === 0) substate.refund += rules.storageClearRefund
  }
  if (sameBytes(original, value)) {
    const warmRefund = original.length === 0 ? rules.storageInitGas : rules.storageResetGas - rules.coldSlotGas
    const coldRefund = original.length === 0 ? rules.storageInitRefund : rules.storageCleanRefund
    substate.refund += isWarm ? warmRefund - rules.warmGas : coldRefund
  }
  return rules.storageDirtyGas
}

export const storage: readonly Declaration[] = [
  {
    opcode: 0x51,
    takes: 1,
    gives: 1,
    run(frame) {
      const offset = frame.peek(0)
      if (!frame.payWithMemory(0, endOf(offset, 32n))) return outcome.outOfGas
      frame.replace(1, frame.memory.load(Number(offset)))
      return outcome.next
    },
  },
  {
    opcode: 0x52,
    takes: 2,
    gives: 0,
    peeks: 1,
    run(frame) {
      const offset = frame.peek(0)
      if (!frame.payWithMemory(0, endOf(offset, 32n))) return outcome.outOfGas
      if (frame.height < 2) return outcome.stackUnderflow
      frame.memory.store(Number(offset), frame.peek(1))
      frame.height -= 2
      return outcome.next
    },
  },
  {
    opcode: 0x53,
    takes: 2,
    gives: 0,
    peeks: 1,
    run(frame) {
      const offset = frame.peek(0)
      if (!frame.payWithMemory(0, endOf(offset, 1n))) return outcome.outOfGas
      if (frame.height < 2) return outcome.stackUnderflow
      frame.memory.storeByte(Number(offset), Number(frame.peek(1) & 0xffn))
      frame.height -= 2
      return outcome.next
    },
  },
  { opcode: 0x54, takes: 1, gives: 1, run: loadSlot },
  { opcode: 0x55, takes: 2, gives: 0, run: storeSlot },
  {
    opcode: 0x59,
    takes: 0,
    gives: 1,
    run(frame) {
      frame.replace(0, BigInt(frame.memory.size))
      return outcome.next
    },
  },
  {
    opcode: 0x5c,
    takes: 1,
    gives: 1,
    run(frame, substate) {
      frame.replace(1, substate.transient(frame.message.address, slotOf(frame.peek(0))))
      return outcome.next
    },
  },
  {
    opcode: 0x5d,
    takes: 2,
    gives: 0,
    run(frame, substate) {
      if (frame.message.isStatic) return outcome.staticStateChange
      substate.putTransient(frame.message.address, slotOf(frame.peek(0)), frame.peek(1))
      frame.height -= 2
      return outcome.next
    },
  },
  {
    opcode: 0x5e,
    takes: 3,
    gives: 0,
    run(frame, { rules }) {
      const [target, source, length] = [frame.peek(0), frame.peek(1), frame.peek(2)]
      const gas = rules.copyWordGas * Math.ceil(Number(length) / 32)
      if (!frame.payWithMemory(gas, Math.max(endOf(target, length), endOf(source, length)))) return outcome.outOfGas
      frame.memory.move(target, source, length)
      frame.height -= 3
      return outcome.next
    },
  },
]
