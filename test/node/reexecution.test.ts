/** Upgrades, changes of access and of prices alter nothing that has been: another node executes the whole chain from genesis and has every state root. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFunctionData, type Hex, hexToBytes, toHex } from 'viem'
import { splitArtifact } from '../../node/client/chunks.ts'
import { loadContract } from '../../node/contracts.ts'
import { createInferenceChain } from '../../node/node.ts'
import { addresses, genesisPrices, inferenceAbi, priceVector } from '../../precompiles/index.ts'
import { modelId } from '../../runtime/index.ts'
import { denseArtifact, randomBytes } from '../precompiles/models.ts'
import { config } from './harness.ts'

const { modelRegistry, modelNames, modelAccess, gasSchedule, inference } = addresses
const input = toHex(randomBytes(64, 3))
const openRule = { mode: 0, authority: `0x${'00'.repeat(20)}`, role: 0n, quotaCalls: 0, quotaSeconds: 0, receiver: `0x${'00'.repeat(20)}` }

test('every state root of a chain with upgrades, rules and prices that changed comes out again', async (t) => {
  const owner = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
  const options = config({ gasScheduleOwner: owner })
  const [{ chain }, { chain: other }] = [await createInferenceChain(options), await createInferenceChain(options)]
  t.after(() => Promise.all([chain.close(), other.close()]))
  const [, user] = chain.accounts as [Hex, Hex]

  const send = async (to: Hex, contract: string, functionName: string, args: readonly unknown[]) => {
    const data = hexToBytes(encodeFunctionData({ abi: loadContract(contract).abi, functionName, args: [...args] }))
    await chain.submitAs({ from: owner, to, data, gas: 30_000_000n })
    assert.equal(chain.head().receipts[0]!.status, 1, functionName)
  }
  const publish = async (artifact: Uint8Array): Promise<Hex> => {
    const chunks: Hex[] = []
    for (const part of splitArtifact(artifact)) {
      await send(modelRegistry, 'ModelRegistry', 'upload', [toHex(part)])
      chunks.push(chain.head().receipts[0]!.logs[0]!.topics[1]!.replace(/^0x0{24}/, '0x') as Hex)
    }
    await send(modelRegistry, 'ModelRegistry', 'publish', [modelId(artifact), chunks, ''])
    return modelId(artifact)
  }
  /** A user's inference: its outcome and what it paid. */
  const infer = async (model: Hex) => {
    const data = hexToBytes(encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [model, input] }))
    await chain.submitAs({ from: user, to: inference, data, gas: 30_000_000n })
    const { status, gasUsed } = chain.head().receipts[0]!
    return { status, gasUsed }
  }

  const first = await publish(denseArtifact(64, 10))
  await send(modelNames, 'ModelNames', 'register', ['scorer', first])
  const before = await infer(first)
  await send(gasSchedule, 'GasSchedule', 'setPrices', [priceVector(genesisPrices).map((price) => Number(price * 2n))])
  const dearer = await infer(first)
  assert.ok(dearer.gasUsed > before.gasUsed && dearer.status === 1)
  const second = await publish(denseArtifact(64, 10, 2))
  await send(modelNames, 'ModelNames', 'upgrade', ['scorer', second])
  await send(modelAccess, 'ModelAccess', 'setRule', [first, { ...openRule, mode: 1 }])
  assert.equal((await infer(first)).status, 0)
  await send(modelAccess, 'ModelAccess', 'setRule', [first, openRule])
  assert.deepEqual(await infer(first), dearer)
  await send(modelRegistry, 'ModelRegistry', 'deprecate', [first, second])
  await send(modelRegistry, 'ModelRegistry', 'retire', [first])
  assert.equal((await infer(first)).status, 0)
  assert.equal((await infer(second)).status, 1)

  const roots = async (each: typeof chain) => {
    const found: string[] = []
    for (let number = 0n; number <= each.head().block.header.number; number++)
      found.push(toHex((await each.block(number))!.block.header.stateRoot))
    return found
  }
  const file = Buffer.concat([...chain.exportBlocks()])
  assert.equal(await other.importBlocks(new Uint8Array(file)), Number(chain.head().block.header.number))
  assert.deepEqual(await roots(other), await roots(chain))
  assert.ok(new Set(await roots(other)).size > 12)
  for (let number = 1n; number <= chain.head().block.header.number; number++) await chain.verify(number)
})
