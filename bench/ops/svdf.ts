import type { OperatorBench } from '../one-operator.ts'

function layer(inputs: number, filters: number, steps: number): OperatorBench['cases'][number] {
  const state = { shape: [1, filters * steps] }
  return {
    name: `${inputs}→${filters}, ${steps} steps`,
    operands: [{ shape: [1, inputs] }, { shape: [filters, inputs], constant: true }, { shape: [filters, steps], constant: true }, state],
    result: { shape: [1, filters] },
    furtherResults: [{ ...state }],
    attributes: [1, 0, 0, 0, -128, 127],
    multipliers: [1518500250, 1518500250],
    shifts: [-8, -8],
  }
}

export const bench: OperatorBench = { operator: 'svdf', cases: [layer(96, 64, 8), layer(32, 32, 32), layer(256, 256, 16)] }
