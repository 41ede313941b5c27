/** What a precompile sees of the chain that calls it: nothing of ethereumjs, so that another EVM needs only another adaptor. */
import type { Host } from '../runtime/host/host.ts'
import type { Hex } from './abi.ts'
import type { GasMeter } from './outcome.ts'

/** Reads one state; addresses are lower-case hex, slots and values 32 bytes. */
export interface StateReader {
  getStorage(address: Hex, slot: Uint8Array): Promise<Uint8Array>
}

/** The state of the running transaction, with everything that is reverted when a frame is. */
export interface CallState extends StateReader {
  putStorage(address: Hex, slot: Uint8Array, value: Uint8Array): Promise<void>
  getCode(address: Hex): Promise<Uint8Array>
  /** EIP-1153. */
  getTransient(address: Hex, slot: Uint8Array): Uint8Array
  putTransient(address: Hex, slot: Uint8Array, value: Uint8Array): void
  /** EIP-2929: gas of touching an account, which is warm from then on. */
  accessAccount(address: Hex): bigint
}

/** Consensus limits of a chain; docs/model-format.md has the upper bounds. */
export interface Limits {
  /** Most bytes of an artifact that can be activated. */
  maxModelBytes: number
  /** Most 64 KiB pages of a model that can be activated. */
  maxPages: number
  /** Most bytes of all operands of one ITensor call together, and of its result. */
  maxOperandBytes: number
}

export const defaultLimits: Limits = { maxModelBytes: 2 ** 26, maxPages: 4096, maxOperandBytes: 2 ** 24 }

/** The bytes of models off chain that this node holds. */
export interface HeldArtifacts {
  /** Bytes whose root is the id; undefined where they are not held. */
  get(model: Hex): Uint8Array | undefined
}

export interface Environment {
  readonly host: Host
  readonly limits: Limits
  /** Absent: none is held. */
  readonly artifacts?: HeldArtifacts | undefined
}

/** What an EVM tells of the call's surroundings. */
export interface Surroundings {
  /** msg.sender of the frame. */
  readonly caller: Hex
  /** tx.origin. */
  readonly origin: Hex
  /** Of the block, in seconds. */
  readonly timestamp: bigint
  /** STATICCALL in the name of the precompile, one frame deeper, with exactly this gas; at the greatest depth it fails. Throws nothing but NodeFault. */
  readonly staticCall: StaticCall
}

export type StaticCall = (
  to: Hex,
  data: Uint8Array,
  gasLimit: bigint,
) => Promise<{ readonly success: boolean; readonly output: Uint8Array; readonly gasUsed: bigint }>

/** One call. */
export interface CallContext extends Environment, Surroundings {
  readonly state: CallState
  readonly gas: GasMeter
}
