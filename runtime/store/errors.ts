/**
 * Why the bytes of a model could not be had from one source. `source` names it, so that a peer or gateway that lies can be told from one that is slow.
 *
 * cidInvalid    a CID that is no file of raw and dag-pb blocks under sha2-256
 * notFound      the source does not have it
 * unreachable   the source does not answer, or breaks off
 * stalled       nothing came for too long
 * wrongBlock    bytes that are not those of the block's CID
 * notAFile      the CID stands for something that is no plain UnixFS file
 * wrongSize     the file has another length than the reference says
 * tooLarge      more bytes came than the reference allows
 * wrongModel    a whole file, of something else: its root is not the model's id
 * exhausted     every source has failed; the message says how
 * peerMissing   an optional package is not installed
 */
export type StoreErrorCode =
  | 'cidInvalid'
  | 'notFound'
  | 'unreachable'
  | 'stalled'
  | 'wrongBlock'
  | 'notAFile'
  | 'wrongSize'
  | 'tooLarge'
  | 'wrongModel'
  | 'exhausted'
  | 'peerMissing'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** Name of the source that failed; absent where none is to blame. */
  readonly source: string | undefined

  constructor(code: StoreErrorCode, message: string, { source, cause }: { source?: string; cause?: unknown } = {}) {
    super(source === undefined ? message : `${source}: ${message}`, { cause })
    this.code = code
    this.source = source
  }
}
