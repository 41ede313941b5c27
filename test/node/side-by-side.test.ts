/** Two chains from two JSON files on one machine know nothing of each other. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { addresses } from '../../precompiles/index.ts'
import { rpcOf } from '../rpc/support.ts'
import { contracts, deploying, signed, temporaryDirectory } from './harness.ts'

const cli = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url))
const SHOP = '0x00000000000000000000000000000000000000aa'
const OWNER = '0x00000000000000000000000000000000000000bb'
const [deployer, other] = ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'] as const

const games = {
  chainId: 1001,
  blockGasLimit: '50000000',
  prices: { base: '777' },
  predeploys: { [SHOP]: { balance: '5', code: `0x${contracts.answer}` } },
  admission: { deployers: [deployer] },
}
const factory = {
  chainId: 1002,
  blockGasLimit: 900000000,
  blockTime: 0.1,
  freeGas: false,
  gasScheduleOwner: OWNER,
  accountBalance: '7000000000000000000',
}

/** A node of its own process, until the test ends. */
async function startFromFile(t: TestContext, folder: string, name: string, chain: object) {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, JSON.stringify({ ...chain, dataDir: join(folder, name) }))
  const child = spawn(process.execPath, [cli, 'node', '--config', file, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = async () => {
    if (child.exitCode !== null) return
    child.kill('SIGINT')
    await once(child, 'exit')
  }
  t.after(stop)
  let output = ''
  child.stderr.on('data', (piece) => (output += piece))
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (piece) => {
      output += piece
      const found = /Listening on \S+:(\d+)/.exec(output)
      if (found) resolve(found[1]!)
    })
    child.once('exit', () => reject(new Error(`the node ended before it listened:\n${output}`)))
  })
  return { rpc: rpcOf(`http://127.0.0.1:${port}`), stop }
}

test('two chains of different rules run side by side, each in its own directory, and take nothing of each other', async (t) => {
  const folder = temporaryDirectory(t)
  const [one, two] = await Promise.all([startFromFile(t, folder, 'games', games), startFromFile(t, folder, 'factory', factory)])
  const both = <T>(ask: (rpc: typeof one.rpc) => Promise<T>) => Promise.all([ask(one.rpc), ask(two.rpc)])

  assert.deepEqual(await both((rpc) => rpc('eth_chainId')), ['0x3e9', '0x3ea'])
  const limits = await both(async (rpc) => (await rpc<{ gasLimit: string }>('eth_getBlockByNumber', 'latest', false)).gasLimit)
  assert.deepEqual(limits.map(Number), [50_000_000, 900_000_000])
  assert.deepEqual(await both((rpc) => rpc('eth_getBalance', SHOP)), ['0x5', '0x0'])
  assert.deepEqual(await both((rpc) => rpc('eth_call', { to: SHOP })), [`0x${'2a'.padStart(64, '0')}`, '0x'])
  assert.deepEqual((await both((rpc) => rpc<string>('eth_getBalance', deployer))).map(BigInt), [10_000n * 10n ** 18n, 7n * 10n ** 18n])
  const genesis = await both(async (rpc) => (await rpc<{ hash: string }>('eth_getBlockByNumber', 'earliest', false)).hash)
  assert.notEqual(genesis[0], genesis[1])
  const prices = await both((rpc) => rpc<{ storageHash: string }>('eth_getProof', addresses.gasSchedule, [], 'latest'))
  assert.notEqual(prices[0].storageHash, prices[1].storageHash, 'prices and their owner differ')

  // The one mines on demand, the other by time.
  const [before] = await both((rpc) => rpc<string>('eth_blockNumber'))
  while (BigInt(await two.rpc<string>('eth_blockNumber')) < 2n) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(await one.rpc('eth_blockNumber'), before)

  // Who may deploy, and who pays.
  const create = { data: `0x${Buffer.from(deploying(contracts.answer)).toString('hex')}`, gas: '0x20000' }
  await one.rpc('eth_sendTransaction', { ...create, from: deployer })
  await assert.rejects(one.rpc('eth_sendTransaction', { ...create, from: other }), { data: { code: 'DEPLOYER_NOT_ALLOWED' } })
  await two.rpc('eth_sendTransaction', { ...create, from: other })
  await one.rpc('eth_sendTransaction', { from: other, to: SHOP, gasPrice: '0x1', gas: '0x5208' })
  assert.equal(BigInt(await one.rpc<string>('eth_getBalance', other)), 10_000n * 10n ** 18n, 'gas is free here')

  // A transaction for one chain is none on the other.
  const foreign = `0x${Buffer.from(signed(deployer, { to: SHOP, nonce: 0n })).toString('hex')}`
  for (const { rpc } of [one, two]) await assert.rejects(rpc('eth_sendRawTransaction', foreign), { data: { code: 'CHAIN_ID_MISMATCH' } })

  // Ending one leaves the other, and each goes on from its own directory.
  await one.rpc('anvil_setBalance', OWNER, '0x9')
  await one.stop()
  assert.equal(await two.rpc('eth_getBalance', OWNER), '0x0')
  const again = await startFromFile(t, folder, 'games', games)
  assert.deepEqual([await again.rpc('eth_chainId'), await again.rpc('eth_getBalance', OWNER)], ['0x3e9', '0x9'])
})
