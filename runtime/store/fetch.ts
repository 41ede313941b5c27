/** Brings an artifact from whichever source gives it, whole and true. */
import type { ModelId } from '../host/host.ts'
import type { ArtifactRef, ArtifactSource } from './artifact.ts'
import { StoreError } from './errors.ts'

export interface FetchOptions {
  /** The root of bytes: `host.identify`, or `modelId`. */
  readonly identify: (artifact: Uint8Array) => ModelId
  readonly signal?: AbortSignal | undefined
  /** Milliseconds without a byte after which a source is given up; default 30,000. */
  readonly stallMs?: number | undefined
  /** Called at the start and after each piece, with the bytes that are there. */
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined
  /** Called for each source that failed, before the next is asked. */
  readonly onRefused?: ((error: StoreError) => void) | undefined
}

export interface FetchProgress {
  readonly source: string
  readonly done: number
  readonly of: number
}

const defaultStallMs = 30_000

/**
 * The bytes of an artifact, from the first source that has them: exactly `ref.size` of them, whose root is `ref.id`.
 * @throws StoreError exhausted, naming what each source did; the signal's reason
 */
export async function fetchArtifact(sources: readonly ArtifactSource[], ref: ArtifactRef, options: FetchOptions): Promise<Uint8Array> {
  const refusals: StoreError[] = []
  for (const source of sources) {
    try {
      return await readWhole(source, ref, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      const refusal = asStoreError(error, source.name)
      refusals.push(refusal)
      options.onRefused?.(refusal)
    }
  }
  const told = refusals.length === 0 ? 'there is no source to ask' : refusals.map(({ message }) => message).join('; ')
  throw new StoreError('exhausted', `the model ${ref.id} (${ref.cid}) could not be fetched: ${told}`)
}

/** Anything that a source throws and that is no StoreError is a connection that broke. */
function asStoreError(error: unknown, source: string): StoreError {
  if (error instanceof StoreError)
    return error.source === undefined ? new StoreError(error.code, error.message, { source, cause: error }) : error
  const { cause } = error as { cause?: Error }
  const reason =
    cause instanceof Error && cause.message !== '' ? `${(error as Error).message} (${cause.message})` : (error as Error).message
  return new StoreError('unreachable', reason, { source, cause: error })
}

async function readWhole(
  source: ArtifactSource,
  ref: ArtifactRef,
  { identify, signal, stallMs, onProgress }: FetchOptions,
): Promise<Uint8Array> {
  const artifact = new Uint8Array(ref.size)
  let done = 0
  const progress = () => onProgress?.({ source: source.name, done, of: ref.size })
  progress()
  for await (const piece of withoutStalls(source, ref, signal, stallMs ?? defaultStallMs)) {
    if (done + piece.length > ref.size)
      throw new StoreError('tooLarge', `gave more than the ${ref.size} bytes of the model ${ref.id}`, { source: source.name })
    artifact.set(piece, done)
    done += piece.length
    progress()
  }
  if (done !== ref.size)
    throw new StoreError('wrongSize', `gave ${done} bytes for the model ${ref.id}, wanted ${ref.size}`, { source: source.name })
  checkRoot(artifact, ref, identify, source.name)
  return artifact
}

function checkRoot(artifact: Uint8Array, { id }: ArtifactRef, identify: FetchOptions['identify'], source: string): void {
  let got: ModelId
  try {
    got = identify(artifact)
  } catch (cause) {
    throw new StoreError('wrongModel', `gave bytes that are no artifact, wanted the model ${id}`, { source, cause })
  }
  if (got !== id) throw new StoreError('wrongModel', `gave the bytes of ${got}, wanted the model ${id}`, { source })
}

/** The pieces of a reading that is given up when nothing comes for so long. */
async function* withoutStalls(
  source: ArtifactSource,
  ref: ArtifactRef,
  signal: AbortSignal | undefined,
  stallMs: number,
): AsyncGenerator<Uint8Array> {
  const patience = new AbortController()
  const reading = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal])
  const pieces = source.read(ref, { signal: reading })[Symbol.asyncIterator]()
  try {
    for (;;) {
      reading.throwIfAborted()
      const next = await within(pieces.next(), reading, stallMs, () => {
        const stalled = new StoreError('stalled', `gave nothing for ${stallMs} ms`, { source: source.name })
        patience.abort(stalled)
        return stalled
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // A source that hangs is not waited for.
    patience.abort()
    void Promise.resolve(pieces.return?.()).catch(() => {})
  }
}

/** Rejects when the time is over or the signal says so, even where the work never ends. */
function within<T>(work: Promise<T>, signal: AbortSignal, ms: number, timeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timeout()), ms)
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    })
  })
}
