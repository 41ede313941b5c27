/** A genesis file in geth's format, and the state file of a node. */
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createChain } from '../../node/chain/chain.ts'
import { loadConfig } from '../../node/config.ts'
import { startNode } from '../../node/node.ts'
import { config, contracts, temporaryDirectory, word } from './harness.ts'

const HOLDER = '0x00000000000000000000000000000000000000aa'

const genesis = {
  config: { chainId: 4242, homesteadBlock: 0, londonBlock: 0, shanghaiTime: 0, cancunTime: 0, pragueTime: 0, terminalTotalDifficulty: 0 },
  nonce: '0x42',
  timestamp: '0x10',
  extraData: '0x1234',
  gasLimit: '0x1c9c380',
  difficulty: '0x0',
  mixHash: `0x${'00'.repeat(31)}07`,
  coinbase: HOLDER,
  alloc: {
    [HOLDER.slice(2)]: { balance: '0x64' },
    '0x00000000000000000000000000000000000000bb': {
      balance: '7',
      code: `0x${contracts.answer}`,
      storage: { '0x1': '0x2' },
    },
  },
  infernode: { blockTime: 0, prices: {}, gasScheduleOwner: HOLDER },
}

test('a genesis file gives chain id, fork, header and accounts, and the infernode section the rest', async (t) => {
  const path = join(temporaryDirectory(t), 'genesis.json')
  writeFileSync(path, JSON.stringify(genesis))
  const loaded = loadConfig({ env: {}, genesis: path, flags: { blockTime: 1 } })
  assert.deepEqual(
    [loaded.chainId, loaded.hardfork, loaded.blockGasLimit, loaded.accountCount, loaded.gasScheduleOwner, loaded.blockTime],
    [4242, 'prague', 30_000_000n, 0, HOLDER, 1],
  )
  const chain = await createChain({ ...loaded, blockTime: 0 })
  t.after(() => chain.close())
  const { header } = chain.head().block
  assert.equal(header.timestamp, 16n)
  assert.equal(Buffer.from(header.extraData).toString('hex'), '1234')
  assert.equal(Buffer.from(header.nonce).toString('hex'), '0000000000000042')
  assert.equal(header.mixHash.at(-1), 7)
  assert.equal(header.coinbase.toString(), HOLDER)
  assert.equal((await chain.account(HOLDER, 'latest')).balance, 100n)
  const slot = await chain.storage('0x00000000000000000000000000000000000000bb', 1n, 'latest')
  assert.equal(Buffer.from(slot).toString('hex'), word(2n))
  assert.deepEqual(chain.accounts, [])
  await chain.mine()
  await chain.verify('latest')
})

test('a genesis file without the section has the rules of Ethereum, and forks that begin later', (t) => {
  const path = join(temporaryDirectory(t), 'genesis.json')
  const { infernode, ...plain } = genesis
  const config = { chainId: 1, homesteadBlock: 0, londonBlock: 5, terminalTotalDifficulty: 7, shanghaiTime: 90, cancunTime: 100 }
  writeFileSync(path, JSON.stringify({ ...plain, config }))
  const loaded = loadConfig({ env: {}, genesis: path })
  assert.deepEqual([loaded.rules, loaded.freeGas, loaded.hardfork], ['ethereum', false, 'homestead'])
  assert.deepEqual(loaded.forks, [
    { name: 'london', block: 5n },
    { name: 'paris', totalDifficulty: 7n },
    { name: 'shanghai', timestamp: 90n },
    { name: 'cancun', timestamp: 100n },
  ])
})

test('a genesis file of a fork that is not known is refused', (t) => {
  const path = join(temporaryDirectory(t), 'genesis.json')
  const refused = (change: object, message: RegExp) => {
    writeFileSync(path, JSON.stringify({ ...genesis, ...change }))
    assert.throws(() => loadConfig({ env: {}, genesis: path }), { code: 'CONFIG_INVALID', message })
  }
  refused({ config: { chainId: 1, cancunTime: 0, amsterdamTime: 5 } }, /amsterdamTime: the node knows no fork/)
  refused({ config: { chainId: 1, pragueTime: 'soon' } }, /pragueTime: got "soon", wanted a number/)
  refused({ config: { chainId: 1, daoForkSupport: true } }, /daoForkSupport/)
  refused({ gasLimit: undefined }, /gasLimit/)
  refused({ infernode: { blockTim: 1 } }, /blockTim \(.*genesis.json\): unknown key/)
})

test('a node begins with the chain of its state file and writes it there at the end', async (t) => {
  const path = join(temporaryDirectory(t), 'state.json')
  const options = config({ port: 0, loadState: path, dumpState: path })
  const first = await startNode(options)
  const [from] = first.chain.accounts
  await first.chain.submitAs({ from: from!, to: HOLDER, value: 5n })
  const { hash } = first.chain.head()
  await first.close()
  assert.ok(existsSync(path))

  const second = await startNode(options)
  const balance = (await second.chain.account(HOLDER, 'latest')).balance
  await second.close()
  assert.deepEqual([second.chain.head().hash, balance], [hash, 5n])
})
