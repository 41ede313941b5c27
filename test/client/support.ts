/** A node in this process, viem clients of it, and the digits model: what the tests of the client share. */
import { readFileSync } from 'node:fs'
import { createClient, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { inferActions } from '../../node/client/viem.ts'
import { loadConfig } from '../../node/config.ts'
import { type RunningNode, startNode } from '../../node/node.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'

const digits = new URL('../../examples/digits/', import.meta.url)

/** The first account of the development mnemonic. */
export const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')

export const tflite = new Uint8Array(readFileSync(new URL('digits.tflite', digits)))
export const imported = importTflite(tflite, { rounding: 'fp32' })
const inputs = readFileSync(new URL('expected/in0.bin', digits))
const outputs = readFileSync(new URL('expected/out0.xnnpack.bin', digits))

/** One of TFLite's samples. */
export const sample = (index: number) => ({
  input: new Uint8Array(inputs.subarray(784 * index, 784 * (index + 1))),
  output: new Uint8Array(outputs.subarray(10 * index, 10 * (index + 1))),
})

export const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

export interface ClientNode {
  node: RunningNode
  url: string
  client: ReturnType<typeof clientOf>
}

/** A chain of its own, in memory, on a free port. */
export async function startClientNode(): Promise<ClientNode> {
  const node = await startNode(loadConfig({ env: {}, flags: { port: 0, logLevel: 'silent' } }))
  const url = `http://127.0.0.1:${node.server.port}`
  return { node, url, client: clientOf(url) }
}

function clientOf(url: string) {
  return createClient({ account, transport: http(url), pollingInterval: 20 }).extend(inferActions())
}
