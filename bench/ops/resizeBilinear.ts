import type { OperatorBench } from '../one-operator.ts'

/** Twice as many rows (columns), half-pixel centres. */
function twice(size: number): Uint8Array {
  const rows = Array.from({ length: 2 * size }, (_, at) => {
    const first = Math.max(Math.floor((at - 1) / 2), 0)
    return [first, Math.min(first + 1, size - 1), at % 2 === 0 ? 768 : 256]
  })
  return new Uint8Array(Int32Array.from(rows.flat()).buffer)
}

const doubled = (size: number, channels: number) => ({
  name: `${size}²×${channels} → ${2 * size}²×${channels}`,
  operands: [
    { shape: [1, size, size, channels] },
    { type: 'int32', shape: [2 * size, 3], data: twice(size) },
    { type: 'int32', shape: [2 * size, 3], data: twice(size) },
  ] as const,
  result: { shape: [1, 2 * size, 2 * size, channels] },
  attributes: [10],
})

export const bench: OperatorBench = { operator: 'resizeBilinear', cases: [doubled(24, 64), doubled(48, 3)] }
