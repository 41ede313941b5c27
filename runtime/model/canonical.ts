/**
 * Canonical order (docs/model-format.md, "Canonical form"): operators in depth-first post-order from the outputs, tensors in order of first
 * mention; what no output needs disappears.
 */
import { ModelError } from './errors.ts'
import type { Model } from './types.ts'

/** `tensors`, `operators`: the old index of each new one. */
export type Canonical = { readonly model: Model; readonly tensors: readonly number[]; readonly operators: readonly number[] }

/** @throws ModelError `order` where the graph has a cycle or two producers of one tensor, `port` where an output has no producer. */
export function canonicalize(model: Model): Canonical {
  const operators = operatorOrder(model)
  const tensors: number[] = []
  const renumbered = new Map<number, number>()
  const mention = (tensor: number): number => {
    const known = renumbered.get(tensor)
    if (known !== undefined) return known
    renumbered.set(tensor, tensors.length)
    tensors.push(tensor)
    return tensors.length - 1
  }
  const inputs = model.inputs.map((port) => ({ ...port, tensor: mention(port.tensor) }))
  const ordered = operators.map((index) => {
    const operator = model.operators[index]!
    return { ...operator, inputs: operator.inputs.map(mention), outputs: operator.outputs.map(mention) }
  })
  const outputs = model.outputs.map((port) => ({ ...port, tensor: mention(port.tensor) }))
  return {
    model: { ...model, tensors: tensors.map((index) => model.tensors[index]!), operators: ordered, inputs, outputs },
    tensors,
    operators,
  }
}

/** Depth-first without recursion, so that a long chain is no deep stack. */
function operatorOrder(model: Model): number[] {
  const producers = new Map<number, number>()
  for (const [index, { outputs }] of model.operators.entries())
    for (const tensor of outputs) {
      if (producers.has(tensor)) throw new ModelError('order', `tensor ${tensor} is the result of two operators`)
      producers.set(tensor, index)
    }
  const order: number[] = []
  const state = new Map<number, 'open' | 'placed'>()
  for (const { tensor } of model.outputs) {
    const last = producers.get(tensor)
    if (last === undefined) throw new ModelError('port', `output tensor ${tensor} is the result of no operator`)
    const stack = [{ operator: last, operand: 0 }]
    while (stack.length > 0) {
      const top = stack.at(-1)!
      if (top.operand === 0) {
        if (state.get(top.operator) === 'placed') {
          stack.pop()
          continue
        }
        if (state.get(top.operator) === 'open') throw new ModelError('order', `operator ${top.operator} needs its own result`)
        state.set(top.operator, 'open')
      }
      const inputs = model.operators[top.operator]!.inputs
      if (top.operand === inputs.length) {
        state.set(top.operator, 'placed')
        order.push(top.operator)
        stack.pop()
        continue
      }
      const producer = producers.get(inputs[top.operand]!)
      top.operand += 1
      if (producer !== undefined && state.get(producer) !== 'placed') stack.push({ operator: producer, operand: 0 })
    }
  }
  return order
}
