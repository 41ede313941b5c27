/** Runs models on a thread of its own: see `threads.ts`, which starts it. Says once that it is ready, then answers request by request. */
import { parentPort, workerData } from 'node:worker_threads'
import { createHost } from './host.ts'
import type { RunReply, RunRequest, ThreadOptions } from './threads.ts'

const host = createHost(workerData as Pick<ThreadOptions, 'wasm' | 'cacheBytes'>)

parentPort!.on('message', async ({ model, artifact, input }: RunRequest) => {
  const reply: RunReply = await host.run(model, () => new Uint8Array(artifact), input).catch(() => undefined)
  parentPort!.postMessage(reply, reply === undefined ? [] : [reply.buffer as ArrayBuffer])
})
parentPort!.postMessage(undefined)
