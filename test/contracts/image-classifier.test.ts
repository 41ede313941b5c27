import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, hexToBytes } from 'viem'
import { runBytes } from '../../runtime/reference/run.ts'
import { contracts, createTestChain, testHost } from '../precompiles/chain.ts'
import { denseArtifact, denseModel, randomBytes } from '../precompiles/models.ts'

test('ImageClassifier answers the same in a call and in a transaction, and stores and emits the class', async () => {
  const chain = await createTestChain({ host: testHost() })
  const model = await chain.publish(denseArtifact(64, 10))
  const contract = contracts.ImageClassifier!
  const classifier = await chain.deploy(contract, [model])
  const picture = randomBytes(64, 9)
  const scores = runBytes(denseModel(64, 10), picture)
  const best = [...new Int8Array(scores.buffer)].reduce((top, score, index, all) => (score > all[top]! ? index : top), 0)
  const read = async (functionName: string, args: readonly unknown[] = []) => {
    const { output } = await chain.call(classifier, encodeFunctionData({ abi: contract.abi, functionName, args: [...args] }))
    return decodeFunctionResult({ abi: contract.abi, functionName, data: bytesToHex(output) })
  }
  const [answer, output] = (await read('classify', [bytesToHex(picture)])) as [bigint, Hex]
  assert.equal(answer, BigInt(best))
  assert.deepEqual(hexToBytes(output), scores)
  const sent = await chain.send(
    classifier,
    encodeFunctionData({ abi: contract.abi, functionName: 'classifyAndStore', args: [bytesToHex(picture)] }),
  )
  assert.equal(sent.error, undefined)
  assert.equal(await read('lastClass'), BigInt(best))
  assert.equal(await read('count'), 1n)
  const wrong = await chain.call(classifier, encodeFunctionData({ abi: contract.abi, functionName: 'classify', args: ['0x00'] }))
  assert.deepEqual(wrong.revert, { name: 'WrongInputLength', args: [1n, 64n] })
})
