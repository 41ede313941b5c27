// The work vector: 16 u64 (docs/embedding.md), and the prices and gas that follow from it.

export const WORK_SLOTS: u32 = 16
export const WORK_BYTES: usize = 128

export const MACS: u32 = 0
export const OPERATORS: u32 = 1
export const GEMM_MACS: u32 = 2
export const GEMV_MACS: u32 = 3
export const DEPTHWISE_MACS: u32 = 4
export const PREPARED_ELEMENTS: u32 = 5
export const REQUANTIZED_ELEMENTS: u32 = 6
export const POOL_TAPS: u32 = 7
export const ELEMENTS_WORK: u32 = 8
export const FIXED_POINT_ELEMENTS: u32 = 9
export const COPIED_BYTES: u32 = 10
export const INPUT_BYTES: u32 = 11
export const OUTPUT_BYTES: u32 = 12
export const LOADED_BYTES: u32 = 13
export const PAGES: u32 = 14
export const MODEL_BYTES: u32 = 15

/** Adds units to a slot of the vector at `work`. */
export function addWork(work: usize, slot: u32, units: u64): void {
  store<u64>(work + (slot << 3), load<u64>(work + (slot << 3)) + units)
}

export function workOf(work: usize, slot: u32): u64 {
  return load<u64>(work + (slot << 3))
}
