/** How `senders.ts` and its threads speak: many requests, or as many replies, one after the other in one piece of memory. */

/** Digest of 32 bytes, r and s, recovery bit. */
export const REQUEST_BYTES = 32 + 64 + 1
/** 1 and the key of 64 bytes, or zeros where there is none. */
export const REPLY_BYTES = 1 + 64

export interface RecoveryMessage {
  id: number
  bytes: Uint8Array<ArrayBuffer>
}
