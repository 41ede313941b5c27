/** Asks a node over HTTP on a thread of its own, so that the thread that asks can wait without its event loop: see `ask.ts`. */

import { workerData } from 'node:worker_threads'
import type { AskedMessage, AskSetup, RepliedMessage } from './ask.ts'

const { port, signal } = workerData as AskSetup

port.on('message', async ({ url, body }: AskedMessage) => {
  const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
    async (response): Promise<RepliedMessage> =>
      response.ok ? { text: await response.text() } : { failure: `HTTP status ${response.status}` },
    (error: Error): RepliedMessage => ({ failure: (error.cause as Error | undefined)?.message ?? error.message }),
  )
  port.postMessage(reply)
  Atomics.store(signal, 0, 1)
  Atomics.notify(signal, 0)
})
