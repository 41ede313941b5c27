/**
 * How a call to a precompile can end. Three outcomes are the same on every node and belong into a block: return, revert (an ABI-encoded error, unused gas given
 * back) and exceptional halt (all gas consumed). A NodeFault (runtime/host/errors.ts) is none of them: it is thrown through, and the block is not made.
 */
import type { Abi } from 'abitype'
import type { ModelError } from '../runtime/model/errors.ts'
import { type AbiValue, encodeParameters, hexToBytes, selectorOf } from './abi.ts'
import { commonAbi } from './errors.ts'

export type Outcome =
  | { readonly kind: 'return'; readonly gasUsed: bigint; readonly output: Uint8Array }
  | { readonly kind: 'revert'; readonly gasUsed: bigint; readonly output: Uint8Array }
  | { readonly kind: 'halt'; readonly reason: 'out of gas' | 'trap' }

/** Ends the call with an ABI-encoded error. */
export class Revert extends Error {
  override readonly name = 'Revert'
  readonly code: string
  readonly data: Uint8Array

  constructor(code: string, data: Uint8Array) {
    super(`reverts with ${code}`)
    this.code = code
    this.data = data
  }
}

/** Ends the call with all its gas. */
export class OutOfGas extends Error {
  override readonly name = 'OutOfGas'
  readonly code = 'outOfGas'
}

/** A revert with an error that the ABI declares. */
export function revertWith(abi: Abi, error: string, values: readonly AbiValue[] = []): Revert {
  const item = abi.find((candidate) => candidate.type === 'error' && candidate.name === error)
  if (item?.type !== 'error') throw new TypeError(`the ABI declares no error ${error}`)
  const data = encodeParameters(item.inputs, values)
  const encoded = new Uint8Array(4 + data.length)
  encoded.set(hexToBytes(selectorOf(error, item.inputs)))
  encoded.set(data, 4)
  return new Revert(error, encoded)
}

/** The revert for an artifact that the module refuses; the operator is 2^256 − 1 where the whole artifact is meant. */
export function invalidModel({ code, place }: ModelError): Revert {
  const operator = place.operator === undefined ? 2n ** 256n - 1n : BigInt(place.operator)
  return revertWith(commonAbi, 'InvalidModel', [code, operator, place.got ?? 0n, place.wanted ?? 0n])
}

/** Counts the gas of one call. */
export class GasMeter {
  readonly limit: bigint
  used = 0n

  constructor(limit: bigint) {
    this.limit = limit
  }

  /** @throws OutOfGas before anything is done that is not paid. */
  charge(gas: bigint): void {
    this.require(gas)
    this.used += gas
  }

  /** @throws OutOfGas where less is left. */
  require(gas: bigint): void {
    if (gas > this.limit - this.used) throw new OutOfGas(`wanted ${gas} gas, left ${this.limit - this.used}`)
  }
}
