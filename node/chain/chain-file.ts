/** A chain as a file: its blocks in RLP, one after the other, as geth's `export` writes them and its `import` reads them. */

import type { Block } from '@ethereumjs/block'
import { RLP } from '@ethereumjs/rlp'
import { bytesToHex } from '@ethereumjs/util'
import { NodeError } from '../errors.ts'
import { decodeBlock } from './codec.ts'
import type { Core } from './core.ts'
import type { Producer } from './producer.ts'

/**
 * Executes the blocks of a file and appends them; the ones that the chain has already are passed over.
 * @param prepare awaited before each block is executed, when the one before it is the head
 * @returns how many are new
 * @throws NodeError CHAIN_FILE_INVALID, BLOCK_INVALID; the blocks before the one that is wrong stay
 */
export async function importBlocks(
  { archive, forks, firstBlock }: Core,
  producer: Producer,
  file: Uint8Array,
  prepare: (block: Block) => Promise<void> = async () => {},
): Promise<number> {
  let count = 0
  async function* unknown(): AsyncGenerator<Block> {
    for (const { position, rlp } of blocksOf(file)) {
      const block = decode(rlp, position)
      const { number } = block.header
      const hash = bytesToHex(block.hash())
      if (archive.byHash(hash) !== undefined) continue
      if (number === firstBlock)
        throw new NodeError(
          'BLOCK_INVALID',
          `the file begins with the genesis block ${hash}, the chain with ${archive.byNumber(firstBlock)!.hash}`,
        )
      await prepare(block)
      count++
      yield block
    }
  }
  const decode = (rlp: Uint8Array, position: number): Block => {
    try {
      return decodeBlock(rlp, forks)
    } catch (cause) {
      throw new NodeError('CHAIN_FILE_INVALID', `at byte ${position} the file has no block: ${(cause as Error).message}`, { cause })
    }
  }
  await producer.append(unknown())
  return count
}

/** The blocks after genesis, up to the head or the one given. */
export function* exportBlocks({ archive, head, firstBlock }: Core, last: bigint = head.block.header.number): Generator<Uint8Array> {
  for (let number = firstBlock + 1n; number <= last; number++) yield archive.byNumber(number)!.block.serialize()
}

/** The items that follow one another, and where each begins. */
function* blocksOf(file: Uint8Array): Generator<{ position: number; rlp: Uint8Array }> {
  for (let position = 0; position < file.length; ) {
    let rest: Uint8Array
    try {
      rest = RLP.decode(file.subarray(position), true).remainder
    } catch (cause) {
      throw new NodeError('CHAIN_FILE_INVALID', `at byte ${position} the file is no RLP: ${(cause as Error).message}`, { cause })
    }
    const end = file.length - rest.length
    yield { position, rlp: file.subarray(position, end) }
    position = end
  }
}
