/** Samples as callers have them, and as the float model takes them. */
import { elementCount } from '../import/graph.ts'
import type { OnnxGraph, OnnxPort } from '../import/onnx/parse.ts'
import { QuantizeError } from './errors.ts'
import type { FloatTensor } from './float-runtime.ts'

/** The numbers of each of the model's inputs by its name, row-major in the model's own order of dimensions. */
export type Sample = Readonly<Record<string, ArrayLike<number>>>

/** The graph with every dimension of its inputs fixed. `given` sizes first; an open first dimension, the batch, is 1. */
export function withFixedShapes(graph: OnnxGraph, given: Readonly<Record<string, readonly number[]>>): OnnxGraph {
  const inputs = graph.inputs.map((port): OnnxPort => {
    const shape = given[port.name] ?? port.shape?.map((size, axis) => (typeof size === 'string' && axis === 0 ? 1 : size))
    const open = shape?.findIndex((size) => typeof size === 'string') ?? 0
    if (shape === undefined || open >= 0)
      throw new QuantizeError(
        'samples',
        `dimension ${open} of the model input "${port.name}" has no fixed size; give its shape (--shape ${port.name}=1,3,224,224)`,
      )
    return { ...port, shape }
  })
  return { ...graph, inputs }
}

/** A sample as tensors. @throws QuantizeError `samples` where it does not fit the inputs */
export function sampleTensors({ inputs }: OnnxGraph, sample: Sample, index: number): ReadonlyMap<string, FloatTensor> {
  return new Map(
    inputs.map(({ name, type, shape }) => {
      const numbers = sample[name]
      const sizes = shape as readonly number[]
      const known = `sample ${index} has ${numbers === undefined ? `only ${Object.keys(sample).join(', ')}` : `${numbers.length} numbers`}`
      if (numbers?.length !== elementCount(sizes))
        throw new QuantizeError('samples', `the model input "${name}" takes ${type} [${sizes}]; ${known}`)
      const bad = type === 'float32' ? Array.prototype.findIndex.call(numbers, (value: number) => !Number.isFinite(value)) : -1
      if (bad >= 0) throw new QuantizeError('samples', `sample ${index} has ${numbers[bad]} at place ${bad} of input "${name}"`)
      return [name, { type, shape: sizes, data: arrayOf(name, type, numbers) }]
    }),
  )
}

function arrayOf(name: string, type: string, numbers: ArrayLike<number>): FloatTensor['data'] {
  switch (type) {
    case 'float32':
      return Float32Array.from(numbers)
    case 'int64':
      return BigInt64Array.from(Array.from(numbers, (value) => BigInt(Math.trunc(value))))
    case 'int32':
      return Int32Array.from(numbers)
    case 'int8':
      return Int8Array.from(numbers)
    case 'uint8':
    case 'bool':
      return Uint8Array.from(numbers)
    default:
      throw new QuantizeError('samples', `the model input "${name}" is ${type}; wanted float32, or integers or bool beside it`)
  }
}
