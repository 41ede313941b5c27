import type { Decompose } from './composite.ts'
import { activated, recurrence, sumOf, unrolled } from './recurrent.ts'

/** H = f(X·Wᵀ + H·Rᵀ + b). */
export const rnn: Decompose = (node) =>
  unrolled(node, 1, ['Tanh'], (_, direction, x, { hidden }) => ({
    hidden: activated(node, direction, 0, sumOf(node, x, recurrence(node, direction, hidden, 0, 1))),
  }))
