/** Real numbers of a float model to the bytes of its artifact's ports and back. */
import type { ImportedPort } from '../import/artifact.ts'
import { elementCount } from '../import/graph.ts'
import { elementsInMemoryOrder, permutedLayout } from '../import/onnx/layout.ts'
import { roundHalfEven } from '../import/scales.ts'
import { elementBytes } from '../model/types.ts'

const ranges: Readonly<Record<ImportedPort['type'], readonly [least: number, most: number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
}

/** `numbers`: in the float model's order of dimensions. A port without a scale takes them as they are. */
export function portBytes(port: ImportedPort, numbers: ArrayLike<number>): Uint8Array {
  const { type, shape, scale, zeroPoint } = port
  const [least, most] = ranges[type]
  const places = memoryOrder(port)
  const array = arrayOf(type, elementCount(shape))
  for (let at = 0; at < array.length; at += 1) {
    const number = numbers[places?.[at] ?? at]!
    const steps = scale === 0 ? number : roundHalfEven(Math.fround(number / scale)) + zeroPoint
    array[at] = Math.min(Math.max(steps, least), most)
  }
  return new Uint8Array(array.buffer)
}

/** The numbers of every port, in the float model's order of dimensions, from an artifact's output. */
export function portNumbers(ports: readonly ImportedPort[], bytes: Uint8Array): Float32Array[] {
  let offset = 0
  return ports.map((port) => {
    const { type, shape, scale, zeroPoint } = port
    const count = elementCount(shape)
    const end = offset + count * elementBytes[type]
    const array = arrayOf(type, count, bytes.slice(offset, end).buffer)
    offset = end
    const places = memoryOrder(port)
    const numbers = new Float32Array(count)
    for (let at = 0; at < count; at += 1) numbers[places?.[at] ?? at] = scale === 0 ? array[at]! : scale * (array[at]! - zeroPoint)
    return numbers
  })
}

function memoryOrder({ order, sourceShape }: ImportedPort): Int32Array | undefined {
  return order === undefined || sourceShape === undefined ? undefined : elementsInMemoryOrder(permutedLayout(sourceShape, order))
}

function arrayOf(type: ImportedPort['type'], count: number, buffer = new ArrayBuffer(count * elementBytes[type])) {
  if (type === 'int8') return new Int8Array(buffer)
  if (type === 'uint8') return new Uint8Array(buffer)
  return type === 'int16' ? new Int16Array(buffer) : new Int32Array(buffer)
}
