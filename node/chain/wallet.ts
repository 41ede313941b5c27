/** The development accounts: derived from the configured mnemonic, their keys held in memory. */

import { createECDH, createHmac, pbkdf2Sync } from 'node:crypto'
import { bytesToHex } from '@ethereumjs/util'
import { NodeError } from '../errors.ts'
import { keccak256, sign } from './crypto.ts'
import type { Hex } from './types.ts'

/** Order n of the group of secp256k1 (SEC 2, 2.4.1). */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const HARDENED = 0x80000000

export interface Wallet {
  /** In order of their derivation index. */
  addresses: Hex[]
  /** @throws NodeError UNKNOWN_ACCOUNT when the node holds no key of this address. */
  privateKey(address: Hex): Uint8Array
  has(address: Hex): boolean
}

/** Accounts m/44'/60'/0'/0/i of a BIP-39 mnemonic without passphrase. */
export function createWallet(mnemonic: string, count: number): Wallet {
  const seed = pbkdf2Sync(mnemonic.normalize('NFKD'), 'mnemonic', 2048, 64, 'sha512')
  const branch = [44 + HARDENED, 60 + HARDENED, HARDENED, 0].reduce(deriveChild, split(hmac(Buffer.from('Bitcoin seed'), seed)))
  const privateKeys = new Map<Hex, Uint8Array>()
  for (let index = 0; index < count; index++) {
    const { key } = deriveChild(branch, index)
    privateKeys.set(bytesToHex(keccak256(publicKey(key, 'uncompressed').subarray(1)).subarray(12)), key)
  }
  return {
    addresses: [...privateKeys.keys()],
    has: (address) => privateKeys.has(address),
    privateKey(address) {
      const key = privateKeys.get(address)
      if (key === undefined) throw new NodeError('UNKNOWN_ACCOUNT', `unknown account ${address}: the node holds no key of it`)
      return key
    },
  }
}

/** Signs a digest of 32 bytes: r, s (low), then v of 27 or 28. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const recoverable = sign(digest, privateKey)
  const signature = new Uint8Array(65)
  signature.set(recoverable.subarray(1), 0)
  signature[64] = 27 + recoverable[0]!
  return signature
}

interface ExtendedKey {
  key: Uint8Array
  chainCode: Uint8Array
}

/** BIP-32, private parent key to private child key. An invalid child (probability below 2^-127) is not skipped. */
function deriveChild({ key, chainCode }: ExtendedKey, index: number): ExtendedKey {
  const data = new Uint8Array(37)
  if (index >= HARDENED) data.set(key, 1)
  else data.set(publicKey(key, 'compressed'), 0)
  new DataView(data.buffer).setUint32(33, index)
  const child = split(hmac(chainCode, data))
  const sum = (BigInt(bytesToHex(child.key)) + BigInt(bytesToHex(key))) % CURVE_ORDER
  return { key: Buffer.from(sum.toString(16).padStart(64, '0'), 'hex'), chainCode: child.chainCode }
}

function publicKey(key: Uint8Array, form: 'compressed' | 'uncompressed'): Uint8Array {
  const curve = createECDH('secp256k1')
  curve.setPrivateKey(key)
  return curve.getPublicKey(null, form)
}

const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => createHmac('sha512', key).update(data).digest()
const split = (bytes: Uint8Array): ExtendedKey => ({ key: bytes.subarray(0, 32), chainCode: bytes.subarray(32) })
