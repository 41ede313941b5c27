import type { OperatorBench } from '../one-operator.ts'

const floats = (shape: readonly number[]) => ({ type: 'int32' as const, shape })

export const bench: OperatorBench = {
  operator: 'floatBinary',
  cases: ['sum', 'difference', 'product', 'quotient'].map((name, kind) => ({
    name: `${name} of 1024`,
    operands: [floats([8, 128]), floats([128])],
    result: floats([8, 128]),
    attributes: [kind],
  })),
}
