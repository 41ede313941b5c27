/**
 * The layout of the database: one prefix byte, then the key.
 *
 * | prefix | key | value |
 * |---|---|---|
 * | `m` | name | metadata: `version`, `genesis`, `config`, `head` |
 * | `b` | block hash | block, RLP |
 * | `r` | block hash | receipts, RLP |
 * | `n` | block number, 8 bytes | hash of the canonical block |
 * | `f` | block number, 8 bytes | logs bloom, 256 bytes; absent when empty |
 * | `o` | block number, 8 bytes | state root after development changes on top of that block |
 * | `x` | block number, 8 bytes | randomness that the node was told to take for that block |
 * | `t` | transaction hash | block hash, then the index in 4 bytes |
 * | `a` | address | nothing: the account has been there |
 * | `k` | address, then slot | nothing: the slot has been written |
 * | `p` | model id, then the index in 4 bytes | a piece of the artifact of a model off chain |
 * | `s` | trie node hash, or `c` and the code hash | trie node or contract code |
 */

const prefixed = (prefix: string, key: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(1 + key.length)
  bytes[0] = prefix.charCodeAt(0)
  bytes.set(key, 1)
  return bytes
}

const numbered = (prefix: string, number: bigint): Uint8Array => {
  const bytes = new Uint8Array(9)
  bytes[0] = prefix.charCodeAt(0)
  new DataView(bytes.buffer).setBigUint64(1, number)
  return bytes
}

export const keys = {
  meta: (name: 'version' | 'genesis' | 'config' | 'head') => prefixed('m', Buffer.from(name)),
  block: (hash: Uint8Array) => prefixed('b', hash),
  receipts: (hash: Uint8Array) => prefixed('r', hash),
  canonicalHash: (number: bigint) => numbered('n', number),
  bloom: (number: bigint) => numbered('f', number),
  prevRandao: (number: bigint) => numbered('x', number),
  stateOverride: (number: bigint) => numbered('o', number),
  address: (address: Uint8Array) => prefixed('a', address),
  slot: (addressAndSlot: Uint8Array) => prefixed('k', addressAndSlot),
  transaction: (hash: Uint8Array) => prefixed('t', hash),
  artifactPiece: (modelId: Uint8Array, index: number) => {
    const key = new Uint8Array(36)
    key.set(modelId)
    new DataView(key.buffer).setUint32(32, index)
    return prefixed('p', key)
  },
  stateNode: (key: Uint8Array) => prefixed('s', key),
}
