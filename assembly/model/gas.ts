// Gas from work and prices (docs/embedding.md): milli-gas inside, saturating at 2^63 − 1, rounded up once.
import { LOADED_BYTES, OUTPUT_BYTES, PAGES } from './work'

const MOST: u64 = 0x7fffffffffffffff
const BASE: u32 = 0
const ACTIVATION_BYTE: u32 = 15

/** What making an instance costs beside its pages, in pages. */
const INSTANCE_PAGES: u64 = 16

function entry(vector: usize, slot: u32): u64 {
  return load<u64>(vector + (slot << 3))
}

function add(a: u64, b: u64): u64 {
  return a > MOST || b > MOST - a ? MOST : a + b
}

function multiply(a: u64, b: u64): u64 {
  return b !== 0 && a > MOST / b ? MOST : a * b
}

function roundUp(milligas: u64): i64 {
  return <i64>(milligas / 1000 + u64(milligas % 1000 !== 0))
}

/** Gas of one run; `firstUse` is whether the model is used for the first time in a transaction. */
export function runGas(work: usize, prices: usize, firstUse: bool): i64 {
  let sum = min(entry(prices, BASE), MOST)
  for (let slot: u32 = 1; slot <= OUTPUT_BYTES; slot++) sum = add(sum, multiply(entry(work, slot), entry(prices, slot)))
  if (!firstUse) return roundUp(sum)
  sum = add(sum, multiply(entry(work, LOADED_BYTES), entry(prices, LOADED_BYTES)))
  return roundUp(add(sum, multiply(add(entry(work, PAGES), INSTANCE_PAGES), entry(prices, PAGES))))
}

/** Gas of activating an artifact. */
export function activationGas(bytes: u32, prices: usize): i64 {
  return roundUp(multiply(bytes, entry(prices, ACTIVATION_BYTE)))
}
