// SSZ Merkle trees over streams of 32-byte chunks (consensus-specs, ssz/simple-serialize.md, Merkleization): at any time a tree holds one
// node for each set bit
// of the number of chunks it has seen, so it takes depth + 1 nodes of memory.
import { hash64x4 } from '../kernels/sha256x4'
import { hash64 } from '../math/sha256'

/** Largest depth of a tree: List[uint8, 2^26] has 2^21 chunks. */
const MAX_DEPTH: u32 = 21
/** A tree: u32 count of chunks, then from byte 32 on one node for each level. */
export const TREE_BYTES: i32 = 32 * 23

const zeros: usize = memory.data(32 * 22, 16)
const pair: usize = memory.data(64, 16)
/** Chunks that are hashed up to one node together, four lanes at a time. */
const BLOCK_CHUNKS: u32 = 32
const BLOCK_BYTES: usize = 1024
const block: usize = memory.data(512, 16)
let zerosReady: bool = false

/** Root of an empty tree of that depth. */
function zeroHash(depth: u32): usize {
  if (!zerosReady) {
    memory.fill(zeros, 0, 32)
    for (let i: usize = 0; i < MAX_DEPTH; i++) hashPair(zeros + i * 32, zeros + i * 32, zeros + i * 32 + 32)
    zerosReady = true
  }
  return zeros + depth * 32
}

export function hashPair(left: usize, right: usize, to: usize): void {
  copyChunk(pair, left)
  copyChunk(pair + 32, right)
  hash64(pair, to)
}

function copyChunk(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from, 0), 0)
  store<u64>(to, load<u64>(from, 8), 8)
  store<u64>(to, load<u64>(from, 16), 16)
  store<u64>(to, load<u64>(from, 24), 24)
}

export function treeStart(tree: usize): void {
  store<u32>(tree, 0)
}

/** Appends the 32 bytes at `chunk`. */
export function treePush(tree: usize, chunk: usize): void {
  const count = load<u32>(tree)
  copyChunk(tree + 32 + ctz(count + 1) * 32, chunk)
  climb(tree, count, 0, 1)
}

/** Appends the two chunks in the 64 bytes at `chunks`; the number of chunks before is even. */
function treePushPair(tree: usize, chunks: usize): void {
  const count = load<u32>(tree)
  hash64(chunks, tree + 32 + ctz(count + 2) * 32)
  climb(tree, count, 1, 2)
}

/** Appends the 32 chunks in the 1024 bytes at `chunks`; the number of chunks before is a multiple of 32. */
function treePushBlock(tree: usize, chunks: usize): void {
  for (let i: usize = 0; i < 4; i++) hash64x4(chunks + (i << 8), block + (i << 7))
  hash64x4(block, block)
  hash64x4(block + 256, block + 128)
  hash64x4(block, block)
  hash64(block, block)
  hash64(block + 64, block + 32)
  const count = load<u32>(tree)
  hash64(block, tree + 32 + ctz(count + BLOCK_CHUNKS) * 32)
  climb(tree, count, 5, BLOCK_CHUNKS)
}

/** The new node of `level` lies where its final ancestor belongs: joins it with the nodes to its left. */
function climb(tree: usize, count: u32, level: u32, added: u32): void {
  const node = tree + 32 + ctz(count + added) * 32
  for (; (count >> level) & 1; level++) hashPair(tree + 32 + level * 32, node, node)
  store<u32>(tree, count + added)
}

/** Root of the tree, padded with zero chunks to 2^depth; the count of chunks is at most that. */
export function treeRoot(tree: usize, depth: u32, to: usize): void {
  const count = load<u32>(tree)
  if (count === 0) {
    copyChunk(to, zeroHash(depth))
    return
  }
  let level = ctz(count)
  copyChunk(to, tree + 32 + level * 32)
  let joined = false
  for (; level < depth; level++) {
    if (joined && (count >> level) & 1) hashPair(tree + 32 + level * 32, to, to)
    else hashPair(to, zeroHash(level), to)
    joined = true
  }
}

/** Appends bytes to an empty tree, packed into chunks, the last filled up with zeros. */
export function treePushBytes(tree: usize, from: usize, bytes: usize): void {
  const end = from + bytes
  for (; from + BLOCK_BYTES <= end; from += BLOCK_BYTES) treePushBlock(tree, from)
  for (; from + 64 <= end; from += 64) treePushPair(tree, from)
  while (from < end) {
    memory.fill(pair, 0, 32)
    memory.copy(pair, from, min<usize>(32, end - from))
    treePush(tree, pair)
    from += 32
  }
}

/** Appends a basic value of at most 8 bytes, little-endian, as a chunk. */
export function treePushValue(tree: usize, value: u64): void {
  memory.fill(pair, 0, 32)
  store<u64>(pair, value)
  treePush(tree, pair)
}

/** Joins the root at `root` with a list's length, in place. */
export function mixInLength(root: usize, length: u32): void {
  copyChunk(pair, root)
  memory.fill(pair + 32, 0, 32)
  store<u64>(pair, length, 32)
  hash64(pair, root)
}
