/** Arithmetic that is rare enough to have functions of its own; the rest is in the loop. */

import { keccak256 } from '../../chain/crypto.ts'
import { outcome } from '../frame.ts'
import { endOf } from '../memory.ts'
import { wordOfBytes } from '../words.ts'
import type { Declaration } from './instruction.ts'

const word = (value: bigint): bigint => BigInt.asUintN(256, value)
const signed = (value: bigint): bigint => BigInt.asIntN(256, value)

const binary = (opcode: number, compute: (first: bigint, second: bigint) => bigint): Declaration => ({
  opcode,
  takes: 2,
  gives: 1,
  run(frame) {
    frame.replace(2, compute(frame.peek(0), frame.peek(1)))
    return outcome.next
  },
})

const ternary = (opcode: number, compute: (first: bigint, second: bigint, third: bigint) => bigint): Declaration => ({
  opcode,
  takes: 3,
  gives: 1,
  run(frame) {
    frame.replace(3, compute(frame.peek(0), frame.peek(1), frame.peek(2)))
    return outcome.next
  },
})

/** Square and multiply, modulo 2^256. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = word(result * square)
    square = word(square * square)
  }
  return result
}

const byteLength = (value: bigint): number => (value === 0n ? 0 : Math.ceil(value.toString(16).length / 2))

export const arithmetic: readonly Declaration[] = [
  binary(0x05, (first, second) => (second === 0n ? 0n : word(signed(first) / signed(second)))),
  binary(0x07, (first, second) => (second === 0n ? 0n : word(signed(first) % signed(second)))),
  ternary(0x08, (first, second, modulus) => (modulus === 0n ? 0n : (first + second) % modulus)),
  ternary(0x09, (first, second, modulus) => (modulus === 0n ? 0n : (first * second) % modulus)),
  {
    opcode: 0x0a,
    takes: 2,
    gives: 1,
    run(frame, { rules }) {
      const exponent = frame.peek(1)
      if (!frame.pay(rules.exponentByteGas * byteLength(exponent))) return outcome.outOfGas
      frame.replace(2, power(frame.peek(0), exponent))
      return outcome.next
    },
  },
  binary(0x0b, (bytes, value) => (bytes > 30n ? value : word(BigInt.asIntN(8 * (Number(bytes) + 1), value)))),
  binary(0x1a, (index, value) => (index > 31n ? 0n : (value >> (8n * (31n - index))) & 0xffn)),
  binary(0x1d, (shift, value) => word(signed(value) >> (shift > 255n ? 255n : shift))),
  {
    opcode: 0x1e,
    takes: 1,
    gives: 1,
    run(frame) {
      const value = frame.peek(0)
      frame.replace(1, value === 0n ? 256n : BigInt(256 - value.toString(2).length))
      return outcome.next
    },
  },
  {
    opcode: 0x20,
    takes: 2,
    gives: 1,
    run(frame, { rules }) {
      const [offset, length] = [frame.peek(0), frame.peek(1)]
      const end = endOf(offset, length)
      if (!frame.payWithMemory(rules.hashWordGas * Math.ceil(Number(length) / 32), end)) return outcome.outOfGas
      frame.replace(2, wordOfBytes(keccak256(frame.memory.view(offset, length))))
      return outcome.next
    },
  },
]
