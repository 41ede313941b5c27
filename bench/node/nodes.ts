/**
 * The development nodes that are measured, each as its own process with its own defaults and the same ten accounts.
 * The peers stand in a package folder of their own, which the bench installs.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { us } from '../report.ts'
import { openRpc, type Rpc } from './rpc.ts'

export const mnemonic = 'test test test test test test test test test test test junk'

export type NodeKind = {
  readonly name: string
  readonly version: string
  /** Arguments of Node.js, or of an executable where `file` is given. */
  command(port: number, folder: string): { file?: string; args: string[]; cwd?: string }
}

export type RunningPeer = {
  readonly kind: NodeKind
  readonly port: number
  readonly rpc: Rpc
  /** From the process's start to its first answer to eth_chainId. */
  readonly startMs: number
  /** Resident memory of the process and its children. */
  rssMiB(): number
  /** CPU seconds of the process and its children so far. */
  cpuSeconds(): number
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const peers = fileURLToPath(new URL('peers/', import.meta.url))
const START_TIMEOUT_MS = 30_000

export function installPeers(): void {
  if (existsSync(join(peers, 'node_modules'))) return
  console.log('Installing the other nodes into bench/node/peers …')
  const { status } = spawnSync('npm', ['ci'], { cwd: peers, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) throw new Error('the peers could not be installed: npm ci in bench/node/peers failed')
}

const versionOf = (folder: string): string => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
const packageFolder = (name: string): string => join(peers, 'node_modules', name)

/** Infernode as it is published: from `dist`, which the bench builds. */
export const infernode: NodeKind = {
  name: us,
  version: versionOf(root),
  command: (port) => ({ args: [join(root, 'dist/node/cli/main.js'), 'node', '--silent', '-p', `${port}`] }),
}

export const infernodeOnDisk: NodeKind = {
  ...infernode,
  name: `${us}, on disk`,
  command: (port, folder) => ({ args: [...infernode.command(port, folder).args, '--data-dir', join(folder, 'chain')] }),
}

export function peerKinds(): NodeKind[] {
  return [
    {
      name: 'anvil',
      version: versionOf(packageFolder('@foundry-rs/anvil')),
      command: (port) => ({ file: join(peers, 'node_modules/.bin/anvil'), args: ['--silent', '--port', `${port}`] }),
    },
    {
      name: 'hardhat',
      version: versionOf(packageFolder('hardhat')),
      command: (port) => ({ args: [join(packageFolder('hardhat'), 'dist/src/cli.js'), 'node', '--port', `${port}`], cwd: peers }),
    },
    {
      name: 'ganache',
      version: versionOf(packageFolder('ganache')),
      command: (port) => ({
        args: [
          join(packageFolder('ganache'), 'dist/node/cli.js'),
          ...['--logging.quiet', '--server.port', `${port}`, '--wallet.mnemonic', mnemonic, '--wallet.defaultBalance', '10000'],
        ],
      }),
    },
  ]
}

export async function startPeer(kind: NodeKind): Promise<RunningPeer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'infernode-bench-'))
  const { file, args, cwd = folder } = kind.command(port, folder)
  const begin = performance.now()
  const child = spawn(file ?? process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'ignore'] })
  const rpc = openRpc(port)
  const running: RunningPeer = {
    kind,
    port,
    rpc,
    startMs: 0,
    rssMiB: () => sum(familyOf(child).map((pid) => field(`/proc/${pid}/status`, /VmRSS:\s+(\d+) kB/) / 1024)),
    cpuSeconds: () => sum(familyOf(child).map(cpuSecondsOf)),
    async stop() {
      rpc.close()
      const closed = new Promise((resolve) => child.once('close', resolve))
      if (child.exitCode === null) {
        // npm's launchers start the node as their child.
        for (const pid of familyOf(child)) kill(pid)
        await closed
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
  for (;;) {
    const answered = await rpc.call('eth_chainId').then(
      () => true,
      () => false,
    )
    if (answered) return { ...running, startMs: performance.now() - begin }
    if (child.exitCode !== null || performance.now() - begin > START_TIMEOUT_MS) {
      await running.stop()
      throw new Error(`${kind.name} does not start`)
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function field(path: string, pattern: RegExp): number {
  return existsSync(path) ? Number(pattern.exec(readFileSync(path, 'utf8'))?.[1] ?? 0) : 0
}

/** Clock ticks are hundredths of a second on every Linux that Node.js runs on. */
function cpuSecondsOf(pid: number): number {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return 0
  const fields = readFileSync(path, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function familyOf(child: ChildProcess): number[] {
  const family = [child.pid!]
  for (const pid of family) {
    const path = `/proc/${pid}/task/${pid}/children`
    if (existsSync(path)) family.push(...readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number))
  }
  return family
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
