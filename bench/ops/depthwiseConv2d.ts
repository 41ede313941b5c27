import type { OperatorBench } from '../one-operator.ts'

function depthwise(size: number, channels: number, stride: number): OperatorBench['cases'][number] {
  const out = Math.floor((size - 1) / stride) + 1
  return {
    name: `${size}²×${channels}, 3×3${stride > 1 ? `, stride ${stride}` : ''}`,
    operands: [{ shape: [1, size, size, channels] }, { shape: [1, 3, 3, channels], constant: true }],
    result: { shape: [1, out, out, channels] },
    attributes: [stride, stride, 1, 1, 1, 1, 1, 1, 0, 0, 0, -128, 127],
    requantizations: channels,
  }
}

export const bench: OperatorBench = {
  operator: 'depthwiseConv2d',
  cases: [depthwise(48, 64, 1), depthwise(48, 64, 2), depthwise(24, 100, 1)],
}
