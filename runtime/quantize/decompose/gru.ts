import type { Decompose } from './composite.ts'
import { activated, gatesOf, recurrence, sumOf, unrolled } from './recurrent.ts'

const [update, reset, candidate] = [0, 1, 2]

/** The gates update z, reset r and candidate n: H = n + z · (H − n). */
export const gru: Decompose = (node) => {
  const isLinear = node.int('linear_before_reset', 0) !== 0
  return unrolled(
    node,
    3,
    ['Sigmoid', 'Tanh'],
    (_, direction, x, { hidden }) => {
      const both = sumOf(node, gatesOf(node, direction, x, update, 2), recurrence(node, direction, hidden, update, 2))
      const open = activated(node, direction, 0, both)
      const [z, r] = [gatesOf(node, direction, open, update), gatesOf(node, direction, open, reset)]
      const recurrentBias = direction.bias[1].slice(candidate * direction.units)
      const before = isLinear
        ? node.emit('Mul', [r, recurrence(node, direction, hidden, candidate, 1, recurrentBias)!])
        : recurrence(node, direction, hidden === undefined ? undefined : node.emit('Mul', [r, hidden]), candidate, 1)
      const n = activated(node, direction, 1, sumOf(node, gatesOf(node, direction, x, candidate), before))
      if (hidden === undefined) return { hidden: node.emit('Sub', [n, node.emit('Mul', [z, n])]) }
      return { hidden: node.emit('Add', [n, node.emit('Mul', [z, node.emit('Sub', [hidden, n])])]) }
    },
    (gate) => gate !== candidate || !isLinear,
  )
}
