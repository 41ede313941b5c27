/**
 * Timestamps of blocks, seconds. They never run backwards, but several blocks may carry the same one: with more than one block per second
 * there is no other way, and nothing in the chain's rules needs them to differ.
 */

import { bigIntMax } from '@ethereumjs/util'
import { NodeError } from '../errors.ts'

export interface Clock {
  /** Timestamp that the next block would get. */
  peek(parentTimestamp: bigint): bigint
  /** A block with this timestamp is now the head: time goes on from there if it was set or lies ahead. */
  mined(timestamp: bigint): void
  setNext(seconds: bigint, parentTimestamp: bigint): void
  /** Returns the whole shift against the machine's clock. */
  advance(seconds: bigint): bigint
  set(seconds: bigint): bigint
  /** Seconds between a block and the next; undefined: as long as it takes. */
  setInterval(seconds: bigint | undefined): void
  save(): { shift: bigint; next: bigint | undefined }
  restore(saved: { shift: bigint; next: bigint | undefined }): void
}

export function createClock(now: () => bigint = () => BigInt(Math.floor(Date.now() / 1000))): Clock {
  let shift = 0n
  let next: bigint | undefined
  let interval: bigint | undefined
  return {
    peek(parentTimestamp) {
      if (next !== undefined && next >= parentTimestamp) return next
      return interval === undefined ? bigIntMax(now() + shift, parentTimestamp) : parentTimestamp + interval
    },
    mined(timestamp) {
      if (next !== undefined || timestamp > now() + shift) shift = timestamp - now()
      next = undefined
    },
    setNext(seconds, parentTimestamp) {
      if (seconds < parentTimestamp)
        throw new NodeError('TIMESTAMP_TOO_LOW', `timestamp too low: got ${seconds}, wanted at least the head's ${parentTimestamp}`)
      next = seconds
    },
    advance(seconds) {
      shift += seconds
      return shift
    },
    set(seconds) {
      shift = seconds - now()
      return shift
    },
    setInterval(seconds) {
      interval = seconds
    },
    save: () => ({ shift, next }),
    restore(saved) {
      shift = saved.shift
      next = saved.next
    },
  }
}
