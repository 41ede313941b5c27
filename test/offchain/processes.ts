/** `infernode node` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url))

export interface NodeProcess {
  readonly url: string
  readonly gateway: string
  /** All that it has printed. */
  output(): string
  /** SIGKILL, and the end of the process. */
  kill(): Promise<void>
}

/** A node with blocks of IPFS on free ports, killed when the test ends at the latest. */
export async function spawnNode(t: TestContext, ...args: string[]): Promise<NodeProcess> {
  const { child, output, ended } = start(args)
  t.after(() => child.kill('SIGKILL'))
  const listening = await Promise.race([
    found(child, output, /Listening on (\S+)[\s\S]*IPFS gateway on (\S+)/),
    ended.then(() => undefined),
  ])
  if (listening === undefined) throw new Error(`the node ended: ${output()}`)
  const [, address, gateway] = listening
  return {
    url: `http://${address}`,
    gateway: gateway!,
    output,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A node that may be killed at any time, even before it listens. */
export function startNodeProcess(t: TestContext, ...args: string[]): { kill(): Promise<void> } {
  const { child, ended } = start(args)
  t.after(() => child.kill('SIGKILL'))
  return {
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function start(args: readonly string[]) {
  const command = [main, 'node', '--port', '0', '--ipfs', '--ipfs-port', '0', ...args]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const collect = (piece: Buffer) => {
    text += piece.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return { child, output: () => text, ended }
}

function found(child: ChildProcess, output: () => string, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve) => {
    const look = () => {
      const match = pattern.exec(output())
      if (match !== null) resolve(match)
    }
    child.stdout!.on('data', look)
  })
}
