/** What the plugin adds to Hardhat's configuration, to network connections and to the runtime environment. */
import type { Account, Address } from 'viem'
import type { Imported } from '../../../runtime/import/artifact.ts'
import type { Rounding } from '../../../runtime/model/types.ts'
import type { NodeConfigInput } from '../../config.ts'
import type { Deployment, DeployProgress } from '../actions/deploy-model.ts'
import type { RecordInferencesParameters } from '../actions/record-inferences.ts'
import type { InferActions } from '../infer-actions.ts'

/** `infernode` of hardhat.config.ts. */
export interface InfernodeUserConfig {
  /** Name of the network that the plugin adds: `infernode` where absent. */
  network?: string
  /** JSON-RPC of a node that runs already. Where absent, every connection starts a chain of its own in memory. */
  url?: string
  /** Configuration of the chains that are started, as for `infernode node --config`. */
  node?: Omit<NodeConfigInput, 'host' | 'port' | 'dataDir'>
}

export interface InfernodeConfig {
  network: string
  url: string | undefined
  node: NonNullable<InfernodeUserConfig['node']>
}

/** How a trained model is imported, as by the options of `infernode import`; an artifact has all of this decided. */
export interface ModelFileOptions {
  /** Whose bytes a .tflite file is to give: fp32 (XNNPACK, the default), single (ruy) or double (TFLite Micro). */
  rounding?: Rounding
  /** Of an .onnx file: tensors to end the model at. */
  end?: readonly string[]
  /** Of an .onnx file: shapes of inputs that it leaves open, `name=1,3,224,224`. */
  shape?: readonly string[]
  /** Of an .onnx file: take operators whose result can differ from onnxruntime. */
  allowInexact?: boolean
}

export interface DeployFileOptions extends ModelFileOptions {
  /** Text or URI to record with the model; the name of the file where absent. */
  metadata?: string
  /** Sender and owner; the connection's first account where absent. */
  account?: Account | Address
  onProgress?: (progress: DeployProgress) => void
}

/** `infernode` of a network connection: the actions of infernode/viem, sent by the connection's first account. */
export interface InfernodeHelpers extends Omit<InferActions, 'deployModel'> {
  /** JSON-RPC of the node, for other tools; undefined where the connection is to no HTTP network. */
  readonly url: string | undefined
  /**
   * Brings a model on chain; one that is there is found and nothing is sent.
   * @param path of a .tflite or .onnx file or a .infer artifact, from the project's root.
   */
  deployModel(path: string, options?: DeployFileOptions): Promise<Deployment>
  /**
   * Writes what the chain answers to runs of a model into a file, for `install`.
   * @param path of the recording, from the project's root.
   */
  record(path: string, parameters: RecordInferencesParameters): Promise<void>
  /**
   * On Hardhat's own simulated network: puts plain Solidity at the precompiles' addresses. ITensor works as on the chain; IInference answers what the recordings hold and
   * nothing else. Gas is that of the Solidity code.
   * @param paths of recordings, from the project's root.
   */
  install(...paths: string[]): Promise<void>
}

/** `hre.infernode`. */
export interface InfernodeEnvironment {
  /** Name of the plugin's network. */
  readonly network: string
  /**
   * Turns a file into an artifact as `infernode import` does, without a chain.
   * @param path of a .tflite or .onnx file, from the project's root.
   */
  importModel(path: string, options?: ModelFileOptions): Promise<Imported>
}

declare module 'hardhat/types/config' {
  interface HardhatUserConfig {
    infernode?: InfernodeUserConfig
  }
  interface HardhatConfig {
    infernode: InfernodeConfig
  }
}

declare module 'hardhat/types/hre' {
  interface HardhatRuntimeEnvironment {
    infernode: InfernodeEnvironment
  }
}

declare module 'hardhat/types/network' {
  // The parameter has to be there, and named so, for the declarations to merge.
  interface NetworkConnection<ChainTypeT extends ChainType | string = DefaultChainType> {
    infernode: InfernodeHelpers
  }
}
