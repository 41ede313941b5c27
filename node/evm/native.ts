/** What precompiles that know their message see of the transaction that runs. */

import type { CallState, StaticCall } from '../../precompiles/index.ts'
import { type Message, outcome } from './frame.ts'
import { runMessage } from './run.ts'
import type { Substate } from './substate.ts'
import { bytesOfWord, EMPTY, hexOfBytes, trimmedBytesOfWord, wordOfBytes } from './words.ts'

export function callState(substate: Substate): CallState {
  const { state } = substate
  return {
    getStorage: async (address, slot) => bytesOfWord(wordOfBytes(state.slot(address.slice(2), hexOfBytes(slot)))),
    putStorage: async (address, slot, value) => state.putSlot(address.slice(2), hexOfBytes(slot), trimmedBytesOfWord(wordOfBytes(value))),
    getCode: async (address) => state.code(address.slice(2)),
    getTransient: (address, slot) => bytesOfWord(substate.transient(address.slice(2), hexOfBytes(slot))),
    putTransient: (address, slot, value) => substate.putTransient(address.slice(2), hexOfBytes(slot), wordOfBytes(value)),
    accessAccount: (address) => BigInt(substate.touchAccountGas(address.slice(2))),
  }
}

/** In the name of the precompile, one frame deeper. */
export function staticCaller(substate: Substate, message: Message): StaticCall {
  return async (to, data, gasLimit) => {
    if (message.depth >= substate.rules.mostFrames) return { success: false, output: EMPTY, gasUsed: 0n }
    const address = to.slice(2)
    const ended = await runMessage(substate, {
      isCreation: false,
      caller: message.codeAddress,
      address,
      codeAddress: address,
      value: 0n,
      isDelegate: false,
      isStatic: true,
      depth: message.depth + 1,
      gas: Number(gasLimit),
      data,
      outputOffset: 0n,
      outputLength: 0n,
    })
    return { success: ended.outcome === outcome.stop, output: ended.output, gasUsed: gasLimit - BigInt(ended.gas) }
  }
}
