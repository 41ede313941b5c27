/** Recovers public keys on a thread of its own: see `senders.ts`, which starts it. */

import { parentPort } from 'node:worker_threads'
import { REPLY_BYTES, REQUEST_BYTES, type RecoveryMessage } from './recovery.ts'
import { recoverKey } from './secp256k1.ts'

parentPort!.on('message', ({ id, bytes }: RecoveryMessage) => {
  const count = bytes.length / REQUEST_BYTES
  const replies = new Uint8Array(count * REPLY_BYTES)
  for (let index = 0; index < count; index++) {
    const request = bytes.subarray(index * REQUEST_BYTES, (index + 1) * REQUEST_BYTES)
    const key = recoverKey(request.subarray(0, 32), request.subarray(32, 96), request[96] === 0 ? 0 : 1)
    if (key === null) continue
    replies[index * REPLY_BYTES] = 1
    // Without the byte that says that the key is uncompressed.
    replies.set(key.subarray(1), index * REPLY_BYTES + 1)
  }
  parentPort!.postMessage({ id, bytes: replies } satisfies RecoveryMessage, [replies.buffer])
})
