/** A chain of Ethereum through all its forks, made by the library's VM, imported and exported by the node. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bytesToHex } from '@ethereumjs/util'
import { encodeReceipt } from '@ethereumjs/vm'
import { type Chain, createChain } from '../../node/chain/chain.ts'
import { loadConfig } from '../../node/config.ts'
import { addresses, chainFile, firstBlock, genesis, LAST_BLOCK, makeEthereumChain } from '../suites/ethereum-chain.ts'
import { temporaryDirectory } from './harness.ts'

const made = await makeEthereumChain()
const file = chainFile(made)

async function openGenesis(t: TestContext, flags: Record<string, unknown> = {}): Promise<Chain> {
  const path = join(temporaryDirectory(t), 'genesis.json')
  writeFileSync(path, JSON.stringify(genesis))
  const chain = await createChain(loadConfig({ env: {}, genesis: path, flags }))
  t.after(() => chain.close())
  return chain
}

test('every block of every fork from Homestead to BPO2 is imported with its hash, receipts and logs', async (t) => {
  const chain = await openGenesis(t)
  assert.equal(await chain.importBlocks(file), LAST_BLOCK)
  for (const { block, result } of made) {
    const stored = (await chain.block(block.header.number))!
    assert.equal(stored.hash, bytesToHex(block.hash()))
    assert.deepEqual(
      stored.receipts.map(({ cumulativeGasUsed, bloom }) => [cumulativeGasUsed, bytesToHex(bloom)]),
      result.receipts.map(({ cumulativeBlockGasUsed, bitvector }) => [cumulativeBlockGasUsed, bytesToHex(bitvector)]),
    )
    // Before Byzantium a receipt has the state root after its transaction, and then whether it succeeded.
    const outcomes = result.receipts.map((receipt, index) =>
      bytesToHex(encodeReceipt(receipt, block.transactions[index]!.type)).includes(
        bytesToHex(stored.receipts[index]!.stateRoot ?? new Uint8Array()).slice(2),
      ),
    )
    assert.ok(outcomes.every(Boolean))
    assert.equal(stored.receipts[0]!.stateRoot !== undefined, block.header.number < BigInt(firstBlock('byzantiumBlock')))
  }
  const blobs = (await chain.block('latest'))!.receipts.find(({ type }) => type === 3)!.blobs!
  assert.deepEqual(blobs, { gasUsed: 262_144n, gasPrice: 1n })
  assert.equal(await chain.importBlocks(file), 0, 'what is there is passed over')
})

test('an exported chain is the imported file, and is imported again', async (t) => {
  const chain = await openGenesis(t)
  await chain.importBlocks(file)
  const exported = Buffer.concat([...chain.exportBlocks()])
  assert.ok(exported.equals(file))
  const again = await openGenesis(t)
  await again.importBlocks(new Uint8Array(exported))
  assert.equal(again.head().hash, chain.head().hash)
})

test('an imported chain is there after a restart, decoded from disk, and goes on', async (t) => {
  const dataDir = temporaryDirectory(t)
  const chain = await openGenesis(t, { dataDir })
  await chain.importBlocks(file)
  await chain.close()
  const reopened = await openGenesis(t, { dataDir })
  assert.deepEqual(reopened.head().hash, bytesToHex(made.at(-1)!.block.hash()))
  for (const number of [1n, BigInt(firstBlock('londonBlock')), BigInt(firstBlock('cancunTime'))]) {
    const stored = (await reopened.block(number))!
    const { block } = made[Number(number) - 1]!
    assert.equal(bytesToHex(stored.block.serialize()), bytesToHex(block.serialize()))
    await reopened.verify(number)
  }
  await reopened.mine()
  const { header } = reopened.head().block
  assert.equal(header.number, BigInt(LAST_BLOCK + 1))
  assert.equal(header.baseFeePerGas, made.at(-1)!.block.header.calcNextBaseFee())
  await reopened.verify('latest')
})

test('calls on an old block run under the rules of its fork', async (t) => {
  const chain = await openGenesis(t)
  await chain.importBlocks(file)
  // PUSH0, which is there from Shanghai on; CHAINID, which is there from Istanbul on.
  const push0 = { data: new Uint8Array([0x5f, 0x5f, 0xf3]) }
  const error = async (data: typeof push0, block: number) => (await chain.call(data, BigInt(block))).error
  assert.equal(await error(push0, firstBlock('shanghaiTime') - 1), 'invalid opcode')
  assert.equal(await error(push0, firstBlock('shanghaiTime')), undefined)
  const chainId = { data: new Uint8Array([0x46, 0x60, 0, 0x52, 0x60, 0x20, 0x60, 0, 0xf3]) }
  assert.equal(await error(chainId, firstBlock('istanbulBlock') - 1), 'invalid opcode')
  assert.equal(await error(chainId, firstBlock('istanbulBlock')), undefined)
  const rich = await chain.account(addresses[1]!, BigInt(firstBlock('mergeNetsplitBlock') - 1))
  assert.ok(rich.balance > 1000n * 10n ** 18n, 'miners have their rewards')
})

test('a block that does not come out as it says is refused, and those before it stay', async (t) => {
  const chain = await openGenesis(t)
  const { block } = made[10]!
  const wrong = new Uint8Array(file)
  const at = Buffer.from(file).indexOf(Buffer.from(block.header.stateRoot))
  wrong[at] = wrong[at]! ^ 1
  await assert.rejects(chain.importBlocks(wrong), { code: 'BLOCK_INVALID', message: /^block 11 .*stateRoot is 0x/ })
  assert.equal(chain.head().block.header.number, 10n)
  await assert.rejects(chain.importBlocks(chainFile(made.slice(20))), {
    code: 'BLOCK_INVALID',
    message: /block 21 .*does not follow the head, block 10/,
  })
  await assert.rejects(chain.importBlocks(file.subarray(0, file.length - 1)), { code: 'CHAIN_FILE_INVALID', message: /at byte \d+/ })
  await assert.rejects(chain.importBlocks(new Uint8Array([0x80])), { code: 'CHAIN_FILE_INVALID' })
})
