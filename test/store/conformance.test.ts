/** Every store and source of the package under the one suite. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createAddressFromString } from '@ethereumjs/util'
import { decodeFunctionResult, encodeFunctionData, type Hex, toHex } from 'viem'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import { modelId } from '../../runtime/index.ts'
import {
  createBlockStore,
  createChainSource,
  createGatewaySource,
  openLevelBlocks,
  openMemoryBlocks,
  serveGateway,
} from '../../runtime/store/index.ts'
import { createTestChain } from '../precompiles/chain.ts'
import { sourceSuite, storeSuite } from '../suites/store.ts'

storeSuite('memory', async () => createBlockStore('memory', openMemoryBlocks()))

storeSuite('level', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'infernode-blocks-'))
  const { blocks, close } = await openLevelBlocks(directory)
  t.after(async () => {
    await close()
    rmSync(directory, { recursive: true, force: true })
  })
  return createBlockStore('level', blocks)
})

sourceSuite('gateway', async (t: TestContext) => {
  const blocks = openMemoryBlocks()
  const server = createServer((request, response) => void serveGateway(blocks, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const store = createBlockStore('behind the gateway', blocks)
  return { source: createGatewaySource({ url, blocks: openMemoryBlocks() }), seed: (artifact) => store.put(artifact) }
})

sourceSuite('chain', async () => {
  const chain = await createTestChain()
  const source = createChainSource('chain', {
    async chunksOf(model) {
      const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'chunksOf', args: [model] })
      const { output, error } = await chain.call(addresses.inference, data)
      return error === undefined ? decodeFunctionResult({ abi: inferenceAbi, functionName: 'chunksOf', data: toHex(output) }) : []
    },
    code: (address: Hex) => chain.vm.stateManager.getCode(createAddressFromString(address)),
  })
  return {
    source,
    async seed(artifact) {
      const id = (await chain.publish(artifact)) as Hex
      return { id: id === modelId(artifact) ? id : '0x', cid: '', size: artifact.length }
    },
  }
})
