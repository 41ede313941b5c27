/** The whole path in one go: start a chain, import and deploy a model, let a contract call it, and say what it cost. */
import { basename } from 'node:path'
import type { Rounding } from '../../../runtime/model/types.ts'
import { deployModel } from '../../client/actions/deploy-model.ts'
import { elementsOf, portElements, type TensorPort } from '../../client/tensors.ts'
import { loadConfig } from '../../config.ts'
import { type RunningNode, startNode } from '../../node.ts'
import { realText } from '../answer.ts'
import { portsOf, readBytes } from '../artifact.ts'
import { type ChainClients, connect } from '../clients.ts'
import { UsageError } from '../errors.ts'
import { importerOf } from '../importers.ts'
import { readSamples, type Sample } from '../inputs/read.ts'
import type { Io } from '../io.ts'
import { progressBar } from '../progress.ts'
import { byteSize, grouped, plural, table } from '../table.ts'
import { type Classification, classify, DemoError, medianMs } from './classify.ts'
import { deployContract } from './contract.ts'
import { type DemoFiles, expectedOutput } from './digits.ts'
import { drawPicture, sideBySide } from './picture.ts'
import { solidityGasPerMac } from './solidity-cost.ts'

export interface DemoOptions {
  files: DemoFiles
  rounding: Rounding
  port: number
}

const mostSamples = 10
/** Enough for the engine to have optimized the module. */
const bareRuns = 50

/** @returns the node, still running. */
export async function runDemo({ files, rounding, port }: DemoOptions, io: Io): Promise<RunningNode> {
  const { bold } = io.colors
  const step = (name: string, text: string) => io.out(`${bold(name.padEnd(9))} ${text}`)

  const imported = await importerOf(files.model, { rounding }).read(readBytes(files.model), files.model, { rounding })
  checkScores(files.model, portsOf(imported.model, imported.model.outputs))
  const inputs = portsOf(imported.model, imported.model.inputs)
  const samples = readSamples(files.inputs, inputs)
  const node = await startNode(loadConfig({ flags: { port, logLevel: 'silent' } }))
  try {
    const url = `http://127.0.0.1:${node.server.port}`
    step('node', `chain ${node.chain.config.chainId} at ${url}, in memory`)
    const running = node.host.open(imported.bytes)
    const macs = running.work[0] as bigint
    step(
      'import',
      `${basename(files.model)}: ${plural(running.operatorCount, 'operator')}, ${grouped(macs)} multiply-adds, rounding ${rounding}`,
    )
    step('model', imported.id)
    const clients = await connect(url)
    const bar = progressBar(io, 'chunks')
    const { id, bytes } = imported
    const metadata = basename(files.model)
    const deployment = await deployModel(clients.writer, { artifact: bytes, metadata, onProgress: bar.update }).finally(bar.stop)
    step(
      'deploy',
      `${byteSize(bytes.length)} in ${plural(deployment.chunks.length, 'chunk')}, ${plural(deployment.transactions, 'transaction')}, ${grouped(deployment.gasUsed)} gas`,
    )
    const contract = await deployContract(clients, 'ImageClassifier', [id])
    step('contract', `ImageClassifier at ${contract.address}`)
    io.out('')

    const shown = samples.slice(0, mostSamples)
    drawAll(shown, inputs, io)
    const results: Classification[] = []
    for (const { bytes: sample } of shown) results.push(await classify(clients, contract.address, sample))
    const [output] = portsOf(imported.model, imported.model.outputs) as [TensorPort]
    // One after the other: runs that overlap would be in each other's times.
    const bareMs: number[] = []
    for (const { bytes: sample } of shown) bareMs.push(await medianMs(bareRuns, () => running.run(sample)))
    io.out(resultTable(shown, results, bareMs, output, files.labels))
    if (shown.length < samples.length) io.out(`(the first ${shown.length} of ${samples.length} samples)`)
    io.out('')
    verdict(results, files, running.outputBytes, rounding, io)
    await costs(clients, results, macs, io)
    return node
  } catch (error) {
    await node.close()
    throw error
  }
}

/** What ImageClassifier.sol reads. */
function checkScores(path: string, [output, ...others]: readonly TensorPort[]): void {
  if (output?.type !== 'int8' || others.length > 0)
    throw new UsageError(`${path}: the demo's contract reads one output of int8; deploy this model with infernode deploy`)
}

/** Pictures of one channel, small enough for a terminal. */
function drawAll(samples: readonly Sample[], [port]: readonly TensorPort[], io: Io): void {
  const [batch, height, width, channels] = port?.shape ?? []
  if (port?.type !== 'int8' || batch !== 1 || channels !== 1 || !height || !width || width > 64 || height > 64 || height < 8) return
  const pictures = samples.map(({ bytes }) => drawPicture(new Int8Array(bytes.buffer, bytes.byteOffset, portElements(port)), width, height))
  for (const line of sideBySide(pictures)) io.out(line)
  io.out('')
}

function resultTable(
  samples: readonly Sample[],
  results: readonly Classification[],
  bareMs: readonly number[],
  output: TensorPort,
  labels: readonly number[] | undefined,
): string {
  const rows = results.map((result, index) => {
    const score = elementsOf(result.scores, output)[result.class] as number
    const right = labels === undefined ? [] : [labels[index] === result.class ? 'right' : `wrong, is ${labels[index]}`]
    const ms = [result.transactionMs, result.callMs, bareMs[index] as number].map((value) => value.toFixed(2))
    return [
      (samples[index] as Sample).name,
      `${result.class}`,
      ...right,
      `${score}${realText(score, output)}`,
      grouped(result.gasUsed),
      ...ms,
    ]
  })
  const head = [
    'picture',
    'answer',
    ...(labels === undefined ? [] : ['']),
    'score',
    'gas',
    'transaction ms',
    'eth_call ms',
    'module alone ms',
  ]
  const first = labels === undefined ? 3 : 4
  return table(head, rows, [first, first + 1, first + 2, first + 3])
}

/** @throws DemoError where the bytes are not those of the source framework. */
function verdict(
  results: readonly Classification[],
  { expected, labels }: DemoFiles,
  outputBytes: number,
  rounding: Rounding,
  io: Io,
): void {
  if (labels !== undefined)
    io.out(`${results.filter((result, index) => result.class === labels[index]).length} of ${results.length} answers right`)
  if (expected === undefined) return
  results.forEach(({ scores }, index) => {
    const wanted = expectedOutput(expected, index, outputBytes)
    if (wanted === undefined || Buffer.compare(wanted, scores) !== 0)
      throw new DemoError(
        'DEMO_DISAGREES',
        `sample ${index}: the chain gave other bytes than ${basename(expected)} holds (rounding ${rounding})`,
      )
  })
  io.out(`${results.length} of ${results.length} outputs equal to those expected, byte for byte (${basename(expected)})`)
}

async function costs(clients: ChainClients, results: readonly Classification[], macs: bigint, io: Io): Promise<void> {
  const perMac = await solidityGasPerMac(clients)
  const plain = BigInt(Math.round(perMac * Number(macs)))
  const used = results.map(({ gasUsed }) => gasUsed).sort((a, b) => (a < b ? -1 : 1))[Math.floor(results.length / 2)] as bigint
  io.out(
    `plain Solidity: ${perMac.toFixed(1)} gas for each multiply-add (measured), ${grouped(plain)} gas for this model's multiply-adds alone: ${grouped(plain / used)} times the transaction's ${grouped(used)}`,
  )
}
