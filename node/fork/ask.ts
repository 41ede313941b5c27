/**
 * JSON-RPC requests to another node, answered before the call returns. The EVM reads the state without waiting for anything; where a state is
 * another node's, its thread stands still until the answer is there.
 */

import { extname } from 'node:path'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { NodeError } from '../errors.ts'

export interface AskSetup {
  readonly port: MessagePort
  /** 1 when an answer is there. */
  readonly signal: Int32Array
}

export interface AskedMessage {
  readonly url: string
  readonly body: string
}

export type RepliedMessage = { readonly text: string } | { readonly failure: string }

export interface Call {
  readonly method: string
  readonly params: readonly unknown[]
}

export interface Asker {
  /** @throws NodeError FORK_UNREACHABLE where the node does not answer, or refuses a call */
  ask(url: string, calls: readonly Call[]): unknown[]
  close(): Promise<void>
}

const TIMEOUT_MS = 30_000

export function createAsker(): Asker {
  let thread: { worker: Worker; port: MessagePort; signal: Int32Array } | undefined
  const start = () => {
    const { port1, port2 } = new MessageChannel()
    const signal = new Int32Array(new SharedArrayBuffer(4))
    // The file has the extension of this one: that of the sources, or of what is published.
    const worker = new Worker(new URL(`./fetch-worker${extname(import.meta.filename)}`, import.meta.url), {
      workerData: { port: port2, signal } satisfies AskSetup,
      transferList: [port2],
    })
    worker.unref()
    port1.unref()
    return { worker, port: port1, signal }
  }
  return {
    ask(url, calls) {
      thread ??= start()
      const { port, signal } = thread
      const body = JSON.stringify(calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params })))
      Atomics.store(signal, 0, 0)
      port.postMessage({ url, body } satisfies AskedMessage)
      if (Atomics.wait(signal, 0, 0, TIMEOUT_MS) === 'timed-out') throw unreachable(url, `no answer within ${TIMEOUT_MS / 1000} s`)
      const reply = receiveMessageOnPort(port)?.message as RepliedMessage
      if ('failure' in reply) throw unreachable(url, reply.failure)
      return resultsOf(url, calls, reply.text)
    },
    async close() {
      thread?.port.close()
      await thread?.worker.terminate()
    },
  }
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

function resultsOf(url: string, calls: readonly Call[], text: string): unknown[] {
  let answers: Answer[]
  try {
    answers = JSON.parse(text) as Answer[]
  } catch (cause) {
    throw unreachable(url, `its answer is no JSON: ${(cause as Error).message}`)
  }
  if (!Array.isArray(answers)) throw unreachable(url, `it takes no batches: ${text.slice(0, 200)}`)
  return calls.map(({ method }, id) => {
    const answer = answers.find((each) => each.id === id)
    if (answer === undefined) throw unreachable(url, `it left ${method} without an answer`)
    if (answer.error !== undefined) throw unreachable(url, `${method}: ${answer.error.message}`)
    return answer.result
  })
}

const unreachable = (url: string, problem: string) => new NodeError('FORK_UNREACHABLE', `the forked node at ${url}: ${problem}`)
