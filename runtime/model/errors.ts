/** The names of docs/embedding.md's status codes: what can be wrong with a model artifact. */
export type ModelErrorCode =
  | 'truncated'
  | 'encoding'
  | 'format'
  | 'rounding'
  | 'limit'
  | 'operator'
  | 'tensor'
  | 'attribute'
  | 'shape'
  | 'order'
  | 'port'
  | 'multiplier'
  | 'accumulator'

/** A model artifact, or a model about to become one, that the format does not allow. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode

  constructor(code: ModelErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
