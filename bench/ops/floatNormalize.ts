import type { OperatorBench } from '../one-operator.ts'

const floats = { type: 'int32', shape: [16, 64] } as const

export const bench: OperatorBench = {
  operator: 'floatNormalize',
  cases: ['largest', 'magnitudes', 'squares', 'softmax'].map((name, norm) => ({
    name: `${name}, 16 of 64`,
    operands: [floats],
    result: floats,
    attributes: [norm],
  })),
}
