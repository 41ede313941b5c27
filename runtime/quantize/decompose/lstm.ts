import type { Decompose } from './composite.ts'
import { activated, gatesOf, recurrence, sumOf, unrolled } from './recurrent.ts'

const [input, output, forget, cellGate] = [0, 1, 2, 3]

/** The gates input, output, forget and cell: C = f · C + i · c, H = o · tanh(C). */
export const lstm: Decompose = (node) => {
  if (node.has(7) && node.numbers(7).some((value) => value !== 0)) node.refuse('it has peepholes', 'an LSTM without')
  if (node.int('input_forget', 0) !== 0) node.refuse('it couples its input and forget gates', 'input_forget = 0')
  return unrolled(node, 4, ['Sigmoid', 'Tanh', 'Tanh'], (_, direction, x, { hidden, cell }) => {
    const sums = sumOf(node, x, recurrence(node, direction, hidden, input, 4))
    const open = activated(node, direction, 0, gatesOf(node, direction, sums, input, 3))
    const gate = (index: number) => gatesOf(node, direction, open, index)
    const added = node.emit('Mul', [gate(input), activated(node, direction, 1, gatesOf(node, direction, sums, cellGate))])
    const next = cell === undefined ? added : node.emit('Add', [node.emit('Mul', [gate(forget), cell]), added])
    return { hidden: node.emit('Mul', [gate(output), node.emit(direction.activations[2]!, [next])]), cell: next }
  })
}
