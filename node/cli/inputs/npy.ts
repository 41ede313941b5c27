import { parse } from 'npyjs'
import { integersToBytes, portText, realsToBytes, type TensorPort } from '../../client/tensors.ts'
import { InputFileError } from './errors.ts'

const integerTypes = new Set(['i1', 'u1', 'i2', 'u2', 'i4', 'u4'])
const realTypes = new Set(['f2', 'f4', 'f8'])

/**
 * A NumPy array in C order: integers are taken as quantized values, floating-point numbers are quantized with the input's scale. An int32 input
 * without a scale takes the bits of float32 (classical models).
 */
export function readNpy(file: Uint8Array, port: TensorPort, name: string): Uint8Array {
  let array: ReturnType<typeof parse>
  try {
    array = parse(Uint8Array.from(file).buffer)
  } catch (cause) {
    throw new InputFileError('INPUT_FORMAT', `${name}: not a readable .npy file (${(cause as Error).message})`, { cause })
  }
  if (array.fortranOrder)
    throw new InputFileError('INPUT_FORMAT', `${name}: the array is in Fortran order; save numpy.ascontiguousarray(x)`)
  const values = array.data as unknown as ArrayLike<number>
  if (integerTypes.has(array.dtype)) return integersToBytes(values, port)
  if (!realTypes.has(array.dtype))
    throw new InputFileError('INPUT_TYPE', `${name}: elements of type ${array.dtype} are not numbers of a tensor`)
  if (port.scale === 0 && port.type === 'int32') return new Uint8Array(Float32Array.from(values).buffer)
  if (port.scale === 0)
    throw new InputFileError(
      'INPUT_TYPE',
      `${name}: the model's input ${portText(port)} has no scale to quantize floating-point numbers with`,
    )
  return realsToBytes(values, port)
}
