/** Files of numbers: .npy, .npz, idx (MNIST's format) and .bin of float32, each also with .gz behind. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { parse } from 'npyjs'
import { InputFileError } from '../inputs/errors.ts'

/** Row-major. `shape`: undefined where the file tells none. `isBytes`: of uint8, as pictures are. */
export interface NumberArray {
  data: ArrayLike<number>
  shape: readonly number[] | undefined
  isBytes: boolean
}

const readers: Readonly<Record<string, (bytes: Uint8Array, path: string) => NumberArray>> = {
  '.npy': readNpy,
  '.idx': readIdx,
  '.bin': readBin,
}

/** The kind of file by its name without .gz; undefined for another. */
export function arrayFormat(path: string): string | undefined {
  const name = path.replace(/\.gz$/, '')
  if (/[-.]idx\d(-ubyte)?$/.test(name)) return '.idx'
  return Object.keys(readers).find((format) => name.endsWith(format))
}

/** @throws InputFileError */
export function readArray(path: string): NumberArray {
  const format = arrayFormat(path)
  const read = format === undefined ? undefined : readers[format]
  if (read === undefined)
    throw new InputFileError('INPUT_FORMAT', `${path}: wanted .npy, .bin (float32) or an idx file such as images-idx3-ubyte, .gz or not`)
  return read(readBytes(path), path)
}

/** The arrays of a .npz by their names. @throws InputFileError */
export function readNpz(path: string): ReadonlyMap<string, NumberArray> {
  let files: ReturnType<typeof unzipSync>
  try {
    files = unzipSync(readBytes(path))
  } catch (cause) {
    throw new InputFileError('INPUT_FORMAT', `${path}: not a readable .npz file (${(cause as Error).message})`, { cause })
  }
  return new Map(Object.entries(files).map(([name, bytes]) => [name.replace(/\.npy$/, ''), readNpy(bytes, `${path}, ${name}`)] as const))
}

function readBytes(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path)
    return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
  } catch (cause) {
    throw new InputFileError('INPUT_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

function readNpy(bytes: Uint8Array, path: string): NumberArray {
  let array: ReturnType<typeof parse>
  try {
    array = parse(Uint8Array.from(bytes).buffer)
  } catch (cause) {
    throw new InputFileError('INPUT_FORMAT', `${path}: not a readable .npy file (${(cause as Error).message})`, { cause })
  }
  const { data, shape, dtype, fortranOrder } = array
  if (fortranOrder) throw new InputFileError('INPUT_FORMAT', `${path}: the array is in Fortran order; save numpy.ascontiguousarray(x)`)
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return { data: Array.from(data, Number), shape, isBytes: false }
  if (!ArrayBuffer.isView(data)) throw new InputFileError('INPUT_TYPE', `${path}: elements of type ${dtype} are no numbers`)
  return { data: data as unknown as ArrayLike<number>, shape, isBytes: data instanceof Uint8Array }
}

/** Two zero bytes, the type (8: uint8), the number of dimensions; their sizes, big-endian; the elements. */
function readIdx(bytes: Uint8Array, path: string): NumberArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const rank = bytes.length >= 4 && view.getUint32(0) >>> 8 === 8 ? bytes[3]! : 0
  const start = 4 + 4 * rank
  if (rank === 0 || bytes.length < start) throw new InputFileError('INPUT_FORMAT', `${path}: not an idx file of bytes`)
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis))
  const count = shape.reduce((product, size) => product * size, 1)
  if (bytes.length !== start + count)
    throw new InputFileError(
      'INPUT_LENGTH',
      `${path}: [${shape}] wants ${count} bytes behind its ${start} of header, it has ${bytes.length - start}`,
    )
  return { data: bytes.subarray(start), shape, isBytes: true }
}

function readBin(bytes: Uint8Array, path: string): NumberArray {
  if (bytes.length % 4 !== 0) throw new InputFileError('INPUT_LENGTH', `${path}: ${bytes.length} bytes are no whole number of float32`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    data: Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true)),
    shape: undefined,
    isBytes: false,
  }
}
