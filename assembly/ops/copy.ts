// Copies of short and long runs: the operators that only move values.

/** Below this many bytes a loop is faster than the engine's memory.copy, which is a call. */
const SHORT_BYTES: usize = 32

/** What a run costs beside its bytes, in bytes. */
export const RUN_BYTES: u64 = 16

/** Writes exactly `bytes` bytes. */
export function copyBytes(to: usize, from: usize, bytes: usize): void {
  if (bytes >= SHORT_BYTES) {
    memory.copy(to, from, bytes)
    return
  }
  let i: usize = 0
  for (; i + 8 <= bytes; i += 8) store<u64>(to + i, load<u64>(from + i))
  for (; i < bytes; i++) store<u8>(to + i, load<u8>(from + i))
}

/** `count` runs of `bytes` bytes, `step` bytes from one to the next (backwards where it is negative), side by side. */
export function copyRuns(to: usize, from: usize, bytes: usize, step: isize, count: usize): void {
  const end = to + count * bytes
  if (bytes === 1) for (; to < end; to++, from += step) store<u8>(to, load<u8>(from))
  else if (bytes === 2) for (; to < end; to += 2, from += step) store<u16>(to, load<u16>(from))
  else if (bytes === 4) for (; to < end; to += 4, from += step) store<u32>(to, load<u32>(from))
  else for (; to < end; to += bytes, from += step) copyBytes(to, from, bytes)
}
