/** The models a node can answer about, as `infer_*` needs them. The node passes in an implementation that reads chain state. */

export interface TensorDescription {
  readonly name?: string
  /** Without the batch dimension where the model has none. */
  readonly shape: readonly number[]
  readonly type: 'i8' | 'u8' | 'i16' | 'i32'
  /** real = scale · (q − zeroPoint), per tensor. */
  readonly scale?: number
  readonly zeroPoint?: number
}

export interface ModelSummary {
  /** hash_tree_root of the artifact: 0x and 64 hex digits. */
  readonly id: `0x${string}`
  /** Length of the artifact. */
  readonly bytes: number
  readonly rounding: 'fp32' | 'single' | 'double'
  readonly inputs: readonly TensorDescription[]
  readonly outputs: readonly TensorDescription[]
  /** Number of the block that activated the model. */
  readonly activatedAt: bigint
}

export interface LayerDescription {
  readonly operator: string
  readonly output: TensorDescription
  readonly macs: bigint
}

export interface ModelDetails extends ModelSummary {
  readonly layers: readonly LayerDescription[]
  readonly macs: bigint
}

export interface ModelDirectory {
  /** Active models, in the order of their activation. */
  list(): Promise<readonly ModelSummary[]>
  /** Undefined where no active model has this id. */
  describe(id: `0x${string}`): Promise<ModelDetails | undefined>
  /** Gas that one run costs inside the precompile, CALL and calldata not included; undefined where no active model has this id. */
  estimateGas(id: `0x${string}`): Promise<bigint | undefined>
}

/** The directory of a chain without models. */
export const noModels: ModelDirectory = {
  list: async () => [],
  describe: async () => undefined,
  estimateGas: async () => undefined,
}
