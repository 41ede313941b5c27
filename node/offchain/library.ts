/** Brings the bytes of models to this node: from its own blocks or from a peer, again and again until somebody has them. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../../runtime/host/host.ts'
import { type ArtifactRef, type ArtifactSource, type FetchProgress, fetchArtifact, type StoreError } from '../../runtime/store/index.ts'

export interface LibraryOptions {
  /** Whom to ask, in this order; called anew for each attempt. */
  readonly sources: () => readonly ArtifactSource[]
  readonly identify: Host['identify']
  /** Milliseconds without a byte after which a peer is given up. */
  readonly stallMs: number
  /** Of a source that failed or lied; the next is asked. */
  readonly onRefused: (ref: ArtifactRef, error: StoreError) => void
}

export interface AcquireOptions {
  readonly signal: AbortSignal
  readonly onProgress: (progress: FetchProgress) => void
  /** Of an attempt in which nobody had them; another follows. */
  readonly onTrouble: (error: StoreError) => void
}

export interface Library {
  /** Bytes whose root is the id. Rejects with nothing but the signal's reason. */
  acquire(ref: ArtifactRef, options: AcquireOptions): Promise<Uint8Array>
}

/** Attempts that run at a time: a request for bytes that nobody has must not keep others waiting for long. */
const mostAttempts = 4
const firstPauseMs = 500
const longestPauseMs = 60_000

export function createLibrary({ sources, identify, stallMs, onRefused }: LibraryOptions): Library {
  let running = 0
  const waiting: (() => void)[] = []
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= mostAttempts) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }

  return {
    async acquire(ref, { signal, onProgress, onTrouble }) {
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
        try {
          return await inTurn(() =>
            fetchArtifact(sources(), ref, { identify, signal, stallMs, onProgress, onRefused: (error) => onRefused(ref, error) }),
          )
        } catch (error) {
          signal.throwIfAborted()
          onTrouble(error as StoreError)
        }
        await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    },
  }
}
