/** `infernode chain`: blocks into a data directory and out of it. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import pc from 'picocolors'
import type { Io } from '../../node/cli/io.ts'
import { runCli } from '../../node/cli/main.ts'
import { temporaryDirectory } from '../node/harness.ts'
import { chainFile, genesis, LAST_BLOCK, makeEthereumChain } from '../suites/ethereum-chain.ts'

/** One command line: its exit code and what it says to stderr. */
async function infernode(...args: string[]): Promise<{ code: number; stderr: string }> {
  const lines: string[] = []
  const io: Io = {
    out: () => {},
    err: (text) => void lines.push(text),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    isInteractive: false,
    colors: pc.createColors(false),
    stopSignal: () => new AbortController().signal,
  }
  return { code: await runCli(args, io), stderr: lines.join('\n') }
}

test('imports a file of blocks, and exports the same file', async (t) => {
  const folder = temporaryDirectory(t)
  const path = (name: string) => join(folder, name)
  const made = chainFile(await makeEthereumChain())
  writeFileSync(path('genesis.json'), JSON.stringify(genesis))
  writeFileSync(path('chain.rlp'), made)
  const chain = ['--data-dir', path('data'), '--genesis', path('genesis.json')]

  const imported = await infernode('chain', 'import', path('chain.rlp'), ...chain)
  assert.deepEqual([imported.code, imported.stderr.split(' 0x')[0]], [0, `imported ${LAST_BLOCK} blocks; the head is block ${LAST_BLOCK}`])
  const exported = await infernode('chain', 'export', path('again.rlp'), ...chain)
  assert.equal(exported.code, 0, exported.stderr)
  assert.ok(readFileSync(path('again.rlp')).equals(made))

  const missing = await infernode('chain', 'import', path('none.rlp'), ...chain)
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /^error\[CHAIN_FILE_INVALID\]: cannot read the chain in .*none\.rlp/)
})
