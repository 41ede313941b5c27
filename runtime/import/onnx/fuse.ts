/** Clamps that follow an operator with bounds of its own become those bounds. */
import { operatorRow } from '../../model/operators.ts'
import type { Model, Operator } from '../../model/types.ts'

type Named = { readonly operator: Operator; readonly name: string }

/** Gives the operators and their sources' names without the clamps that another operator can do. */
export function fuseClamps(model: Model, names: readonly string[]): { operators: Operator[]; names: string[] } {
  const readers = new Map<number, number>()
  const read = (tensor: number) => readers.set(tensor, (readers.get(tensor) ?? 0) + 1)
  for (const { inputs } of model.operators) for (const tensor of inputs) read(tensor)
  for (const { tensor } of model.outputs) read(tensor)
  const kept: Named[] = []
  const producers = new Map<number, number>()
  for (const [index, operator] of model.operators.entries()) {
    const name = names[index]!
    const before = operator.name === 'clamp' ? producers.get(operator.inputs[0]!) : undefined
    const fused = before === undefined || readers.get(operator.inputs[0]!) !== 1 ? undefined : bounded(kept[before]!.operator, operator)
    if (before !== undefined && fused !== undefined) kept[before] = { operator: fused, name: kept[before]!.name }
    else kept.push({ operator, name })
    for (const tensor of operator.outputs) producers.set(tensor, fused === undefined ? kept.length - 1 : before!)
  }
  return { operators: kept.map(({ operator }) => operator), names: kept.map(({ name }) => name) }
}

/** An operator with a clamp's result and bounds; undefined where it has no bounds. */
function bounded(operator: Operator, clamp: Operator): Operator | undefined {
  const { attributes } = operatorRow(operator.name)
  const at = attributes.indexOf('yMin')
  if (at < 0) return undefined
  const [low, high] = clamp.attributes as [number, number]
  const within = (value: number) => Math.min(Math.max(value, low), high)
  const values = [...operator.attributes]
  values[at] = within(values[at]!)
  values[at + 1] = within(values[at + 1]!)
  return { ...operator, outputs: clamp.outputs, attributes: values }
}
