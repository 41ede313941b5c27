import type { CompositeNode, Decompose } from './composite.ts'

/** Sum, Max, Min and Mean of any number of operands as a chain of twos. */
export const sum: Decompose = (node) => joined(node, 'Add')
export const max: Decompose = (node) => (node.operands === 2 ? undefined : joined(node, 'Max'))
export const min: Decompose = (node) => (node.operands === 2 ? undefined : joined(node, 'Min'))
export const mean: Decompose = (node) => node.emit('Mul', [joined(node, 'Add'), node.floats([1 / node.operands], [])])

function joined(node: CompositeNode, op: string): string {
  return node.node.inputs.reduce((sum, operand) => node.emit(op, [sum, operand]))
}
