/** The command line as a person meets it: a process, its text and its exit code. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { version } from '../../node/version.ts'
import { spawnNode } from '../clients/spawn.ts'

const cli = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url))

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infernode-cli-'))
})
after(() => rm(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function infernode(...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const text = { stdout: '', stderr: '' }
    child.stdout.on('data', (piece) => {
      text.stdout += piece
    })
    child.stderr.on('data', (piece) => {
      text.stderr += piece
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...text }))
  })
}

async function fails(args: string[], code: string, message: RegExp): Promise<void> {
  const ended = await infernode(...args)
  assert.equal(ended.code, 1)
  assert.equal(ended.stdout, '')
  const lines = ended.stderr.trimEnd().split('\n')
  assert.equal(lines.length, 1, ended.stderr)
  assert.ok(lines[0]!.startsWith(`error[${code}]: `), lines[0])
  assert.match(lines[0]!, message)
}

test('prints its version', async () => {
  assert.deepEqual(await infernode('--version'), { code: 0, stdout: `${version}\n`, stderr: '' })
})

test('help lists the commands, and loads none of what they need', async () => {
  const help = await infernode('--help')
  assert.equal(help.code, 0)
  assert.match(help.stdout, /^Usage: infernode/)
  assert.match(help.stdout, /\n {2}node /)
  const options = await infernode('node', '--help')
  assert.equal(options.code, 0)
  for (const option of ['--port', '--host', '--block-time', '--config', '--data-dir', '--chain-id', '--accounts']) {
    assert.ok(options.stdout.includes(option), option)
  }
})

test('a command or option that does not exist is one line, with a suggestion', async () => {
  await fails(['nod'], 'USAGE', /unknown command 'nod'.*Did you mean node/s)
  await fails(['node', '--prot', '1'], 'USAGE', /unknown option '--prot'.*Did you mean --port/s)
})

test('without a command it prints the help and fails', async () => {
  const ended = await infernode()
  assert.equal(ended.code, 1)
  assert.match(ended.stderr, /Usage: infernode/)
})

test('a port in use is one line', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    await fails(['node', '--port', String(port)], 'PORT_IN_USE', new RegExp(`port ${port} `))
  } finally {
    server.close()
  }
})

test('a bad value or configuration file is one line that names the key, what came and what was wanted', async () => {
  const broken = join(folder, 'broken.json')
  await writeFile(broken, '{ "chainId": ')
  const unknown = join(folder, 'unknown.json')
  await writeFile(unknown, '{ "chainIdd": 1 }')
  await Promise.all([
    fails(['node', '--port', '99999'], 'CONFIG_INVALID', /port .*99999/),
    fails(['node', '--block-time', 'soon'], 'CONFIG_INVALID', /blockTime .*"soon", wanted a number of seconds/),
    fails(['node', '--balance', 'much'], 'USAGE', /--balance: got "much"/),
    fails(['node', '--config', join(folder, 'none.json')], 'CONFIG_INVALID', /none\.json/),
    fails(['node', '--config', broken], 'CONFIG_INVALID', /broken\.json is not JSON/),
    fails(['node', '--config', unknown], 'CONFIG_INVALID', /chainIdd/),
  ])
})

test('a data directory in use is one line; after Ctrl-C it is free, and the chain is still there', async () => {
  const dataDir = join(folder, 'data')
  const first = await spawnNode(['--data-dir', dataDir])
  try {
    await fails(['node', '--port', '0', '--data-dir', dataDir], 'DATA_DIR_LOCKED', /data/)
    await rpc(first.url, 'evm_mine')
    assert.equal(await first.stop(), 0)
  } finally {
    first.process.kill('SIGKILL')
  }
  const second = await spawnNode(['--data-dir', dataDir])
  try {
    assert.equal(await rpc(second.url, 'eth_blockNumber'), '0x1')
    assert.match(second.output(), /Latest Block: +1/)
  } finally {
    await second.stop()
  }
})

test('the banner shows what Anvil shows, and each block is a line', async () => {
  const node = await spawnNode(['--chain-id', '4242', '--accounts', '2'])
  try {
    assert.match(node.output(), /\(0\) 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 \(10000 ETH\)/)
    assert.match(node.output(), /\(1\) 0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d/)
    assert.doesNotMatch(node.output(), /\(2\)/)
    assert.match(node.output(), /Mnemonic: +test test test test test test test test test test test junk/)
    assert.match(node.output(), /Chain ID: +4242/)
    const [from] = await rpc<string[]>(node.url, 'eth_accounts')
    const hash = await rpc(node.url, 'eth_sendTransaction', [{ from, to: from, value: '0x1' }])
    assert.equal(await node.stop(), 0)
    assert.match(node.log(), /block 1 {2}1 transaction {2}21,000 gas/)
    assert.ok(node.log().includes(hash))
  } finally {
    await node.stop()
  }
})

test('SIGTERM closes as Ctrl-C does, with clients connected', async () => {
  const node = await spawnNode()
  await rpc(node.url, 'eth_chainId')
  const ended = new Promise((resolve) => node.process.once('exit', (code) => resolve(code)))
  node.process.kill('SIGTERM')
  assert.equal(await ended, 0)
})

async function rpc<T = string>(url: string, method: string, params: unknown[] = []): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = (await (await fetch(url, { method: 'POST', body })).json()) as { result: T; error?: unknown }
  assert.equal(answer.error, undefined, JSON.stringify(answer.error))
  return answer.result
}
