/** Signed blob transactions (EIP-4844), with proofs of blobs and of cells (EIP-7594): at the door, in blocks, in receipts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RLP } from '@ethereumjs/rlp'
import { createBlob4844Tx, NetworkWrapperType } from '@ethereumjs/tx'
import { bytesToHex, commitmentsToVersionedHashes, concatBytes, hexToBytes } from '@ethereumjs/util'
import { createForks } from '../../node/chain/common.ts'
import { kzg } from '../../node/chain/kzg.ts'
import { createWallet } from '../../node/chain/wallet.ts'
import { config, openChain } from './harness.ts'

const wallet = createWallet(config().mnemonic, 1)
const [sender] = wallet.addresses
const to = `0x${'be'.repeat(20)}` as const
const blob = bytesToHex(Buffer.from('1122'.padStart(64, '0').padEnd(2 * 131_072, '0'), 'hex'))
const commitment = kzg.blobToKzgCommitment(blob)

/** Raw, with the blob and its proof. */
function signedBlob(nonce: number, proofs: string[], fees = { maxFeePerGas: 0n, maxFeePerBlobGas: 1n }): { raw: Uint8Array; hash: string } {
  const common = createForks(config()).common('osaka')
  const blobVersionedHashes = commitmentsToVersionedHashes([commitment as `0x${string}`])
  const tx = createBlob4844Tx({ to, nonce, gasLimit: 50_000, value: 3n, blobVersionedHashes, ...fees }, { common }).sign(
    wallet.privateKey(sender!),
  )
  const items = (hex: string[]) => hex.map((each) => hexToBytes(each as `0x${string}`))
  const sidecar = proofs.length === 1 ? [] : [Uint8Array.of(NetworkWrapperType.EIP7594)]
  const wrapper = RLP.encode([tx.raw() as never, ...sidecar, items([blob]), items([commitment]), items(proofs)])
  return { raw: concatBytes(Uint8Array.of(3), wrapper), hash: bytesToHex(tx.hash()) }
}

test('a blob transaction is taken with the proof of its blob, and mined without its blobs', async (t) => {
  const chain = await openChain(t)
  const { raw, hash } = signedBlob(0, [kzg.computeBlobProof(blob, commitment)])
  assert.equal(await chain.submit(raw), hash)
  const { block, receipts } = chain.head()
  assert.deepEqual([receipts[0]!.type, receipts[0]!.status, receipts[0]!.blobs], [3, 1, { gasUsed: 131_072n, gasPrice: 0n }])
  assert.equal(block.header.blobGasUsed, 131_072n)
  assert.ok(block.serialize().length < 2000, 'the blobs are not in the block')
  assert.equal((await chain.account(to, 'latest')).balance, 3n)
  await chain.verify('latest')
})

test('a blob transaction is taken with the proofs of its cells', async (t) => {
  const chain = await openChain(t)
  const [, proofs] = kzg.computeCellsAndProofs(blob)
  const { raw, hash } = signedBlob(0, proofs)
  assert.equal(await chain.submit(raw), hash)
  assert.equal(chain.head().receipts[0]!.transactionHash, hash)
})

test('where gas is charged, blobs are charged at their price, and held to it at the door', async (t) => {
  const chain = await openChain(t, { rules: 'ethereum', hardfork: 'osaka' })
  const before = (await chain.account(sender!, 'latest')).balance
  const proof = kzg.computeBlobProof(blob, commitment)
  await chain.submit(signedBlob(0, [proof], { maxFeePerGas: 10n ** 10n, maxFeePerBlobGas: 7n }).raw)
  const [receipt] = chain.head().receipts
  assert.deepEqual(receipt!.blobs, { gasUsed: 131_072n, gasPrice: 1n })
  const paid = before - (await chain.account(sender!, 'latest')).balance
  assert.equal(paid, receipt!.gasUsed * receipt!.effectiveGasPrice + 131_072n + 3n)
  await chain.verify('latest')
})

test('a blob transaction without its blobs, or with a wrong proof, is refused', async (t) => {
  const chain = await openChain(t)
  const proof = kzg.computeBlobProof(blob, commitment)
  const { raw } = signedBlob(0, [proof])
  const [fields] = RLP.decode(raw.subarray(1)) as unknown as [Uint8Array[]]
  const bare = concatBytes(Uint8Array.of(3), RLP.encode(fields))
  await assert.rejects(chain.submit(bare), { code: 'TRANSACTION_MALFORMED', message: /no blobs/ })
  await assert.rejects(chain.submit(signedBlob(0, [commitment]).raw), { code: 'TRANSACTION_MALFORMED', message: /KZG/ })
})
