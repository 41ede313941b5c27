/**
 * Runs a frame until it ends, calls, or has to wait. What works on the stack alone is done here; everything else by the instruction's own
 * function. Gas is counted in numbers: blocks have far less than 2^53.
 */

import { checkDeadline } from '../state/deadline.ts'
import { constantAt, JUMPDEST, PUSH0, PUSH32 } from './code.ts'
import { type Frame, type Outcome, outcome } from './frame.ts'
import { instructions, stackNeeds, stackRoom } from './instructions/table.ts'
import type { Rules } from './rules.ts'
import type { Substate } from './substate.ts'
import { TURN_MS } from './turns.ts'

const DUP1 = 0x80
const SWAP1 = 0x90
const SWAP16 = 0x9f
/** Jumps and calls between two looks at the clock. */
export const PATIENCE = 1024

const isTrue = (condition: boolean): bigint => (condition ? 1n : 0n)
const word = (value: bigint): bigint => BigInt.asUintN(256, value)
const signed = (value: bigint): bigint => BigInt.asIntN(256, value)

/** @throws NodeError CALL_TIMEOUT */
export function runFrame(frame: Frame, substate: Substate): Outcome {
  const { stack, code } = frame
  const { isJumpTarget, constants } = frame.analysis
  const { fees, least } = substate.rules
  let { pc, height, gas } = frame

  const leave = (result: Outcome): Outcome => {
    frame.pc = pc
    frame.height = height
    frame.gas = gas
    return result
  }

  while (pc < code.length) {
    const opcode = code[pc++]!
    if (gas < least[opcode]! || height < stackNeeds[opcode]! || height > stackRoom[opcode]!)
      return leave(failure(opcode, height, gas, substate.rules))
    gas -= fees[opcode]!
    if (opcode >= PUSH0 && opcode <= PUSH32) {
      const length = opcode - PUSH0
      let constant = constants[pc]
      if (constant === undefined) {
        constant = constantAt(code, pc, length)
        constants[pc] = constant
      }
      stack[height++] = constant
      pc += length
      continue
    }
    if (opcode >= DUP1 && opcode <= SWAP16) {
      if (opcode < SWAP1) {
        stack[height] = stack[height - (opcode - DUP1 + 1)]!
        height++
      } else {
        const other = height - (opcode - SWAP1 + 2)
        const top = stack[height - 1]!
        stack[height - 1] = stack[other]!
        stack[other] = top
      }
      continue
    }
    switch (opcode) {
      case 0x01: {
        const first = stack[--height]!
        stack[height - 1] = word(first + stack[height - 1]!)
        continue
      }
      case 0x02: {
        const first = stack[--height]!
        stack[height - 1] = word(first * stack[height - 1]!)
        continue
      }
      case 0x03: {
        const first = stack[--height]!
        stack[height - 1] = word(first - stack[height - 1]!)
        continue
      }
      case 0x04: {
        const first = stack[--height]!
        const second = stack[height - 1]!
        stack[height - 1] = second === 0n ? 0n : first / second
        continue
      }
      case 0x06: {
        const first = stack[--height]!
        const second = stack[height - 1]!
        stack[height - 1] = second === 0n ? 0n : first % second
        continue
      }
      case 0x10: {
        const first = stack[--height]!
        stack[height - 1] = isTrue(first < stack[height - 1]!)
        continue
      }
      case 0x11: {
        const first = stack[--height]!
        stack[height - 1] = isTrue(first > stack[height - 1]!)
        continue
      }
      case 0x12: {
        const first = stack[--height]!
        stack[height - 1] = isTrue(signed(first) < signed(stack[height - 1]!))
        continue
      }
      case 0x13: {
        const first = stack[--height]!
        stack[height - 1] = isTrue(signed(first) > signed(stack[height - 1]!))
        continue
      }
      case 0x14: {
        const first = stack[--height]!
        stack[height - 1] = isTrue(first === stack[height - 1]!)
        continue
      }
      case 0x15:
        stack[height - 1] = isTrue(stack[height - 1] === 0n)
        continue
      case 0x16: {
        const first = stack[--height]!
        stack[height - 1] = first & stack[height - 1]!
        continue
      }
      case 0x17: {
        const first = stack[--height]!
        stack[height - 1] = first | stack[height - 1]!
        continue
      }
      case 0x18: {
        const first = stack[--height]!
        stack[height - 1] = first ^ stack[height - 1]!
        continue
      }
      case 0x19:
        stack[height - 1] = word(~stack[height - 1]!)
        continue
      case 0x1b: {
        const shift = stack[--height]!
        stack[height - 1] = shift > 255n ? 0n : word(stack[height - 1]! << shift)
        continue
      }
      case 0x1c: {
        const shift = stack[--height]!
        stack[height - 1] = shift > 255n ? 0n : stack[height - 1]! >> shift
        continue
      }
      case 0x50:
        height--
        continue
      case 0x56:
      case 0x57: {
        const target = stack[--height]!
        if (opcode === 0x57 && stack[--height] === 0n) continue
        if (target >= code.length || isJumpTarget[Number(target)] !== 1) return leave(outcome.invalidJump)
        pc = Number(target)
        if (--substate.patience < 0 && isTurnOver(substate)) return leave(outcome.pause)
        continue
      }
      case 0x58:
        stack[height++] = BigInt(pc - 1)
        continue
      case 0x5a:
        stack[height++] = BigInt(gas)
        continue
      case JUMPDEST:
        continue
      default: {
        frame.pc = pc
        frame.height = height
        frame.gas = gas
        const result = instructions[opcode]!(frame, substate)
        if (result !== outcome.next) return result
        height = frame.height
        gas = frame.gas
      }
    }
  }
  return leave(outcome.stop)
}

/** What charges itself looks at its operands before its gas. */
function failure(opcode: number, height: number, gas: number, { fees, least }: Rules): Outcome {
  if (fees[opcode]! < 0) return outcome.invalidOpcode
  if (gas < least[opcode]!) return outcome.outOfGas
  return height < stackNeeds[opcode]! ? outcome.stackUnderflow : outcome.stackOverflow
}

/** @throws NodeError CALL_TIMEOUT */
export function isTurnOver(substate: Substate): boolean {
  substate.patience = PATIENCE
  checkDeadline(substate.around.deadline)
  return performance.now() > substate.turnEndsAtMs
}

/** Gives a run its turn of the event loop. */
export function beginTurn(substate: Substate): void {
  substate.patience = PATIENCE
  substate.turnEndsAtMs = performance.now() + TURN_MS
}
