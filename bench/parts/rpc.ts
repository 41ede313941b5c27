/**
 * What the chain adds to a run: the module alone, IInference.run in the node's own EVM, and eth_call over HTTP with its client, all in one process. The
 * times contain the client's own work.
 */
import { existsSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { encodeFunctionData } from 'viem/utils'
import { connect } from '../../node/cli/clients.ts'
import { deployModel } from '../../node/client/actions/deploy-model.ts'
import { loadConfig } from '../../node/config.ts'
import { type RunningNode, startNode } from '../../node/node.ts'
import { version } from '../../node/version.ts'
import { addresses, inferenceAbi } from '../../precompiles/index.ts'
import type { Imported } from '../../runtime/import/artifact.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { interleave, type Subject } from '../measure.ts'
import { randomBytes } from '../one-operator.ts'
import { type Row, rowsOf } from '../report.ts'

const root = new URL('../../', import.meta.url)

const models: readonly (readonly [name: string, file: string])[] = [
  ['digits', 'examples/digits/digits.tflite'],
  ['ResNet-8', '../shared/models/mlperf_tiny/pretrainedResnet_quant.tflite'],
  ['keyword spotting', '../shared/models/mlperf_tiny/kws_ref_model.tflite'],
]

export async function rpcPart(): Promise<Row[]> {
  const node = await startNode(loadConfig({ flags: { port: 0, logLevel: 'silent' } }))
  try {
    const rows: Row[] = []
    for (const [name, file] of models) {
      const path = fileURLToPath(new URL(file, root))
      if (!existsSync(path)) console.log(`Without ${name}: there is no ${file}`)
      else rows.push(...rowsOf('rpc', name, await interleave(await subjects(node, importTflite(readFileSync(path), { rounding: 'fp32' })))))
    }
    return rows
  } finally {
    await node.close()
  }
}

async function subjects(node: RunningNode, { id, bytes: artifact }: Imported): Promise<Subject[]> {
  const url = `http://127.0.0.1:${node.server.port}`
  const { writer } = await connect(url)
  await deployModel(writer, { artifact })
  const running = node.host.open(artifact)
  const input = randomBytes()(running.inputBytes)
  const data = encodeFunctionData({ abi: inferenceAbi, functionName: 'run', args: [id, `0x${Buffer.from(input).toString('hex')}`] })
  const call = { to: addresses.inference, data: Buffer.from(data.slice(2), 'hex') }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to: addresses.inference, data }, 'latest'] })
  return [
    { name: 'Infernode', version, run: () => void running.run(input) },
    { name: "Infernode, in the node's EVM", version, run: async () => void (await node.chain.call(call, 'latest')) },
    { name: 'Infernode, eth_call over HTTP', version, run: async () => void (await post(url, body)) },
  ]
}

/** The least that a client does: one connection kept open, the answer collected. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
