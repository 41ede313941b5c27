import { type ConsumeModelParameters, type Consumption, consumeModel } from './actions/consume-model.ts'
import { type DeployModelParameters, type Deployment, deployModel } from './actions/deploy-model.ts'
import { type DescribeModelParameters, describeModel, type ModelDescription } from './actions/describe-model.ts'
import { type EstimateInferenceGasParameters, estimateInferenceGas } from './actions/estimate-inference-gas.ts'
import { type GetInferencesParameters, getInferences, type Inference } from './actions/get-inferences.ts'
import { type ListModelsParameters, listModels, type PublishedModel } from './actions/list-models.ts'
import { type RecordInferencesParameters, recordInferences } from './actions/record-inferences.ts'
import { type RequestedModel, type RequestModelParameters, requestModel } from './actions/request-model.ts'
import { type RunModelParameters, type RunModelReturnType, runModel } from './actions/run-model.ts'
import { type WatchInferencesParameters, type WatchInferencesReturnType, watchInferences } from './actions/watch-inferences.ts'
import { type WatchModelsParameters, type WatchModelsReturnType, watchModels } from './actions/watch-models.ts'
import type { InferClient } from './client.ts'
import type { RecordedCall } from './recording.ts'

export type InferActions = {
  /** Brings a model on chain. See {@link deployModel}. */
  deployModel: (parameters: DeployModelParameters) => Promise<Deployment>
  /** Asks for a model whose bytes are in IPFS. See {@link requestModel}. */
  requestModel: (parameters: RequestModelParameters) => Promise<RequestedModel>
  /** Runs a model once, by eth_call. See {@link runModel}. */
  runModel: (parameters: RunModelParameters) => Promise<RunModelReturnType>
  /** Runs a model in a transaction, counted against the sender's quota. See {@link consumeModel}. */
  consumeModel: (parameters: ConsumeModelParameters) => Promise<Consumption>
  /** Gas that the precompile takes for one run. See {@link estimateInferenceGas}. */
  estimateInferenceGas: (parameters: EstimateInferenceGasParameters) => Promise<bigint>
  /** What an active model is and takes. See {@link describeModel}. */
  describeModel: (parameters: DescribeModelParameters) => Promise<ModelDescription>
  /** All models of the registry. See {@link listModels}. */
  listModels: (parameters?: ListModelsParameters) => Promise<PublishedModel[]>
  /** The inferences of a transaction or a block. See {@link getInferences}. */
  getInferences: (parameters: GetInferencesParameters) => Promise<Inference[]>
  /** What the chain answers to runs of a model, for tests without one. See {@link recordInferences}. */
  recordInferences: (parameters: RecordInferencesParameters) => Promise<RecordedCall[]>
  /** Tells of inferences as they are mined. See {@link watchInferences}. */
  watchInferences: (parameters: WatchInferencesParameters) => WatchInferencesReturnType
  /** Tells of models as they are published and changed. See {@link watchModels}. */
  watchModels: (parameters: WatchModelsParameters) => WatchModelsReturnType
}

/**
 * The actions as methods of a client.
 *
 * @example
 * const client = createPublicClient({ transport: http('http://127.0.0.1:8545') }).extend(inferActions())
 * const models = await client.listModels()
 */
export function inferActions() {
  return (client: InferClient): InferActions => ({
    deployModel: (parameters) => deployModel(client, parameters),
    requestModel: (parameters) => requestModel(client, parameters),
    runModel: (parameters) => runModel(client, parameters),
    consumeModel: (parameters) => consumeModel(client, parameters),
    estimateInferenceGas: (parameters) => estimateInferenceGas(client, parameters),
    describeModel: (parameters) => describeModel(client, parameters),
    listModels: (parameters) => listModels(client, parameters),
    getInferences: (parameters) => getInferences(client, parameters),
    recordInferences: (parameters) => recordInferences(client, parameters),
    watchInferences: (parameters) => watchInferences(client, parameters),
    watchModels: (parameters) => watchModels(client, parameters),
  })
}
