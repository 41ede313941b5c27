/** Small .tflite files that keep state between runs. */
import { int32Data, type TfliteFile, type TfliteNode, type TfliteTensor, tensor } from './write-tflite.ts'

export const quantized = (type: 'int8' | 'uint8', shape: number[], more: Partial<TfliteTensor> = {}) =>
  tensor(type, shape, { scales: [0.5], zeros: [3], ...more })
export const resource = () => tensor('resource', [])
const list = (values: number[]) => tensor('int32', [values.length], { data: int32Data(values) })
export const handle = (output: number, variable = 'window'): TfliteNode => ({
  op: 'VAR_HANDLE',
  inputs: [],
  outputs: [output],
  options: { variable },
})

/** Sets the variable once, before the first run. */
export function initial(type: 'int8' | 'uint8', values: number[], variable = 'window'): TfliteFile {
  return {
    tensors: [resource(), quantized(type, [values.length], { data: Uint8Array.from(values) })],
    nodes: [handle(0, variable), { op: 'ASSIGN_VARIABLE', inputs: [0, 1], outputs: [] }],
    inputs: [],
    outputs: [],
  }
}

/** A window of the last three values: it is given two new ones, and gives the whole window. */
export function sliding(type: 'int8' | 'uint8', first: number[]): TfliteFile {
  const of = (shape: number[]) => quantized(type, shape)
  return {
    tensors: [of([2]), resource(), of([3]), of([5]), of([3]), list([2]), list([0]), list([1])],
    nodes: [
      { op: 'CALL_ONCE', inputs: [], outputs: [], options: { subgraph: 1 } },
      handle(1),
      { op: 'READ_VARIABLE', inputs: [1], outputs: [2] },
      { op: 'CONCATENATION', inputs: [2, 0], outputs: [3], options: { axis: 0 } },
      { op: 'STRIDED_SLICE', inputs: [3, 5, 6, 7], outputs: [4], options: { endMask: 1 } },
      { op: 'ASSIGN_VARIABLE', inputs: [1, 4], outputs: [] },
    ],
    inputs: [0],
    outputs: [3],
    called: [initial(type, first)],
  }
}
