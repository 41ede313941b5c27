/** The memory of a frame. Frames use it one after the other: whenever one begins, all of it is 0. */

import { putWord, wordAt } from './words.ts'

/** Charged in exact numbers up to here; more costs 2^43 gas, which nobody has. */
const MAX_BYTES = 2 ** 31
const FIRST_BYTES = 1024
/** What is kept for the next frame. */
const KEPT_BYTES = 2 ** 18
/** Yellow Paper, appendices G and H: G_memory, and the divisor of the square. The same on all forks. */
const WORD_GAS = 3
const QUADRATIC_DIVISOR = 512

const totalGas = (words: number): number => words * WORD_GAS + Math.floor((words * words) / QUADRATIC_DIVISOR)

/** Where a range ends, in bytes; nothing is nowhere. */
export function endOf(offset: bigint, length: bigint): number {
  if (length === 0n) return 0
  if (offset > MAX_BYTES || length > MAX_BYTES) return Number.POSITIVE_INFINITY
  return Number(offset) + Number(length)
}

export class Memory {
  /** Whole words, in bytes. */
  size = 0
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)

  /** Gas of growing up to this end; infinite where that is more than anybody has. */
  expansionGas(end: number): number {
    if (end <= this.size) return 0
    if (end > MAX_BYTES) return Number.POSITIVE_INFINITY
    return totalGas(Math.ceil(end / 32)) - totalGas(this.size / 32)
  }

  /** Once it is paid. */
  grow(end: number): void {
    if (end <= this.size) return
    this.size = Math.ceil(end / 32) * 32
    if (this.size > this.#bytes.length) this.#hold(Math.max(this.size, this.#bytes.length * 2))
  }

  load(offset: number): bigint {
    return wordAt(this.#view, offset)
  }

  store(offset: number, word: bigint): void {
    putWord(this.#view, offset, word)
  }

  storeByte(offset: number, byte: number): void {
    this.#bytes[offset] = byte
  }

  /** The bytes themselves, until the memory grows or is cleared. */
  view(offset: bigint, length: bigint): Uint8Array {
    const start = length === 0n ? 0 : Number(offset)
    return this.#bytes.subarray(start, start + Number(length))
  }

  /** Bytes of a source from an offset on, and zeros where it ends. */
  copyIn(offset: bigint, source: Uint8Array, sourceOffset: bigint, length: bigint): void {
    if (length === 0n) return
    const target = this.view(offset, length)
    const start = sourceOffset > source.length ? source.length : Number(sourceOffset)
    const copied = source.subarray(start, start + target.length)
    target.set(copied)
    target.fill(0, copied.length)
  }

  move(offset: bigint, sourceOffset: bigint, length: bigint): void {
    if (length > 0n) this.#bytes.copyWithin(Number(offset), Number(sourceOffset), Number(sourceOffset + length))
  }

  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(0)
    this.#bytes.fill(0, 0, this.size)
    this.size = 0
    if (this.#bytes.length === 0) this.#hold(FIRST_BYTES)
  }

  #hold(bytes: number): void {
    const grown = new Uint8Array(bytes)
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
