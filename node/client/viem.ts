/** Public entry `infernode/viem`: models on chain as actions of a viem client. Runs in browsers too. */
export { addresses } from '../../precompiles/addresses.ts'
export { inferenceAbi } from '../../precompiles/inference-abi.ts'
export { tensorAbi } from '../../precompiles/tensor-abi.ts'
export { type ModelStatus, registryAbi } from './abi.ts'
export { type ConsumeModelParameters, type Consumption, consumeModel } from './actions/consume-model.ts'
export {
  type DeployModelParameters,
  type Deployment,
  type DeployProgress,
  deployModel,
} from './actions/deploy-model.ts'
export {
  type DescribeModelParameters,
  describeModel,
  type ModelDescription,
} from './actions/describe-model.ts'
export {
  type EstimateInferenceGasParameters,
  estimateInferenceGas,
} from './actions/estimate-inference-gas.ts'
export { type GetInferencesParameters, getInferences, type Inference } from './actions/get-inferences.ts'
export { type ListModelsParameters, listModels, type PublishedModel } from './actions/list-models.ts'
export { type RecordInferencesParameters, recordInferences } from './actions/record-inferences.ts'
export { type RequestedModel, type RequestModelParameters, requestModel } from './actions/request-model.ts'
export { type RunModelParameters, type RunModelReturnType, runModel } from './actions/run-model.ts'
export { type WatchInferencesParameters, type WatchInferencesReturnType, watchInferences } from './actions/watch-inferences.ts'
export {
  type ModelEvent,
  type ModelEventName,
  type WatchModelsParameters,
  type WatchModelsReturnType,
  watchModels,
} from './actions/watch-models.ts'
export type { AsAccount, AtBlock, InferClient } from './client.ts'
export { InferError, type InferErrorCode } from './errors.ts'
export { type InferActions, inferActions } from './infer-actions.ts'
export { parseRecording, type RecordedCall, RecordingError, recordingText } from './recording.ts'
export { argmax, elementsOf, integersToBytes, portBytes, realsToBytes, splitTensors, type TensorPort } from './tensors.ts'
