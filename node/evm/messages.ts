/** How calls and creations begin and end (Yellow Paper, 7 and 8). */

import { EVMError } from '@ethereumjs/evm'
import { KECCAK256_NULL } from '@ethereumjs/util'
import { keccak256 } from '../chain/crypto.ts'
import { EMPTY_ROOT } from '../state/trie.ts'
import { delegateOf } from './code.ts'
import { type Ended, type Frame, type Message, type Origin, type Outcome, outcome } from './frame.ts'
import type { Substate } from './substate.ts'
import { EMPTY, hexOfBytes, wordOfHex } from './words.ts'

const MAX_BALANCE = 2n ** 256n - 1n
/** EIP-3541. */
const RESERVED_FIRST_BYTE = 0xef

/** Begins a call; one without code to run, or whose precompile answers at once, is over when this returns. */
export function enterMessage(substate: Substate, message: Message, parent: Frame | undefined): Outcome {
  const { state, rules, around } = substate
  const mark = substate.mark()
  if (!message.isDelegate) {
    const failure = transfer(substate, message)
    if (failure !== undefined) return deliver(substate, { parent, message, mark }, halted(failure))
  }
  if (around.precompiles.has(message.codeAddress))
    return settle(substate, { parent, message, mark }, around.precompiles.run(substate, message))
  let code = state.code(message.codeAddress)
  const delegate = rules.delegates ? delegateOf(code) : undefined
  if (delegate !== undefined) {
    code = state.code(delegate)
    if (message.depth === 0) substate.warm(delegate)
  }
  if (code.length === 0) return deliver(substate, { parent, message, mark }, { outcome: outcome.stop, gas: message.gas, output: EMPTY })
  return begin(substate, { parent, message, mark }, code)
}

/** Begins a creation; `data` is the init code. The creator's nonce has been counted up. */
export function enterCreation(substate: Substate, message: Message, parent: Frame | undefined): Outcome {
  const { state, rules } = substate
  const { address, caller, value, data } = message
  // Stays warm when the creation fails.
  substate.warm(address)
  const mark = substate.mark()
  const fail = (reason: Outcome) => deliver(substate, { parent, message, mark }, halted(reason))
  if (data.length > rules.maxInitCodeBytes) return fail(outcome.initCodeTooLarge)
  const before = state.account(address)
  // EIP-7610: storage is in the way as well.
  if (before !== undefined && (before.nonce > 0n || !isEmptyCode(before.codeHash) || Buffer.compare(before.storageRoot, EMPTY_ROOT) !== 0))
    return fail(outcome.collision)
  const balance = (before?.balance ?? 0n) + value
  if (balance > MAX_BALANCE) return fail(outcome.valueOverflow)
  state.addBalance(caller, -value)
  state.clearStorage(address)
  state.putAccount(address, { nonce: 1n, balance, storageRoot: EMPTY_ROOT, codeHash: KECCAK256_NULL })
  substate.noteCreated(address)
  if (data.length === 0) return deliver(substate, { parent, message, mark }, { outcome: outcome.stop, gas: message.gas, output: EMPTY })
  return begin(substate, { parent, message: { ...message, data: EMPTY }, mark }, data)
}

/** A frame that has ended gives its caller what it leaves. */
export function leaveFrame(substate: Substate, frame: Frame, end: Outcome): void {
  const { message } = frame
  const result = end === outcome.stop && message.isCreation ? depositCode(substate, frame) : end
  if (result === outcome.stop || result === outcome.revert)
    deliver(substate, frame, { outcome: result, gas: frame.gas, output: frame.output })
  else deliver(substate, frame, { ...halted(result), ...(result === outcome.invalidJump ? { error: placeOfJump(frame) } : {}) })
}

export const halted = (reason: Outcome): Ended => ({ outcome: reason, gas: 0, output: EMPTY })

/** Hands a result to the frame that asked for it, or keeps it as that of the outermost message. */
export function deliver(substate: Substate, { parent, message, mark }: Origin, ended: Ended): Outcome {
  const isSuccess = ended.outcome === outcome.stop
  if (!isSuccess) substate.revertTo(mark)
  substate.frame = parent
  if (parent === undefined) {
    substate.ended = ended
    return outcome.next
  }
  parent.gas += ended.gas
  if (message.isCreation) {
    parent.returned = ended.outcome === outcome.revert ? ended.output : EMPTY
    parent.replace(0, isSuccess ? wordOfHex(message.address) : 0n)
    return outcome.next
  }
  parent.returned = isSuccess || ended.outcome === outcome.revert ? ended.output : EMPTY
  const copied = Math.min(Number(message.outputLength), parent.returned.length)
  parent.memory.copyIn(message.outputOffset, parent.returned, 0n, BigInt(copied))
  parent.replace(0, isSuccess ? 1n : 0n)
  return outcome.next
}

function begin(substate: Substate, { parent, message, mark }: Origin, code: Uint8Array): Outcome {
  const frame = substate.frameAt(message.depth)
  frame.begin(parent, message, mark, code)
  substate.frame = frame
  return outcome.enter
}

function settle(substate: Substate, origin: Origin, answer: Ended | Promise<Ended>): Outcome {
  if (!(answer instanceof Promise)) return deliver(substate, origin, answer)
  substate.frame = undefined
  substate.pending = { origin, answer }
  return outcome.wait
}

function transfer(substate: Substate, { caller, address, value }: Message): Outcome | undefined {
  const { state } = substate
  if (value > 0n && caller !== address) {
    if ((state.account(caller)?.balance ?? 0n) < value) return outcome.insufficientBalance
    if ((state.account(address)?.balance ?? 0n) + value > MAX_BALANCE) return outcome.valueOverflow
    state.addBalance(caller, -value)
    state.addBalance(address, value)
  }
  substate.touch(address)
  return undefined
}

function depositCode({ rules, state }: Substate, frame: Frame): Outcome {
  const { output, message } = frame
  if (output.length > rules.maxCodeBytes) return outcome.codeTooLarge
  if (!frame.pay(rules.codeByteGas * output.length)) return outcome.outOfGas
  if (output[0] === RESERVED_FIRST_BYTE) return outcome.invalidCode
  if (output.length > 0) state.putCode(message.address, output)
  return outcome.stop
}

/** The library tells it as hash of the code, account and place; nobody hears of inner ones. */
function placeOfJump({ parent, code, message, pc }: Frame): string | undefined {
  if (parent !== undefined) return undefined
  return `${EVMError.errorMessages.INVALID_JUMP} at 0x${hexOfBytes(keccak256(code))}/0x${message.address}:${pc - 1}`
}

const isEmptyCode = (codeHash: Uint8Array): boolean => Buffer.compare(codeHash, KECCAK256_NULL) === 0
