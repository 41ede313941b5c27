import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const manifest = createRequire(import.meta.url).resolve('infernode/package.json')
const cli = join(dirname(manifest), 'dist/node/cli/main.js')

/** A chain in memory, in a process of its own, on a free port. */
export async function startNode(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [cli, 'node', '--port', '0', '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const piece of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += piece
    const port = /Listening on \S+:(\d+)/.exec(text)?.[1]
    if (port === undefined) continue
    // What it says later is not read, but must not fill the pipe.
    child.stdout.resume()
    return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() }
  }
  throw new Error(`the node ended before it listened:\n${text}`)
}
