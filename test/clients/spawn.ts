/** Starts `infernode node` as a process of its own, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url))

export interface SpawnedNode {
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** All of stdout until now. */
  output(): string
  /** All of stderr until now. */
  log(): string
  /** Ends the node as Ctrl-C does; the result is its exit code. */
  stop(): Promise<number | null>
}

export async function spawnNode(args: readonly string[] = []): Promise<SpawnedNode> {
  const child = spawn(process.execPath, [cli, 'node', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (piece) => {
      text.stdout += piece
      const found = /Listening on \S+:(\d+)/.exec(text.stdout)
      if (found) resolve(Number(found[1]))
    })
    child.stderr.on('data', (piece) => {
      text.stderr += piece
    })
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the node ended with ${code} before it listened:\n${text.stdout}\n${text.stderr}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    process: child,
    output: () => text.stdout,
    log: () => text.stderr,
    async stop() {
      if (child.exitCode !== null) return child.exitCode
      child.kill('SIGINT')
      const [code] = await once(child, 'exit')
      return code
    },
  }
}
