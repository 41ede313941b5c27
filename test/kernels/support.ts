/** Memory and numbers for the kernels' specs. */

let state: u32 = 0x2545f491

/** The next of a fixed series of bytes. */
export function nextByte(): i8 {
  state = state * 1664525 + 1013904223
  return <i8>(state >> 24)
}

/** `bytes` of memory that hold anything. */
export function room(bytes: i32): usize {
  const pointer = heap.alloc(bytes)
  memory.fill(pointer, 0xa5, bytes)
  return pointer
}

/** int8 of the series, and 64 bytes behind them that hold anything. */
export function randomBytes(count: i32): usize {
  const pointer = room(count + 64)
  for (let i = 0; i < count; i++) store<i8>(pointer + i, nextByte())
  return pointer
}

export function byteAt(pointer: usize, i: i32): i32 {
  return <i32>load<i8>(pointer + i)
}

export function wordAt(pointer: usize, i: i32): i32 {
  return <i32>load<i16>(pointer + (i << 1))
}

export function intAt(pointer: usize, i: i32): i32 {
  return load<i32>(pointer + (i << 2))
}
