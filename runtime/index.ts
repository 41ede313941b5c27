/** Public entry `infernode`: importers, model artifact and the host of the consensus module. The precompiles have an entry of their own. */
export { InputError, ModuleTrap, NodeFault, type NodeFaultCode } from './host/errors.ts'
export { createHost, type Host, type HostOptions, type LoadArtifact, type Measurement, type ModelId, type Plan } from './host/host.ts'
export { findModule, loadModule, type ModuleName } from './host/load-module.ts'
export type { RunningModel, Trace, TraceRow } from './host/running-model.ts'
export type { Imported, ImportedPort } from './import/artifact.ts'
export { ImportError, type ImportErrorCode } from './import/errors.ts'
export { externalFiles } from './import/onnx/external.ts'
export { importOnnx, type OnnxOptions } from './import/onnx/import.ts'
export { importTflite } from './import/tflite/import.ts'
export { ModelError, type ModelErrorCode, type ModelErrorPlace, modelErrorCodes } from './model/errors.ts'
export { type OperatorName, operators } from './model/operators.ts'
export {
  decodeModel,
  encodeModel,
  type Model,
  modelId,
  type Operator,
  type Port,
  type Rounding,
  roundings,
  type Tensor,
  type TensorType,
  tensorTypes,
} from './model/types.ts'
export type { OutputAgreement } from './quantize/agreement.ts'
export { QuantizeError, type QuantizeErrorCode } from './quantize/errors.ts'
export { type Quantized, type QuantizeOptions, quantize } from './quantize/quantize.ts'
export type { LayerReport, Report as QuantizationReport } from './quantize/report.ts'
export type { Sample } from './quantize/samples.ts'
export type { Int16 } from './quantize/types.ts'
