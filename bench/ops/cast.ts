import type { BenchCase, OperatorBench } from '../one-operator.ts'

const shape = [48, 48, 64]

const cast = (from: 'int8' | 'int16' | 'int32', to: 'int8' | 'int16' | 'int32'): BenchCase => ({
  name: `48²×64, ${from} to ${to}`,
  operands: [{ type: from, shape }],
  result: { type: to, shape },
})

export const bench: OperatorBench = { operator: 'cast', cases: [cast('int8', 'int32'), cast('int16', 'int32'), cast('int32', 'int8')] }
