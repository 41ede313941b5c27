import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ecrecover } from '@ethereumjs/util'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { keccak256, recoverPublicKey, sign } from '../../node/chain/crypto.ts'
import { recoverKeyNatively, recoverKeyPortably } from '../../node/chain/secp256k1.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const bytes32 = (value: bigint) => new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))
const seeded = (seed: string) => new Uint8Array(createHash('sha256').update(seed).digest())

// 136 is the rate of keccak256: blocks that are not, just and more than full; 16384 is the hasher's own buffer.
test('keccak256 gives the reference’s hashes at every length around a block', () => {
  for (const length of [0, 1, 31, 32, 33, 135, 136, 137, 271, 272, 273, 16383, 16384, 16385, 100_000]) {
    const message = new Uint8Array(length).map((_, index) => (index * 31 + length) & 0xff)
    assert.deepEqual(keccak256(message), keccak_256(message), `${length}`)
  }
})

test('recovers the signer, and refuses exactly what the reference refuses', () => {
  const outcome = (recoverKey: typeof ecrecover, ...args: Parameters<typeof ecrecover>) => {
    try {
      return Buffer.from(recoverKey(...args)).toString('hex')
    } catch {
      return 'refused'
    }
  }
  const scalars = [0n, 1n, 2n, ORDER / 2n, ORDER / 2n + 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n].map(bytes32)
  const outcomes = new Set<string>()
  const compare = (...args: Parameters<typeof ecrecover>) => {
    const wanted = outcome(ecrecover, ...args)
    outcomes.add(wanted === 'refused' ? 'refused' : 'recovered')
    assert.equal(outcome(recoverPublicKey, ...args), wanted, args.map(String).join(' '))
  }
  for (const r of scalars) for (const s of scalars) for (const v of [27n, 28n]) compare(seeded('digest'), v, r, s)
  for (let index = 0; index < 20; index++) {
    const digest = index === 0 ? new Uint8Array(32) : index === 1 ? bytes32(2n ** 256n - 1n) : seeded(`digest ${index}`)
    const signature = sign(digest, seeded(`key ${index}`))
    const [r, s] = [signature.subarray(1, 33), signature.subarray(33)]
    const highS = bytes32(ORDER - BigInt(`0x${Buffer.from(s).toString('hex')}`))
    for (const v of [0n, 1n, 2n, 26n, 27n, 28n, 29n]) for (const scalar of [s, highS]) compare(digest, v, r, scalar)
    compare(digest, BigInt(signature[0]!) + 62_709n, r, s, 31_337n)
    // Unpadded, as ethereumjs passes them.
    compare(digest, 27n, new Uint8Array([5]), new Uint8Array([9]))
    compare(digest, 27n, seeded(`r ${index}`), seeded(`s ${index}`))
  }
  assert.deepEqual([...outcomes].sort(), ['recovered', 'refused'])
})

const noNative = recoverKeyNatively === undefined ? 'the package secp256k1 has no binary for this machine' : false

test('natively and in WebAssembly the same keys are recovered', { skip: noNative }, () => {
  const scalars = [0n, 1n, ORDER / 2n + 1n, ORDER - 1n, ORDER, 2n ** 256n - 1n].map(bytes32)
  const found = new Set<boolean>()
  for (let index = 0; index < 200; index++) {
    const digest = seeded(`digest ${index}`)
    const made = sign(digest, seeded(`key ${index % 7}`)).subarray(1)
    const edge = Buffer.concat([scalars[index % 6]!, scalars[Math.floor(index / 6) % 6]!])
    for (const signature of [made, edge, Buffer.concat([seeded(`r ${index}`), made.subarray(32)])])
      for (const recovery of [0, 1] as const) {
        const key = recoverKeyPortably(digest, signature, recovery)
        found.add(key !== null)
        assert.deepEqual(recoverKeyNatively!(digest, signature, recovery), key && new Uint8Array(key))
      }
  }
  assert.deepEqual([...found].sort(), [false, true])
})

test('the same digest and key give the same signature', () => {
  assert.deepEqual(sign(seeded('digest'), seeded('key')), sign(seeded('digest'), seeded('key')))
})
