/** How an artifact lies on chain: contracts whose code is 0x00 and then up to 24,575 bytes of it. */
import type { Hex } from 'viem'
import { concatHex, getContractAddress, toHex } from 'viem/utils'
import { addresses } from '../../precompiles/addresses.ts'

/** Bytes of one chunk: ModelRegistry.MAX_CHUNK_BYTES. */
const chunkBytes = 24_575

/** The artifact in chunks: all are full but the last. */
export function splitArtifact(artifact: Uint8Array): Uint8Array[] {
  const count = Math.ceil(artifact.length / chunkBytes)
  return Array.from({ length: count }, (_, index) => artifact.subarray(index * chunkBytes, (index + 1) * chunkBytes))
}

/**
 * Gas that suffices for ModelRegistry.upload of a chunk; what is not used is not paid. A byte costs 200 as code (EIP-170's contract), at most 16 as calldata (EIP-2028) and
 * some 15 to copy and hash; the rest is the transaction's 21,000, CREATE2's 32,000, one new storage slot and one event. Estimating instead would run the upload many times.
 */
export function uploadGas(part: Uint8Array): bigint {
  return 200_000n + 260n * BigInt(part.length)
}

/** Where ModelRegistry.upload puts bytes: CREATE2 from the registry, salt 0, of code that returns 0x00 and the bytes. */
export function chunkAddress(part: Uint8Array): Hex {
  const length = toHex(part.length + 1, { size: 2 })
  const bytecode = concatHex(['0x61', length, '0x80600a3d393df3', '0x00', toHex(part)])
  const salt = `0x${'00'.repeat(32)}` as const
  return getContractAddress({ opcode: 'CREATE2', from: addresses.modelRegistry, salt, bytecode }).toLowerCase() as Hex
}
