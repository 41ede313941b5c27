/**
 * What keeps a float model from being quantized, beside what importers refuse (ImportError).
 *   runtimeMissing  onnxruntime-web, which runs the float model, is not installed
 *   runtime         onnxruntime cannot load or run the float model
 *   samples         the calibration samples do not fit the model's inputs
 *   quantized       the model holds QuantizeLinear or other integer operators already
 */
export type QuantizeErrorCode = 'runtimeMissing' | 'runtime' | 'samples' | 'quantized'

export class QuantizeError extends Error {
  override readonly name = 'QuantizeError'
  readonly code: QuantizeErrorCode

  constructor(code: QuantizeErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.code = code
  }
}
