import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { argmax } from 'infernode/viem'
import { bytesToHex } from 'viem'
import { deploy } from '../deploy.ts'
import { startNode } from './node.ts'

/** The digits 0 to 9 in order, 28 × 28 bytes each. */
const pictures = readFileSync(new URL('../models/pictures.bin', import.meta.url))
const picture = (digit: number) => pictures.subarray(784 * digit, 784 * (digit + 1))

let node: Awaited<ReturnType<typeof startNode>>
let deployed: Awaited<ReturnType<typeof deploy>>
before(async () => {
  node = await startNode()
  deployed = await deploy(node.url)
})
after(() => node.stop())

test('the contract reads every digit', async () => {
  const { client, address, abi } = deployed
  for (let digit = 0; digit < 10; digit++) {
    const args = [bytesToHex(picture(digit))]
    assert.equal(await client.readContract({ address, abi, functionName: 'read', args }), BigInt(digit))
  }
})

test('points are added in transactions, and the inferences can be read back', async () => {
  const { client, address, abi, id } = deployed
  const args = [bytesToHex(picture(7))]
  const hash = await client.writeContract({ address, abi, functionName: 'handIn', args, chain: null })
  await client.waitForTransactionReceipt({ hash })
  assert.equal(await client.readContract({ address, abi, functionName: 'points', args: [client.account.address] }), 7n)
  const [inference] = await client.getInferences({ transactionHash: hash })
  assert.equal(inference?.model, id)
  assert.equal(inference?.caller, address)
})

test('a client runs the model without a contract', async () => {
  const { client, id } = deployed
  assert.equal(argmax(new Int8Array(await client.runModel({ id, input: picture(3) }))), 3)
})
