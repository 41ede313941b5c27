/** Log search: the blooms of the blocks in the range first, then the receipts of those that may hold a match. */

import { hexToBytes } from '@ethereumjs/util'
import { Bloom } from '@ethereumjs/vm'
import type { BlockArchive } from './blocks.ts'
import type { Hex, StoredLog } from './types.ts'

/** Blocks between two pauses that let other requests through. */
const BLOCKS_PER_SLICE = 2000

export interface LogCriteria {
  /** Any of these; empty: all. */
  addresses: Hex[]
  /** By position; null, empty or missing: any. */
  topics: (Hex[] | null)[]
}

export async function findLogs(archive: BlockArchive, first: bigint, last: bigint, criteria: LogCriteria): Promise<StoredLog[]> {
  // Each group must have a member in the bloom.
  const groups = [criteria.addresses, ...criteria.topics.map((topics) => topics ?? [])]
    .filter((group) => group.length > 0)
    .map((group) => group.map(bloomMask))
  const found: StoredLog[] = []
  let scanned = 0
  for (let number = first; number <= last; number++) {
    if (++scanned % BLOCKS_PER_SLICE === 0) await new Promise((resolve) => setImmediate(resolve))
    const bloom = archive.bloomOf(number)
    if (
      bloom === undefined ||
      !groups.every((group) => group.some((mask) => mask.every(([index, bits]) => (bloom[index]! & bits) === bits)))
    )
      continue
    const block = archive.byNumber(number)
    for (const { logs } of block?.receipts ?? []) for (const log of logs) if (matchesLog(log, criteria)) found.push(log)
  }
  return found
}

export function matchesLog(log: StoredLog, { addresses, topics }: LogCriteria): boolean {
  if (addresses.length > 0 && !addresses.includes(log.address)) return false
  return topics.every((wanted, position) => {
    if (wanted === null || wanted.length === 0) return position < log.topics.length
    const topic = log.topics[position]
    return topic !== undefined && wanted.includes(topic)
  })
}

/** The bits that a value sets in a bloom: byte index and bits. */
function bloomMask(value: Hex): [number, number][] {
  const bloom = new Bloom()
  bloom.add(hexToBytes(value))
  return Array.from(bloom.bitvector.entries()).filter(([, bits]) => bits !== 0)
}
