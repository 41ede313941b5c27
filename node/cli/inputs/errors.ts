export type InputFileErrorCode = 'INPUT_UNREADABLE' | 'INPUT_FORMAT' | 'INPUT_LENGTH' | 'INPUT_TYPE'

/** An input file that does not fit the model. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError'
  readonly code: InputFileErrorCode

  constructor(code: InputFileErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}
