/** Reading and describing model artifacts for the commands. */
import { readFileSync } from 'node:fs'
import { createHost, type Host } from '../../runtime/host/host.ts'
import { loadModule } from '../../runtime/host/load-module.ts'
import { ModelError } from '../../runtime/model/errors.ts'
import { decodeModel, type Model, type Port, type Tensor } from '../../runtime/model/types.ts'
import type { TensorPort } from '../client/tensors.ts'
import { InputFileError } from './inputs/errors.ts'

export interface Artifact {
  bytes: Uint8Array
  model: Model
  host: Host
}

/** A .infer file and the module that will run it. Throws InputFileError, ModelError. */
export function openArtifact(path: string): Artifact {
  const bytes = readBytes(path)
  const host = createHost({ wasm: loadModule() })
  try {
    // The module's verdict comes first: it names what is wrong with broken bytes.
    host.measure(bytes)
  } catch (error) {
    throw error instanceof ModelError
      ? new ModelError(error.code, `${path} is no valid model artifact: ${error.message}`, error.place)
      : error
  }
  return { bytes, model: decodeModel(bytes), host }
}

export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw new InputFileError('INPUT_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

export function tensorAt(model: Model, index: number): Tensor {
  const tensor = model.tensors[index]
  if (tensor === undefined) throw new RangeError(`tensor ${index} of ${model.tensors.length}`)
  return tensor
}

export function portsOf(model: Model, ports: readonly Port[]): TensorPort[] {
  return ports.map(({ tensor, scale, zeroPoint }) => {
    const { type, shape } = tensorAt(model, tensor)
    return { type, shape, scale, zeroPoint }
  })
}

/** `int8[1,10] scale 0.00390625 zero −128`. */
export function portLine({ type, shape, scale, zeroPoint }: TensorPort): string {
  const quantization = scale === 0 ? '' : `  real = ${shortFloat(scale)} · (q ${zeroPoint < 0 ? '+' : '−'} ${Math.abs(zeroPoint)})`
  return `${type}[${shape.join(',')}]${quantization}`
}

function shortFloat(value: number): string {
  return Number(value.toPrecision(7)).toString()
}
