// Copies of short and long runs: the operators that only move values.

/** From this many bytes on the engine's memory.copy, which is a call, is faster than a loop. */
const LONG_BYTES: usize = 96

/** What a run costs beside its bytes, in bytes. */
export const RUN_BYTES: u64 = 16

/** The same of a run that is looked up and copied by itself. */
export const SINGLE_RUN_BYTES: u64 = 64

/** What stepping to the next row of runs costs, in bytes. */
export const ROW_BYTES: u64 = 32

/** Writes exactly `bytes` bytes, at least 1; the two regions do not overlap. */
export function copyBytes(to: usize, from: usize, bytes: usize): void {
  if (bytes >= LONG_BYTES) memory.copy(to, from, bytes)
  else if (bytes >= 8) copyWords(to, from, bytes)
  else copyShort(to, from, bytes)
}

/** 1 to 7 bytes. */
function copyShort(to: usize, from: usize, bytes: usize): void {
  if (bytes >= 4) {
    store<u32>(to, load<u32>(from))
    store<u32>(to + bytes - 4, load<u32>(from + bytes - 4))
  } else {
    store<u8>(to, load<u8>(from))
    if (bytes > 1) store<u16>(to + bytes - 2, load<u16>(from + bytes - 2))
  }
}

/** At least 8 bytes; the last word overlaps the one before it where they are no whole number of words. */
function copyWords(to: usize, from: usize, bytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    if (bytes >= 16) {
      const last = bytes - 16
      for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i))
      v128.store(to + last, v128.load(from + last))
      return
    }
  }
  const last = bytes - 8
  for (let i: usize = 0; i < last; i += 8) store<u64>(to + i, load<u64>(from + i))
  store<u64>(to + last, load<u64>(from + last))
}

/** `count` runs of `bytes` bytes, in steps of `fromStep` and `toStep` bytes (backwards where negative). */
export function copyRuns(to: usize, toStep: isize, from: usize, fromStep: isize, bytes: usize, count: usize): void {
  if (bytes === 1) for (; count > 0; count--, to += toStep, from += fromStep) store<u8>(to, load<u8>(from))
  else if (bytes === 2) for (; count > 0; count--, to += toStep, from += fromStep) store<u16>(to, load<u16>(from))
  else if (bytes === 4) for (; count > 0; count--, to += toStep, from += fromStep) store<u32>(to, load<u32>(from))
  else if (bytes < 8) for (; count > 0; count--, to += toStep, from += fromStep) copyShort(to, from, bytes)
  else if (bytes < LONG_BYTES) for (; count > 0; count--, to += toStep, from += fromStep) copyWords(to, from, bytes)
  else for (; count > 0; count--, to += toStep, from += fromStep) memory.copy(to, from, bytes)
}
