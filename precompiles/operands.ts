/** Operands of ITensor: bytes in the calldata, or a range of the data of contracts. */

import { concat } from '../runtime/host/running-model.ts'
import type { Hex } from './abi.ts'
import type { CallContext } from './context.ts'
import { readChargedChunks } from './data.ts'
import { revertWith } from './outcome.ts'
import { tensorAbi } from './tensor-abi.ts'

export interface Operand {
  /** The bytes themselves; empty where `chunks` names contracts. */
  readonly data: Uint8Array
  readonly chunks: readonly Hex[]
  /** Range in the chunks' data, back to back. 0 and 0 where the bytes are in `data`. */
  readonly offset: bigint
  readonly length: bigint
}

/**
 * The bytes of each operand, as long as `wantedBytes` says; one that may be left out has no length to be.
 * Lengths are compared before a contract is touched; contracts are charged as readChargedChunks says.
 */
export async function readOperands(
  context: CallContext,
  operands: readonly Operand[],
  wantedBytes: readonly bigint[],
): Promise<Uint8Array[]> {
  const most = context.limits.maxOperandBytes
  const total = wantedBytes.reduce((sum, bytes) => sum + bytes, 0n)
  if (total > BigInt(most)) throw revertWith(tensorAbi, 'TooLarge', [total, most])
  operands.forEach((operand, index) => {
    const wanted = wantedBytes[index]!
    const got = operandBytes(operand)
    if (got !== wanted) throw revertWith(tensorAbi, 'WrongOperandLength', [index, got, wanted])
    if (operand.chunks.length === 0 ? operand.offset !== 0n || operand.length !== 0n : operand.data.length !== 0)
      throw revertWith(tensorAbi, 'AmbiguousOperand', [index])
  })
  const parts: Uint8Array[] = []
  for (const operand of operands) parts.push(operand.chunks.length === 0 ? operand.data : await readRange(context, operand))
  return parts
}

export function operandBytes(operand: Operand): bigint {
  return operand.chunks.length === 0 ? BigInt(operand.data.length) : operand.length
}

async function readRange(context: CallContext, { chunks, offset, length }: Operand): Promise<Uint8Array> {
  const bytes = concat(await readChargedChunks(context, chunks, context.limits.maxModelBytes))
  if (offset + length > BigInt(bytes.length)) throw revertWith(tensorAbi, 'RangeOutside', [offset, length, bytes.length])
  return bytes.subarray(Number(offset), Number(offset + length))
}
