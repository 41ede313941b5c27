/** One sample through contracts/examples/ImageClassifier.sol: by eth_call, and by a transaction that stores and emits the class. */
import type { Hex } from 'viem'
import { decodeEventLog } from 'viem/utils'
import { loadContract } from '../../contracts.ts'
import type { ChainClients } from '../clients.ts'

export interface Classification {
  class: number
  /** The model's output. */
  scores: Uint8Array
  /** Of the transaction. */
  gasUsed: bigint
  callMs: number
  transactionMs: number
}

export type DemoErrorCode = 'DEMO_DISAGREES' | 'DEMO_REVERTED'

/** The chain did not do what it promises. */
export class DemoError extends Error {
  override readonly name = 'DemoError'
  readonly code: DemoErrorCode

  constructor(code: DemoErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

const timedCalls = 5

/** @throws DemoError where call and transaction disagree. */
export async function classify({ reader, writer }: ChainClients, address: Hex, sample: Uint8Array): Promise<Classification> {
  const { abi } = loadContract('ImageClassifier')
  const args = [`0x${Buffer.from(sample).toString('hex')}`]
  const call = () => reader.readContract({ address, abi, functionName: 'classify', args }) as Promise<[bigint, Hex]>
  const [calledClass, calledScores] = await call()
  const callMs = await medianMs(timedCalls, call)

  const begin = performance.now()
  const hash = await writer.writeContract({
    address,
    abi,
    functionName: 'classifyAndStore',
    args,
    chain: writer.chain,
    account: writer.account,
  })
  const receipt = await reader.waitForTransactionReceipt({ hash })
  const transactionMs = performance.now() - begin
  const [log] = receipt.logs
  if (receipt.status !== 'success' || log === undefined)
    throw new DemoError('DEMO_REVERTED', `classifyAndStore reverted in transaction ${hash}`)
  const event = decodeEventLog({ abi, eventName: 'Classified', data: log.data, topics: log.topics })
  const { class: storedClass, scores } = event.args as unknown as { class: bigint; scores: Hex }
  if (storedClass !== calledClass || scores !== calledScores)
    throw new DemoError(
      'DEMO_DISAGREES',
      `the transaction gave class ${storedClass} and ${scores}, eth_call class ${calledClass} and ${calledScores}`,
    )
  return { class: Number(storedClass), scores: Buffer.from(scores.slice(2), 'hex'), gasUsed: receipt.gasUsed, callMs, transactionMs }
}

export async function medianMs(runs: number, work: () => unknown): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const begin = performance.now()
    await work()
    times.push(performance.now() - begin)
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] as number
}
