import type { OperatorBench } from '../one-operator.ts'

function layer(time: number, inputs: number, units: number, type: 'int8' | 'int16' = 'int8'): OperatorBench['cases'][number] {
  const isWide = type === 'int16'
  const hidden = { type, shape: [1, units] }
  const cell = { type: 'int16' as const, shape: [1, units] }
  const gate = isWide ? -12 : -6
  return {
    name: `${time} steps, ${inputs}→${units}${isWide ? ' of int16' : ''}`,
    operands: [
      { type, shape: [1, time, inputs] },
      { shape: [4, units, inputs], constant: true },
      { shape: [4, units, units], constant: true },
      { type: 'int32', shape: isWide ? [4, units, 2] : [4, units], data: new Uint8Array(isWide ? 32 * units : 16 * units) },
      hidden,
      cell,
    ],
    result: { type, shape: [1, time, units] },
    furtherResults: [{ ...hidden }, { ...cell }],
    attributes: [0, 0, 0, 0],
    multipliers: new Array(12).fill(1610612736),
    shifts: [...new Array(8).fill(gate), -15, -15, isWide ? -15 : -23, 2],
  }
}

export const bench: OperatorBench = { operator: 'lstm', cases: [layer(28, 28, 20), layer(50, 64, 128), layer(28, 28, 20, 'int16')] }
