import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { consensusPart, loadConfig } from '../../node/config.ts'
import { temporaryDirectory } from './harness.ts'

test('defaults are a local chain with free gas and one block for each transaction', () => {
  assert.partialDeepStrictEqual(loadConfig({ env: {} }), {
    chainId: 31337,
    hardfork: 'osaka',
    freeGas: true,
    blockTime: 0,
    accountCount: 10,
    accountBalance: 10_000n * 10n ** 18n,
    host: '127.0.0.1',
    port: 8545,
  })
})

test('a flag wins over the environment, the environment over the file, the file over the defaults', (t) => {
  const file = join(temporaryDirectory(t), 'chain.json')
  writeFileSync(file, JSON.stringify({ chainId: 1, port: 1, blockTime: 1, accountBalance: '0x10' }))
  const config = loadConfig({
    file,
    env: { INFERNODE_PORT: '2', INFERNODE_BLOCK_TIME: '2' },
    flags: { blockTime: '0.25', port: undefined },
  })
  assert.partialDeepStrictEqual(config, { chainId: 1, port: 2, blockTime: 0.25, accountBalance: 16n, hardfork: 'osaka' })
})

test('structures come from the environment as JSON', () => {
  const { prices, predeploys } = loadConfig({
    env: { INFERNODE_PRICES: '{"base":"5"}', INFERNODE_PREDEPLOYS: `{"0x${'AB'.repeat(20)}":{"code":"0xFE"}}` },
  })
  assert.deepEqual(prices, { base: 5n })
  assert.deepEqual(predeploys, { [`0x${'ab'.repeat(20)}`]: { balance: 0n, nonce: 0n, code: '0xfe', storage: {} } })
})

test('an error names the key, where it was given, what was got and what is wanted', (t) => {
  const directory = temporaryDirectory(t)
  const file = join(directory, 'chain.json')
  writeFileSync(file, '{"port":99999,"colour":"red"}')
  const broken = join(directory, 'broken.json')
  writeFileSync(broken, '{')
  const cases: [Parameters<typeof loadConfig>[0], RegExp][] = [
    [{ env: { INFERNODE_CHAIN_ID: 'one' } }, /^chainId \(environment\): got "one", wanted a whole number$/],
    [{ file, env: {} }, /port \(.*chain\.json\): got 99999, wanted a port below 65536.*colour \(.*chain\.json\): unknown key/],
    [{ file: broken, env: {} }, /broken\.json is not JSON/],
    [{ file: join(directory, 'none.json'), env: {} }, /cannot read the configuration file .*none\.json/],
    [{ env: {}, flags: { hardfork: 'lisbon' } }, /^hardfork \(command line\): got "lisbon", wanted .*prague.*osaka/],
    [{ env: {}, flags: { hardfork: 'london' } }, /^hardfork: got london, wanted cancun or later for inference/],
    [{ env: {}, flags: { rules: 'ethereum', freeGas: true } }, /^freeGas: got true, wanted false under the rules of ethereum/],
    [{ env: {}, flags: { forks: [{ name: 'cancun', timestamp: 1 }] } }, /^forks: got cancun out of order, wanted forks after osaka/],
    [{ env: {}, flags: { rules: 'ethereum', hardfork: 'london', forks: [{ name: 'shanghai', block: 1 }] } }, /^forks\.0 .*a timestamp/],
    [{ env: {}, flags: { blockTime: 0.01 } }, /^blockTime .*got 0\.01, wanted 0, or from 0\.05/],
    [{ env: {}, flags: { blockGasLimit: '-1' } }, /^blockGasLimit .*got "-1", wanted a decimal or 0x-hex number/],
    [{ env: {}, flags: { coinbase: '0x12' } }, /^coinbase .*wanted an address of 20 bytes/],
    [{ env: {}, flags: { predeploys: { [`0x${'00'.repeat(20)}`]: { balance: 'much' } } } }, /^predeploys\.0x0+\.balance .*got "much"/],
    [{ env: { INFERNODE_PRICES: 'cheap' } }, /^INFERNODE_PRICES \(environment\): got cheap, wanted JSON$/],
  ]
  for (const [sources, message] of cases) assert.throws(() => loadConfig(sources), { name: 'NodeError', code: 'CONFIG_INVALID', message })
})

test('where and how a node listens and mines is no part of consensus', () => {
  const keys = Object.keys(consensusPart(loadConfig({ env: {} })))
  for (const key of ['port', 'host', 'dataDir', 'blockTime', 'coinbase', 'logLevel']) assert.ok(!keys.includes(key), key)
  for (const key of ['chainId', 'hardfork', 'freeGas', 'blockGasLimit', 'modules', 'prices', 'limits']) assert.ok(keys.includes(key), key)
})
