// SHA-256 (FIPS 180-4) of exactly 64 bytes: the node hash of an SSZ tree. The message is one block and the padding another, whose
// schedule is always the same.

/** K[t], 64 × u32. */
export const roundConstants: usize = memory.data<u32>(
  [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ],
  16,
)
/** W[t] + K[t] of the message block. */
const schedule: usize = memory.data(256, 16)
const padding: usize = memory.data(256, 16)
const state: usize = memory.data(32, 16)
let paddingReady: bool = false

/** W[t] + K[t] of the padding block (0x80, zeros, and the length of 512 bits), 64 × u32. */
export function paddingSchedule(): usize {
  if (!paddingReady) {
    memory.fill(padding, 0, 64)
    store<u32>(padding, 0x80000000)
    store<u32>(padding, 512, 60)
    expand(padding)
    paddingReady = true
  }
  return padding
}

/** Hashes the 64 bytes at `from` into the 32 bytes at `to`, which may overlap `from`. */
export function hash64(from: usize, to: usize): void {
  store<u32>(state, 0x6a09e667, 0)
  store<u32>(state, 0xbb67ae85, 4)
  store<u32>(state, 0x3c6ef372, 8)
  store<u32>(state, 0xa54ff53a, 12)
  store<u32>(state, 0x510e527f, 16)
  store<u32>(state, 0x9b05688c, 20)
  store<u32>(state, 0x1f83d9ab, 24)
  store<u32>(state, 0x5be0cd19, 28)
  for (let i: usize = 0; i < 64; i += 4) store<u32>(schedule + i, bswap(load<u32>(from + i)))
  expand(schedule)
  rounds(schedule)
  rounds(paddingSchedule())
  for (let i: usize = 0; i < 32; i += 4) store<u32>(to + i, bswap(load<u32>(state + i)))
}

/** From the sixteen words at `w`: the whole message schedule, each word with its round's constant added. */
function expand(w: usize): void {
  for (let t: usize = 64; t < 256; t += 4) {
    const a = load<u32>(w + t - 60)
    const b = load<u32>(w + t - 8)
    const s0 = rotr(a, 7) ^ rotr(a, 18) ^ (a >> 3)
    const s1 = rotr(b, 17) ^ rotr(b, 19) ^ (b >> 10)
    store<u32>(w + t, load<u32>(w + t - 64) + s0 + load<u32>(w + t - 28) + s1)
  }
  for (let t: usize = 0; t < 256; t += 4) store<u32>(w + t, load<u32>(w + t) + load<u32>(roundConstants + t))
}

function rounds(w: usize): void {
  let a = load<u32>(state, 0)
  let b = load<u32>(state, 4)
  let c = load<u32>(state, 8)
  let d = load<u32>(state, 12)
  let e = load<u32>(state, 16)
  let f = load<u32>(state, 20)
  let g = load<u32>(state, 24)
  let h = load<u32>(state, 28)
  for (let end = w + 256; w < end; w += 4) {
    const t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + load<u32>(w)
    const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = d + t1
    d = c
    c = b
    b = a
    a = t1 + t2
  }
  store<u32>(state, load<u32>(state, 0) + a, 0)
  store<u32>(state, load<u32>(state, 4) + b, 4)
  store<u32>(state, load<u32>(state, 8) + c, 8)
  store<u32>(state, load<u32>(state, 12) + d, 12)
  store<u32>(state, load<u32>(state, 16) + e, 16)
  store<u32>(state, load<u32>(state, 20) + f, 20)
  store<u32>(state, load<u32>(state, 24) + g, 24)
  store<u32>(state, load<u32>(state, 28) + h, 28)
}
