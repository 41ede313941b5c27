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
  /**
   * Runs a model on the node, without a call or a transaction. Undefined where no active model has this id.
   * @param input all inputs back to back
   * @throws InputError for another length
   */
  run(id: `0x${string}`, input: Uint8Array): Promise<ModelRun | undefined>
  /** The same, operator by operator. */
  trace(id: `0x${string}`, input: Uint8Array): Promise<ModelTrace | undefined>
}

/** A model that was run on the node alone. */
export interface ModelRun {
  readonly output: Uint8Array
  /** Gas that the run would cost in the precompile, at first use in a transaction. */
  readonly gas: bigint
  readonly milliseconds: number
}

export interface ModelTrace extends ModelRun {
  readonly operators: readonly OperatorTrace[]
}

export interface OperatorTrace {
  readonly operator: string
  /** Of the operands that are not constant. */
  readonly inputs: readonly TensorShape[]
  readonly outputs: readonly TensorShape[]
  readonly macs: bigint
  /** Without the base price of a run. */
  readonly gas: bigint
  readonly milliseconds: number
  /** sha256 of its results' bytes, back to back: where two machines part, it is another. */
  readonly hash: `0x${string}`
}

export type TensorShape = Pick<TensorDescription, 'shape' | 'type'>

/** The directory of a chain without models. */
export const noModels: ModelDirectory = {
  list: async () => [],
  describe: async () => undefined,
  estimateGas: async () => undefined,
  run: async () => undefined,
  trace: async () => undefined,
}
