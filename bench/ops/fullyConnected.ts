import type { OperatorBench } from '../one-operator.ts'

function layer(rows: number, depth: number, outputs: number): OperatorBench['cases'][number] {
  return {
    name: `${rows}×${depth}→${outputs}`,
    operands: [{ shape: [rows, depth] }, { shape: [outputs, depth], constant: true }],
    result: { shape: [rows, outputs] },
    attributes: [0, 0, 0, -128, 127],
    requantizations: outputs,
  }
}

export const bench: OperatorBench = {
  operator: 'fullyConnected',
  cases: [
    {
      name: '256×256→256 of int16',
      operands: [
        { type: 'int16', shape: [256, 256] },
        { shape: [256, 256], constant: true },
      ],
      result: { type: 'int16', shape: [256, 256] },
      attributes: [0, 0, 0, -32768, 32767],
      multipliers: [1518500250],
      shifts: [-12],
    },
    layer(256, 256, 256),
    layer(512, 512, 512),
    layer(1, 1024, 1024),
    layer(1, 4096, 4096),
    layer(1, 64, 10),
  ],
}
