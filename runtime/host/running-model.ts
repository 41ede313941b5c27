/** A model that lies loaded in an instance of its own, ready to run any number of times. */
import { createHash } from 'node:crypto'
import { elementBytes, type Model, type Operator } from '../model/types.ts'
import { InputError, ModuleTrap, NodeFault } from './errors.ts'
import { type Instance, pageBytes } from './instance.ts'
import { statusError } from './report.ts'

/** What runs, one operator after the other. Hash: sha256 of all results' bytes, for finding where two machines part. */
export interface TraceRow {
  index: number
  name: Operator['name']
  /** Shapes of the operands that are not constant, and of the results. */
  inputShapes: number[][]
  outputShapes: number[][]
  /** 16 slots, docs/embedding.md. */
  work: bigint[]
  milliseconds: number
  hash: `0x${string}`
}

export interface Trace {
  output: Uint8Array
  rows: TraceRow[]
}

export type Authorize = (work: bigint[], resultBytes: number) => void

export interface RunningModel {
  readonly inputBytes: number
  readonly outputBytes: number
  readonly operatorCount: number
  readonly pages: number
  /** Bytes of memory that the model occupies on this machine. */
  readonly memoryBytes: number
  /** 16 slots, docs/embedding.md. */
  readonly work: readonly bigint[]
  /**
   * @param input all inputs back to back, `inputBytes` long.
   * @throws InputError for another length, ModuleTrap where the module traps: the model must then be loaded anew.
   */
  run(input: Uint8Array): Uint8Array
  /** Runs operator by operator; `model` is the decoded artifact, which names things. */
  trace(model: Model, input: Uint8Array): Trace
  /**
   * Runs one operator. `operands`: its operands that are not constant, each tensor once, in order, back to back. Gives its results likewise.
   * `authorize` sees the operator's work and the bytes of its results before it is done, and throws to prevent it.
   */
  step(model: Model, index: number, operands: Uint8Array, authorize?: Authorize): Uint8Array
  operatorWork(index: number): bigint[]
}

/**
 * Loads an artifact into an instance that is large enough; the instance belongs to the model from then on.
 * @throws ModelError where the artifact is not valid.
 */
export function loadModel(instance: Instance, artifact: Uint8Array): RunningModel {
  const { exports } = instance
  const call = (work: () => number) => {
    const status = guard(work)
    if (status !== 0) throw statusError(status, instance.errorRecord(), artifact)
  }
  instance.write(exports.artifactPointer(), artifact)
  call(() => exports.load(artifact.length))
  const inputBytes = exports.inputBytes()
  const outputBytes = exports.outputBytes()
  const operatorCount = exports.operatorCount()
  const work = instance.readWords(exports.workPointer())

  const check = (status: number) => {
    if (status !== 0) throw new NodeFault('internal', `the module refused to run a loaded model with status ${status}`)
  }
  const operatorWork = (index: number) => {
    if (!Number.isInteger(index) || index < 0 || index >= operatorCount) throw new InputError('operatorIndex', index, operatorCount)
    return instance.readWords(exports.operatorWork(index))
  }
  const readTensors = (indices: readonly number[]) =>
    concat(indices.map((index) => instance.read(exports.tensorPointer(index), exports.tensorBytes(index))))
  const writeTensors = (model: Model, indices: readonly number[], bytes: Uint8Array) => {
    const wanted = indices.reduce((sum, index) => sum + tensorBytes(model, index), 0)
    if (bytes.length !== wanted) throw new InputError('inputLength', bytes.length, wanted)
    let offset = 0
    for (const index of indices) {
      const length = tensorBytes(model, index)
      instance.write(exports.tensorPointer(index), bytes.subarray(offset, offset + length))
      offset += length
    }
  }

  return {
    inputBytes,
    outputBytes,
    operatorCount,
    pages: instance.pages,
    memoryBytes: instance.pages * pageBytes,
    work,
    run(input) {
      if (input.length !== inputBytes) throw new InputError('inputLength', input.length, inputBytes)
      instance.write(exports.inputPointer(), input)
      check(guard(() => exports.run()))
      return instance.read(exports.outputPointer(), outputBytes)
    },
    trace(model, input) {
      writeTensors(
        model,
        model.inputs.map((port) => port.tensor),
        input,
      )
      const outputs = new Map<number, Uint8Array>()
      const rows = model.operators.map((operator, index): TraceRow => {
        const start = performance.now()
        check(guard(() => exports.runOperator(index)))
        const milliseconds = performance.now() - start
        const results = readTensors(operator.outputs)
        for (const port of model.outputs) if (operator.outputs.includes(port.tensor)) outputs.set(port.tensor, readTensors([port.tensor]))
        return {
          index,
          name: operator.name,
          inputShapes: variableOperands(model, operator).map((tensor) => model.tensors[tensor]!.shape),
          outputShapes: operator.outputs.map((tensor) => model.tensors[tensor]!.shape),
          work: operatorWork(index),
          milliseconds,
          hash: `0x${createHash('sha256').update(results).digest('hex')}`,
        }
      })
      return { output: concat(model.outputs.map((port) => outputs.get(port.tensor)!)), rows }
    },
    step(model, index, operands, authorize) {
      const units = operatorWork(index)
      const operator = model.operators[index]!
      const tensors = variableOperands(model, operator)
      const wanted = tensors.reduce((sum, tensor) => sum + tensorBytes(model, tensor), 0)
      if (operands.length !== wanted) throw new InputError('inputLength', operands.length, wanted)
      authorize?.(
        units,
        operator.outputs.reduce((sum, tensor) => sum + tensorBytes(model, tensor), 0),
      )
      writeTensors(model, tensors, operands)
      check(guard(() => exports.runOperator(index)))
      return readTensors(operator.outputs)
    },
    operatorWork,
  }
}

/** Operands of an operator that are no constants, each tensor once, in order of first mention. */
export function variableOperands(model: Model, operator: Operator): number[] {
  return [...new Set(operator.inputs)].filter((index) => model.tensors[index]!.data.length === 0)
}

export function tensorBytes(model: Model, index: number): number {
  const { type, shape } = model.tensors[index]!
  return shape.reduce((product, dimension) => product * dimension, elementBytes[type])
}

/** Calls into the module: a WebAssembly trap becomes a ModuleTrap, anything else that is thrown a NodeFault. */
export function guard<T>(call: () => T): T {
  try {
    return call()
  } catch (cause) {
    if (cause instanceof WebAssembly.RuntimeError) throw new ModuleTrap(`the consensus module trapped: ${cause.message}`, { cause })
    throw new NodeFault('internal', `the consensus module could not be called: ${(cause as Error).message}`, { cause })
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
