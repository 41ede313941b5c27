/**
 * Recovers the public keys of signatures: natively where the package carries a binary for this machine, in WebAssembly elsewhere. Both are
 * libsecp256k1; the binary is 4 times as fast.
 */

import { createRequire } from 'node:module'
import { recover } from 'tiny-secp256k1'

// Without types of its own.
const require = createRequire(import.meta.url)

export type RecoverKey = (digest: Uint8Array, signature: Uint8Array, recovery: 0 | 1) => Uint8Array | null

interface NativeBinding {
  /** @throws Error where there is no key */
  ecdsaRecover(signature: Uint8Array, recovery: number, digest: Uint8Array, compressed: boolean, output: Uint8Array): Uint8Array
}

/** The key uncompressed, 65 bytes; null where there is none. */
export const recoverKeyPortably: RecoverKey = (digest, signature, recovery) => {
  try {
    return recover(digest, signature, recovery, false)
  } catch {
    return null
  }
}

/** Undefined where the package has no binary for this machine. */
export const recoverKeyNatively: RecoverKey | undefined = nativeRecovery()

export const recoverKey: RecoverKey = recoverKeyNatively ?? recoverKeyPortably

function nativeRecovery(): RecoverKey | undefined {
  let binding: NativeBinding
  try {
    binding = require('secp256k1/bindings.js')
  } catch {
    return undefined
  }
  return (digest, signature, recovery) => {
    try {
      return binding.ecdsaRecover(signature, recovery, digest, false, new Uint8Array(65))
    } catch {
      return null
    }
  }
}
