import type { OperatorBench } from '../one-operator.ts'

type Type = 'int8' | 'int16'

/** `repeat`: 1 where each element of a row has its own factor. */
function rows(count: number, length: number, from: Type, to: Type, centred: 0 | 1, factors = length): OperatorBench['cases'][number] {
  const [low, high] = to === 'int16' ? [-32768, 32767] : [-128, 127]
  return {
    name: `${count}×${length}${from === 'int16' ? ' of int16' : ''}${to === from ? '' : ` to ${to}`}${centred ? '' : ', not centred'}${factors === length ? '' : `, ${factors} factors`}`,
    operands: [
      { type: from, shape: [count, length] },
      { type: 'int32', shape: [factors], constant: true },
      { type: 'int32', shape: [factors], constant: true },
    ],
    result: { type: to, shape: [count, length] },
    attributes: [centred, factors === length ? 1 : length, 0, 1, 0, 20, 0, low, high],
  }
}

export const bench: OperatorBench = {
  operator: 'layerNorm',
  cases: [
    rows(128, 768, 'int8', 'int8', 1),
    rows(128, 768, 'int16', 'int16', 1),
    rows(128, 768, 'int16', 'int8', 0),
    rows(4096, 8, 'int8', 'int8', 1),
    rows(4096, 1, 'int8', 'int8', 1),
    rows(64, 3136, 'int8', 'int8', 1, 64),
  ],
}
