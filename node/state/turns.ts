/** JUMPDEST of the library's machine, which runs what is traced: long runs give others a turn of the event loop, and end at their deadline. */

import type { Common } from '@ethereumjs/common'
import { type EVMOpts, getOpcodesForHF } from '@ethereumjs/evm'
import { nextTurn, TURN_MS } from '../evm/turns.ts'
import { checkDeadline, type Deadline } from './deadline.ts'

type CustomOpcode = NonNullable<EVMOpts['customOpcodes']>[number]

const JUMPDEST = 0x5b
const JUMPS_BETWEEN_LOOKS = 256

/** Code without jumps is over soon. */
export function takingTurns(common: Common, deadline: Deadline): CustomOpcode {
  let jumps = 0
  let turnEndsAtMs = 0
  return {
    opcode: JUMPDEST,
    opcodeName: 'JUMPDEST',
    baseFee: getOpcodesForHF(common).opcodeMap[JUMPDEST]!.opcodeInfo.fee,
    async logicFunction() {
      if (++jumps % JUMPS_BETWEEN_LOOKS !== 0) return
      checkDeadline(deadline)
      if (performance.now() < turnEndsAtMs) return
      await nextTurn()
      turnEndsAtMs = performance.now() + TURN_MS
    },
  }
}
