import type { OperatorBench } from '../one-operator.ts'

function pool(kernel: number, stride: number, channels: number, type: 'int8' | 'int16' = 'int8'): OperatorBench['cases'][number] {
  const out = Math.floor((48 - kernel) / stride) + 1
  return {
    name: `48²×${channels}, ${kernel}×${kernel}, stride ${stride}${type === 'int16' ? ' of int16' : ''}`,
    operands: [{ type, shape: [1, 48, 48, channels] }],
    result: { type, shape: [1, out, out, channels] },
    attributes: [kernel, kernel, stride, stride, 0, 0, 0, 0, -128, 127],
  }
}

export const bench: OperatorBench = {
  operator: 'averagePool',
  cases: [pool(2, 2, 64), pool(3, 1, 64), pool(48, 48, 64), pool(2, 2, 1), pool(3, 1, 64, 'int16')],
}
