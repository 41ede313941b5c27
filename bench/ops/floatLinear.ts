import { type OperatorBench, randomBytes } from '../one-operator.ts'

/** Random numbers between 1 and 2, whatever their sign. */
function numbers(count: number): Uint8Array {
  const bytes = randomBytes()(4 * count)
  for (let at = 0; at < bytes.length; at += 4) {
    bytes[at + 2]! |= 0x80
    bytes[at + 3] = (bytes[at + 3]! & 0x80) | 0x3f
  }
  return bytes
}

function linear(depth: number, outputs: number): OperatorBench['cases'][number] {
  return {
    name: `${depth} → ${outputs}`,
    operands: [
      { type: 'int32', shape: [1, depth] },
      { type: 'int32', shape: [outputs, depth], data: numbers(outputs * depth) },
      { type: 'int32', shape: [outputs], data: numbers(outputs) },
    ],
    result: { type: 'int32', shape: [1, outputs] },
  }
}

export const bench: OperatorBench = { operator: 'floatLinear', cases: [linear(784, 10), linear(13, 3)] }
