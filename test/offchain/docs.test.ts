/** The commands of docs/models-on-chain.md, word for word but for their ports, one after the other in a folder with the model of the examples. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { rpcOf } from '../rpc/support.ts'
import { temporaryDirectory, until } from './support.ts'

const root = join(import.meta.dirname, '../..')
const documentedPorts = ['8545', '8546', '8081', '8082']

async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}

/** Runs a command to its end, or, of a node, until it listens. */
function run(t: TestContext, cwd: string, command: string): Promise<string> {
  const [program, ...args] = command.split(' ')
  assert.equal(program, 'infernode')
  const child = spawn(process.execPath, [join(root, 'node/cli/main.ts'), ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  return new Promise((resolve, reject) => {
    const collect = (piece: Buffer) => {
      text += piece.toString()
      if (text.includes('IPFS gateway on')) resolve(text)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command}: ${text}`))))
  })
}

test('the commands give two nodes with one model', async (t) => {
  const folder = temporaryDirectory(t)
  copyFileSync(join(root, 'examples/digits/digits.tflite'), join(folder, 'digits.tflite'))
  let page = readFileSync(join(root, 'docs/models-on-chain.md'), 'utf8')
  const ports: string[] = []
  for (const documented of documentedPorts) {
    const port = await freePort()
    ports.push(port)
    page = page.replaceAll(documented, port)
  }
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'))
  assert.equal(commands.length, 4)
  const outputs: string[] = []
  for (const command of commands) outputs.push(await run(t, folder, command))
  assert.match(outputs[2]!, /model {2}0x[0-9a-f]{64}\ncid {4}baf.*\n.*active since block 2/)
  const [first, second] = ports.map((port) => rpcOf(`http://127.0.0.1:${port}`))
  const models = (rpc: typeof first) => rpc!<{ id: string }[]>('infer_models')
  await until('the second node has the model', async () => (await models(second)).length === 1)
  assert.deepEqual(await models(second), await models(first))
})
