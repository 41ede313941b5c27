/**
 * geth's 4byteTracer: how often each function selector was called with how much calldata behind it. Creations and Ethereum's own
 * precompiles, whose input has no selector, are left out; the inference precompiles are counted.
 */

import type { Message } from '@ethereumjs/evm'
import { bytesToHex } from '@ethereumjs/util'
import type { Tracer } from './subject.ts'

/** Key: selector, a dash, bytes of calldata after it. */
export type SelectorCounts = Record<string, number>

/** Ethereum's precompiles have addresses below this one (EIP-7951 is at 0x100). */
const FIRST_OTHER_ADDRESS = 0x200n

export const fourByteTracer =
  (): Tracer<SelectorCounts> =>
  async ({ machine, run }) => {
    const { events } = machine.evm
    const counts: SelectorCounts = {}
    const before = ({ to, data, codeAddress }: Message): void => {
      if (to === undefined || data.length < 4 || BigInt(codeAddress.toString()) < FIRST_OTHER_ADDRESS) return
      const key = `${bytesToHex(data.subarray(0, 4))}-${data.length - 4}`
      counts[key] = (counts[key] ?? 0) + 1
    }
    events.on('beforeMessage', before)
    try {
      await run()
    } finally {
      events.off('beforeMessage', before)
    }
    return counts
  }
