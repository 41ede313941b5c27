/** The names of docs/embedding.md's status codes, in the order of the codes 1 to 14: what can be wrong with a model artifact. */
export const modelErrorCodes = [
  'truncated',
  'encoding',
  'format',
  'rounding',
  'limit',
  'operator',
  'tensor',
  'attribute',
  'shape',
  'order',
  'port',
  'multiplier',
  'accumulator',
  'memory',
] as const

export type ModelErrorCode = (typeof modelErrorCodes)[number]

/** Where the fault lies, as far as it is known. `got`, `wanted`: the offending number and its limit or expected value. */
export type ModelErrorPlace = {
  readonly operator?: number | undefined
  readonly tensor?: number | undefined
  readonly field?: number | undefined
  readonly got?: bigint | undefined
  readonly wanted?: bigint | undefined
}

/** A model artifact, or a model about to become one, that the format does not allow. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode
  readonly place: ModelErrorPlace

  constructor(code: ModelErrorCode, message: string, place: ModelErrorPlace = {}) {
    super(message)
    this.code = code
    this.place = place
  }
}
