/** Bytes that lie in the code of contracts: one byte 0x00, so that the code cannot run, and then the data. */
import type { Hex } from './abi.ts'
import type { CallContext, CallState } from './context.ts'
import { commonAbi } from './errors.ts'
import { codeWordGas, wordsOf } from './gas.ts'
import { revertWith } from './outcome.ts'

/** Data bytes that one contract can hold: EIP-170's 24,576 bytes of code less the first. */
export const maxChunkBytes = 24_575

/** The data of one contract; undefined where its code is not data. */
export async function readChunk(state: Pick<CallState, 'getCode'>, address: Hex): Promise<Uint8Array | undefined> {
  const code = await state.getCode(address)
  return code.length < 2 || code[0] !== 0 ? undefined : code.subarray(1)
}

/**
 * The data of several contracts, in order. Charges each account's access before it is touched, and its bytes before they are copied.
 * Reverts with NotData, and with TooLarge once there are more than `mostBytes`.
 */
export async function readChargedChunks({ state, gas }: CallContext, chunks: readonly Hex[], mostBytes: number): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for (const address of chunks) {
    gas.charge(state.accessAccount(address))
    const part = await readChunk(state, address)
    if (part === undefined) throw revertWith(commonAbi, 'NotData', [address])
    bytes += part.length
    if (bytes > mostBytes) throw revertWith(commonAbi, 'TooLarge', [bytes, mostBytes])
    gas.charge(codeWordGas * wordsOf(part.length))
    parts.push(part)
  }
  return parts
}
