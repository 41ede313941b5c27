/** Tensors as bytes: what the inputs and outputs of a model are made of. Row-major, little-endian, one tensor after the other. */

/** An input or output of a model. */
export interface TensorPort {
  type: 'int8' | 'uint8' | 'int16' | 'int32'
  /** Outermost dimension first; images are NHWC. */
  shape: readonly number[]
  /** real = scale · (q − zeroPoint); 0 where the tensor has no scale. */
  scale: number
  zeroPoint: number
}

const ranges = {
  int8: { lowest: -128, highest: 127, bytes: 1 },
  uint8: { lowest: 0, highest: 255, bytes: 1 },
  int16: { lowest: -32768, highest: 32767, bytes: 2 },
  int32: { lowest: -2147483648, highest: 2147483647, bytes: 4 },
} as const

export function portElements(port: TensorPort): number {
  return port.shape.reduce((product, dimension) => product * dimension, 1)
}

export function portBytes(port: TensorPort): number {
  return portElements(port) * ranges[port.type].bytes
}

/** `int8[1,28,28,1]`. */
export function portText(port: TensorPort): string {
  return `${port.type}[${port.shape.join(',')}]`
}

/** Little-endian bytes of integers that are already quantized; values outside the type saturate. */
export function integersToBytes(values: ArrayLike<number>, port: TensorPort): Uint8Array {
  const { lowest, highest, bytes } = ranges[port.type]
  const result = new Uint8Array(values.length * bytes)
  const view = new DataView(result.buffer)
  for (let i = 0; i < values.length; i++) {
    const value = Math.min(Math.max(values[i] as number, lowest), highest)
    if (bytes === 1) view.setInt8(i, value)
    else if (bytes === 2) view.setInt16(i * 2, value, true)
    else view.setInt32(i * 4, value, true)
  }
  return result
}

/** Quantizes real numbers as TFLite's QUANTIZE does: nearest, ties away from zero, saturating. Needs a port with a scale. */
export function realsToBytes(values: ArrayLike<number>, port: TensorPort): Uint8Array {
  const integers = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const scaled = (values[i] as number) / port.scale
    integers[i] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5) + port.zeroPoint
  }
  return integersToBytes(integers, port)
}

/** The integers of one tensor. */
export function elementsOf(bytes: Uint8Array, { type }: TensorPort): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const size = ranges[type].bytes
  return Array.from({ length: bytes.length / size }, (_, i) => {
    if (type === 'int8') return view.getInt8(i)
    if (type === 'uint8') return view.getUint8(i)
    return type === 'int16' ? view.getInt16(i * size, true) : view.getInt32(i * size, true)
  })
}

/** Cuts tensors that follow one another apart. */
export function splitTensors(bytes: Uint8Array, ports: readonly TensorPort[]): Uint8Array[] {
  let offset = 0
  return ports.map((port) => {
    offset += portBytes(port)
    return bytes.subarray(offset - portBytes(port), offset)
  })
}

/** Index of the largest; the first of several. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}
