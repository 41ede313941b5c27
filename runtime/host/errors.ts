/**
 * What can go wrong around the consensus module, told apart because the consequences differ:
 * ModelError (runtime/model/errors.ts) – the artifact is wrong: everybody sees the same;
 * InputError – the caller's operands do not fit the model: everybody sees the same;
 * ModuleTrap – the module stopped at a WebAssembly trap: everybody sees the same, an exceptional halt;
 * NodeFault – this machine's own trouble (memory, files, a wrong module): nobody else sees it, and it never decides a result.
 */

/** This node cannot answer. Never a result of a block or a call: the caller must fail, wait or stop. */
export class NodeFault extends Error {
  override readonly name = 'NodeFault'
  readonly code: NodeFaultCode

  constructor(code: NodeFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * `module`: no usable infernode.wasm · `memory`: an instance could not be allocated · `state`: chain state or a store gave other bytes than were activated ·
 * `missing`: the bytes of a model off chain are not here yet · `internal`: a defect of this program.
 */
export type NodeFaultCode = 'module' | 'memory' | 'state' | 'missing' | 'internal'

/** The consensus module trapped. It validates everything first, so this is a defect, but one that every node meets alike. */
export class ModuleTrap extends Error {
  override readonly name = 'ModuleTrap'
  readonly code = 'trap'
}

/** Operands of another length, or an operator that the model does not have. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code: 'inputLength' | 'operatorIndex'
  readonly got: number
  readonly wanted: number

  constructor(code: 'inputLength' | 'operatorIndex', got: number, wanted: number) {
    super(
      code === 'inputLength'
        ? `the input has ${got} bytes, wanted ${wanted}`
        : `operator ${got} does not exist: the model has ${wanted}, counted from 0`,
    )
    this.code = code
    this.got = got
    this.wanted = wanted
  }
}
