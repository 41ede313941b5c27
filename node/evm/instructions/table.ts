/** All instructions by opcode, those of the loop with their needs alone. */

import { arithmetic } from './arithmetic.ts'
import { calls } from './calls.ts'
import { environment } from './environment.ts'
import type { Instruction } from './instruction.ts'
import { storage } from './storage.ts'

const MOST_ITEMS = 1024

/** Opcode, items taken and given, of what the loop does itself. */
const inLoop: readonly (readonly [opcode: number, takes: number, gives: number])[] = [
  ...[0x01, 0x02, 0x03, 0x04, 0x06, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1b, 0x1c].map((opcode) => [opcode, 2, 1] as const),
  [0x15, 1, 1],
  [0x19, 1, 1],
  [0x50, 1, 0],
  [0x56, 1, 0],
  [0x57, 2, 0],
  [0x58, 0, 1],
  [0x5a, 0, 1],
  ...Array.from({ length: 33 }, (_, index) => [0x5f + index, 0, 1] as const),
  ...Array.from({ length: 16 }, (_, index) => [0x80 + index, index + 1, index + 2] as const),
  ...Array.from({ length: 16 }, (_, index) => [0x90 + index, index + 2, index + 2] as const),
]

const declared = [...arithmetic, ...environment, ...storage, ...calls]

/** Items that must be on the stack. */
export const stackNeeds = new Uint16Array(256)
/** Most items that may be. */
export const stackRoom = new Uint16Array(256).fill(MOST_ITEMS)
export const instructions: (Instruction | undefined)[] = Array(256).fill(undefined)

for (const [opcode, takes, gives] of [...inLoop, ...declared.map(({ opcode, takes, gives }) => [opcode, takes, gives] as const)]) {
  stackNeeds[opcode] = takes
  stackRoom[opcode] = MOST_ITEMS - Math.max(0, gives - takes)
}
for (const { opcode, takes, peeks = takes, run } of declared) {
  stackNeeds[opcode] = peeks
  instructions[opcode] = run
}
