import type { OperatorBench } from '../one-operator.ts'

const floats = { type: 'int32', shape: [1024] } as const

export const bench: OperatorBench = {
  operator: 'floatUnary',
  cases: ['order', 'to integers', 'from integers', 'logistic', 'exponential'].map((name, kind) => ({
    name: `${name}, 1024`,
    operands: [floats],
    result: floats,
    attributes: [kind, kind === 1 || kind === 2 ? 16 : 0],
  })),
}
