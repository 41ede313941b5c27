/**
 * Threads that run inferences, so that a long one holds up neither blocks nor other calls. The same module gives the same bytes on each; where a run is done decides
 * nothing but time.
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

export interface RunRequest {
  /** hash_tree_root of the artifact. */
  model: `0x${string}`
  artifact: SharedArrayBuffer
  input: Uint8Array
}

/** Undefined where the run failed. */
export type RunReply = Uint8Array | undefined

export interface InferenceThreads {
  /**
   * Runs a model on a thread that is free. Undefined where none is, or the run failed there: it is then done by the caller, who meets the error itself.
   * @param artifact shared by all threads; each keeps what it has loaded of it
   */
  run(model: `0x${string}`, artifact: SharedArrayBuffer, input: Uint8Array): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

export interface ThreadOptions {
  wasm: Uint8Array
  /** Most threads; they are started one by one, when those that run are taken. */
  count: number
  /** Most bytes of loaded models that each keeps. */
  cacheBytes: number
}

export function createThreads(options: ThreadOptions): InferenceThreads {
  const threads = new Set<Thread>()
  let isClosed = false
  const take = (): Thread | undefined => {
    for (const thread of threads) if (thread.isFree()) return thread
    if (!isClosed && threads.size < options.count) {
      const thread = startThread(options, () => threads.delete(thread))
      threads.add(thread)
    }
    return undefined // Starting takes longer than most runs.
  }
  return {
    // A copy, which slice of a Buffer is not: of a view, all that lies around it would be sent.
    run: async (model, artifact, input) => take()?.run({ model, artifact, input: new Uint8Array(input) }),
    async close() {
      isClosed = true
      await Promise.all([...threads].map((thread) => thread.close()))
    },
  }
}

interface Thread {
  isFree(): boolean
  run(request: RunRequest): Promise<RunReply>
  close(): Promise<unknown>
}

function startThread({ wasm, cacheBytes }: ThreadOptions, onGone: () => void): Thread {
  // The file has the extension of this one: that of the sources, or of what is published.
  const worker = new Worker(new URL(`./inference-thread${extname(import.meta.filename)}`, import.meta.url), {
    workerData: { wasm, cacheBytes },
  })
  let isReady = false
  let settle: ((reply: RunReply) => void) | undefined
  const answer = (reply: RunReply) => {
    const waiting = settle
    settle = undefined
    worker.unref()
    waiting?.(reply)
  }
  const giveUp = () => {
    isReady = false
    onGone()
    answer(undefined)
  }
  worker.unref()
  worker.once('message', () => {
    isReady = true
    worker.on('message', answer)
  })
  worker.on('error', giveUp)
  worker.on('exit', giveUp)
  return {
    isFree: () => isReady && settle === undefined,
    run: (request) =>
      new Promise((resolve) => {
        settle = resolve
        // The process stays for an answer.
        worker.ref()
        worker.postMessage(request, [request.input.buffer as ArrayBuffer])
      }),
    close: () => worker.terminate(),
  }
}
