// Copies of short and long runs: the operators that only move values.

/** Below this many bytes a loop is faster than the engine's memory.copy, which is a call. */
const SHORT_BYTES: usize = 32

/** What a run costs beside its bytes, in bytes. */
export const RUN_BYTES: u64 = 16

/** What stepping to the next row of runs costs, in bytes. */
export const ROW_BYTES: u64 = 32

/** Writes exactly `bytes` bytes, at least 1; the two regions do not overlap. */
export function copyBytes(to: usize, from: usize, bytes: usize): void {
  if (bytes < 4) {
    store<u8>(to, load<u8>(from))
    if (bytes > 1) store<u16>(to + bytes - 2, load<u16>(from + bytes - 2))
  } else if (bytes < 8) {
    store<u32>(to, load<u32>(from))
    store<u32>(to + bytes - 4, load<u32>(from + bytes - 4))
  } else if (bytes < SHORT_BYTES) {
    // The last word overlaps the one before it where the run is no whole number of words.
    const last = bytes - 8
    for (let i: usize = 0; i < last; i += 8) store<u64>(to + i, load<u64>(from + i))
    store<u64>(to + last, load<u64>(from + last))
  } else memory.copy(to, from, bytes)
}

/** `count` runs of `bytes` bytes, `step` bytes from one to the next (backwards where it is negative), side by side. */
export function copyRuns(to: usize, from: usize, bytes: usize, step: isize, count: usize): void {
  const end = to + count * bytes
  if (bytes === 1) for (; to < end; to++, from += step) store<u8>(to, load<u8>(from))
  else if (bytes === 2) for (; to < end; to += 2, from += step) store<u16>(to, load<u16>(from))
  else if (bytes === 4) for (; to < end; to += 4, from += step) store<u32>(to, load<u32>(from))
  else for (; to < end; to += bytes, from += step) copyBytes(to, from, bytes)
}
