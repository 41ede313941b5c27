import { pairwiseKinds } from '../../runtime/model/operators.ts'
import type { BenchCase, OperatorBench } from '../one-operator.ts'

const shape = [48, 48, 64]

function pairs(kind: keyof typeof pairwiseKinds, type: 'int8' | 'int32', b: readonly number[] = shape): BenchCase {
  return {
    name: `${kind} of 48²×64${b === shape ? '' : ` and ${b}`} of ${type}`,
    operands: [
      { type, shape },
      { type, shape: b },
    ],
    result: { type: pairwiseKinds[kind] >= pairwiseKinds.equal ? 'int8' : type, shape },
    attributes: [pairwiseKinds[kind]],
  }
}

export const bench: OperatorBench = {
  operator: 'pairwise',
  cases: [
    pairs('add', 'int8'),
    pairs('add', 'int32'),
    pairs('multiply', 'int32', [64]),
    pairs('shiftRight', 'int32'),
    pairs('quotient', 'int32'),
    pairs('modulo', 'int8'),
    pairs('equal', 'int8'),
    pairs('less', 'int32', [1]),
  ],
}
