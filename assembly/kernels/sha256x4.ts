// Four SSZ node hashes at once, a lane of 32 bits each: the leaves of large constants, which are most of an artifact's Merkle tree.
// math/sha256.ts is the same, one by one.
import { hash64, paddingSchedule, roundConstants } from '../math/sha256'

/** W[t] + K[t] of four blocks, lane by lane. */
const schedule: usize = memory.data(1024, 16)
/** The same of the padding block, which all lanes share. */
const padding: usize = memory.data(1024, 16)
let paddingReady: bool = false
const state: usize = memory.data(128, 16)

/** Hashes the 4 × 64 bytes at `from` into the 4 × 32 bytes at `to`, which may be `from`. */
export function hash64x4(from: usize, to: usize): void {
  if (ASC_FEATURE_SIMD) {
    hashLanes(from, to)
  } else {
    for (let i: usize = 0; i < 4; i++) hash64(from + (i << 6), to + (i << 5))
  }
}

function hashLanes(from: usize, to: usize): void {
  for (let word: usize = 0; word < 64; word += 16) {
    transpose(
      v128.load(from + word),
      v128.load(from + word, 64),
      v128.load(from + word, 128),
      v128.load(from + word, 192),
      schedule + (word << 2),
    )
  }
  expand()
  if (!paddingReady) {
    const one = paddingSchedule()
    for (let t: usize = 0; t < 256; t += 4) v128.store(padding + (t << 2), v128.load32_splat(one + t))
    paddingReady = true
  }
  start(0, 0x6a09e667)
  start(16, 0xbb67ae85)
  start(32, 0x3c6ef372)
  start(48, 0xa54ff53a)
  start(64, 0x510e527f)
  start(80, 0x9b05688c)
  start(96, 0x1f83d9ab)
  start(112, 0x5be0cd19)
  rounds(schedule)
  rounds(padding)
  // Words 0 to 3 of each hash, then 4 to 7: a block's words are a column of the state.
  transpose(v128.load(state), v128.load(state, 16), v128.load(state, 32), v128.load(state, 48), schedule)
  transpose(v128.load(state, 64), v128.load(state, 80), v128.load(state, 96), v128.load(state, 112), schedule + 64)
  for (let i: usize = 0; i < 4; i++) {
    v128.store(to + (i << 5), v128.load(schedule + (i << 4)))
    v128.store(to + (i << 5), v128.load(schedule + (i << 4), 64), 16)
  }
}

function start(word: usize, value: u32): void {
  v128.store(state + word, i32x4.splat(value))
}

/** Four rows of four words, their bytes reversed, become columns. */
function transpose(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5)
  const ba = v128.shuffle<u32>(a, b, 2, 6, 3, 7)
  const dc = v128.shuffle<u32>(c, d, 2, 6, 3, 7)
  v128.store(to, reverse(v128.shuffle<u64>(ab, cd, 0, 2)))
  v128.store(to, reverse(v128.shuffle<u64>(ab, cd, 1, 3)), 16)
  v128.store(to, reverse(v128.shuffle<u64>(ba, dc, 0, 2)), 32)
  v128.store(to, reverse(v128.shuffle<u64>(ba, dc, 1, 3)), 48)
}

function reverse(words: v128): v128 {
  return v128.shuffle<u8>(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}

function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by))
}

function expand(): void {
  const end = schedule + 1024
  for (let w = schedule + 256; w < end; w += 16) {
    const a = v128.load(w - 240)
    const b = v128.load(w - 32)
    const s0 = v128.xor(v128.xor(rotate(a, 7), rotate(a, 18)), i32x4.shr_u(a, 3))
    const s1 = v128.xor(v128.xor(rotate(b, 17), rotate(b, 19)), i32x4.shr_u(b, 10))
    v128.store(w, i32x4.add(i32x4.add(v128.load(w - 256), s0), i32x4.add(v128.load(w - 112), s1)))
  }
  for (let w = schedule, k = roundConstants; w < end; w += 16, k += 4) v128.store(w, i32x4.add(v128.load(w), v128.load32_splat(k)))
}

function rounds(w: usize): void {
  let a = v128.load(state, 0)
  let b = v128.load(state, 16)
  let c = v128.load(state, 32)
  let d = v128.load(state, 48)
  let e = v128.load(state, 64)
  let f = v128.load(state, 80)
  let g = v128.load(state, 96)
  let h = v128.load(state, 112)
  for (const end = w + 1024; w < end; w += 16) {
    const choice = v128.bitselect(f, g, e)
    const majority = v128.bitselect(v128.or(b, c), v128.and(b, c), a)
    const sumE = v128.xor(v128.xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25))
    const sumA = v128.xor(v128.xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22))
    const t1 = i32x4.add(i32x4.add(h, sumE), i32x4.add(choice, v128.load(w)))
    h = g
    g = f
    f = e
    e = i32x4.add(d, t1)
    d = c
    c = b
    b = a
    a = i32x4.add(t1, i32x4.add(sumA, majority))
  }
  v128.store(state, i32x4.add(v128.load(state, 0), a), 0)
  v128.store(state, i32x4.add(v128.load(state, 16), b), 16)
  v128.store(state, i32x4.add(v128.load(state, 32), c), 32)
  v128.store(state, i32x4.add(v128.load(state, 48), d), 48)
  v128.store(state, i32x4.add(v128.load(state, 64), e), 64)
  v128.store(state, i32x4.add(v128.load(state, 80), f), 80)
  v128.store(state, i32x4.add(v128.load(state, 96), g), 96)
  v128.store(state, i32x4.add(v128.load(state, 112), h), 112)
}
