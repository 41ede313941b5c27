import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { Address, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { createVM } from '@ethereumjs/vm'
import { bytesToHex, encodeFunctionData, type Hex } from 'viem'
import { addresses, genesisAccounts, inferenceAbi, installInfernode } from '../../precompiles/index.ts'
import { NodeFault } from '../../runtime/index.ts'
import { createTestChain, testHost } from './chain.ts'
import { denseArtifact, randomBytes } from './models.ts'

const artifact = denseArtifact(64, 10)
const input = randomBytes(64, 5)
const runData = (id: Hex) => encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, bytesToHex(input)] })

test('a hardfork without transient storage is refused with the reason', async () => {
  const evm = await createEVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Shanghai }) })
  assert.throws(
    () => installInfernode(evm, { host: testHost() }),
    /the hardfork shanghai has no transient storage \(EIP-1153\), wanted cancun or later/,
  )
})

test('an address that already has a precompile is refused', async () => {
  const customPrecompiles = [
    { address: createAddressFromString(addresses.tensor), function: () => ({ executionGasUsed: 0n, returnValue: new Uint8Array() }) },
  ]
  const evm = await createEVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Cancun }), customPrecompiles })
  assert.throws(() => installInfernode(evm, { host: testHost() }), /already has a precompile/)
})

test('the precompiles stay through a change of hardfork, and through being installed again', async () => {
  const chain = await createTestChain()
  const model = await chain.publish(artifact)
  const before = await chain.call(addresses.inference, runData(model))
  assert.equal(before.error, undefined)
  chain.vm.common.setHardfork(Hardfork.Prague)
  assert.deepEqual((await chain.call(addresses.inference, runData(model))).output, before.output)
  installInfernode(chain.vm.evm, { host: testHost() })
  assert.deepEqual(await chain.call(addresses.inference, runData(model)), before)
})

test('a copied VM runs models once they are installed in it, on the state it was copied from', async () => {
  const chain = await createTestChain()
  const model = await chain.publish(artifact)
  const before = await chain.call(addresses.inference, runData(model))
  const copy = await chain.vm.shallowCopy()
  installInfernode(copy.evm, { host: chain.host })
  const { execResult } = await copy.evm.runCall({
    to: createAddressFromString(addresses.inference),
    data: hexToBytes(runData(model)),
    gasLimit: 10_000_000n,
  })
  assert.equal(execResult.exceptionError, undefined)
  assert.deepEqual(execResult.returnValue, before.output)
})

test('a node fault rejects the call, leaves the state as it was and no checkpoint open', async () => {
  const chain = await createTestChain()
  const model = await chain.publish(artifact)
  const before = await chain.call(addresses.inference, runData(model))
  const root = await chain.vm.stateManager.getStateRoot()
  const { run } = chain.host
  // The machine loses the model's bytes.
  chain.host.run = async () => {
    throw new NodeFault('state', 'the disk is gone')
  }
  await assert.rejects(chain.send(addresses.inference, runData(model)), NodeFault)
  await assert.rejects(chain.call(addresses.inference, runData(model)), NodeFault)
  chain.host.run = run
  assert.deepEqual(await chain.vm.stateManager.getStateRoot(), root)
  assert.deepEqual(await chain.call(addresses.inference, runData(model)), before)
  assert.equal((await chain.send(addresses.inference, runData(model))).gasUsed, before.gasUsed)
})

test('the bytes of an active model that the state has lost are a node fault', async () => {
  const chain = await createTestChain()
  const model = await chain.publish(artifact)
  const [chunk] = await chain.upload(artifact)
  chain.host.clear()
  await chain.vm.stateManager.putCode(new Address(hexToBytes(chunk!)), hexToBytes('0x00ff'))
  await assert.rejects(chain.call(addresses.inference, runData(model)), NodeFault)
})

test('genesis prices are checked by name and range', () => {
  const code = { ModelRegistry: '0x00', GasSchedule: '0x00', ModelAccess: '0x00', ModelNames: '0x00' } as const
  assert.throws(() => genesisAccounts({ code, prices: { gemm: 1n } as never }), /unknown price gemm/)
  assert.throws(() => genesisAccounts({ code, prices: { base: 2n ** 32n } }), /wanted 0 to 2\^32/)
})

test('a stock VM without the precompiles has none of them', async () => {
  const vm = await createVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Cancun }) })
  assert.equal(vm.evm.precompiles.has(addresses.inference.slice(2)), false)
})
