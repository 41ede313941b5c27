import { ImportError } from '../errors.ts'

/** Counts what a parser reads of a file against the file's size in bytes. */
export class Budget {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  /** @throws ImportError `malformed` where more is asked for than the file can hold. */
  take(count: number): void {
    this.#left -= count
    // A damaged length may be negative.
    if (count < 0 || this.#left < 0)
      throw new ImportError('malformed', 'not a usable TFLite file: it claims more elements than it has bytes')
  }

  /** A vector of `length` elements, each read by `read`. */
  list<T>(length: number, read: (index: number) => T): T[] {
    this.take(length)
    const elements: T[] = []
    for (let index = 0; index < length; index += 1) elements.push(read(index))
    return elements
  }
}

/** A string of the file, '' where it is missing. */
export function text(bytes: string | Uint8Array | null, budget: Budget): string {
  if (bytes === null || typeof bytes === 'string') return bytes ?? ''
  budget.take(bytes.length)
  return new TextDecoder().decode(bytes)
}
