import type { OperatorBench } from '../one-operator.ts'

type Convolution = { size: number; channels: number; outputs: number; kernel: number; stride?: number; type?: 'int16' }

function convolution({ size, channels, outputs, kernel, stride = 1, type }: Convolution): OperatorBench['cases'][number] {
  const pad = (kernel - 1) / 2
  const out = Math.floor((size - 1) / stride) + 1
  return {
    name: `${size}²×${channels}→${outputs}, ${kernel}×${kernel}${stride > 1 ? `, stride ${stride}` : ''}${type ? ` of ${type}` : ''}`,
    operands: [
      { type: type ?? 'int8', shape: [1, size, size, channels] },
      { shape: [outputs, kernel, kernel, channels], constant: true },
    ],
    result: { type: type ?? 'int8', shape: [1, out, out, outputs] },
    attributes: [stride, stride, 1, 1, pad, pad, pad, pad, 1, 0, 0, 0, -128, 127],
    ...(type ? { multipliers: new Array(outputs).fill(1518500250), shifts: new Array(outputs).fill(-12) } : { requantizations: outputs }),
  }
}

export const bench: OperatorBench = {
  operator: 'conv2d',
  cases: [
    convolution({ size: 32, channels: 16, outputs: 32, kernel: 3 }),
    convolution({ size: 16, channels: 128, outputs: 128, kernel: 3 }),
    convolution({ size: 16, channels: 64, outputs: 64, kernel: 1 }),
    convolution({ size: 32, channels: 3, outputs: 16, kernel: 3 }),
    convolution({ size: 32, channels: 16, outputs: 32, kernel: 3, stride: 2 }),
    convolution({ size: 16, channels: 128, outputs: 128, kernel: 3, type: 'int16' }),
    convolution({ size: 16, channels: 64, outputs: 64, kernel: 1, type: 'int16' }),
  ],
}
