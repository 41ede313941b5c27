// Copies of short and long runs: pad and concat.

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
