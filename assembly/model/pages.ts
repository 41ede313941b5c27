// Sizes of the memory.

const PAGE_BYTES: u64 = 65536

export function alignUp(value: u64): u64 {
  return (value + 15) & ~15
}

/** Pages of a memory whose first `end` bytes are in use. */
export function pagesOf(end: u64): u64 {
  return max((end + PAGE_BYTES - 1) / PAGE_BYTES, minimumPages())
}

/** Pages of the static data: the smallest memory that the module can be instantiated with. */
export function minimumPages(): u64 {
  return (<u64>__heap_base + PAGE_BYTES - 1) / PAGE_BYTES
}
