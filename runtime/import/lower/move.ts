/** The movements that the rules share, in the artifact's operators. `from` and `to` are the artifact's tensors. */
import { integerBytes } from '../graph.ts'
import type { Builder } from './builder.ts'

/** The part of a dimension that a slice takes. */
export type Part = { readonly begin: number; readonly stride: number; readonly size: number }

/** `parts`: of each dimension of `shape`. All of it is a reshape, which costs nothing where it can share its operand's buffer. */
export function slice(builder: Builder, from: number, shape: readonly number[], parts: readonly Part[], to: number): void {
  if (parts.every(({ stride, size }, axis) => stride === 1 && size === shape[axis])) {
    builder.operator('reshape', [from], to)
    return
  }
  const attributes = parts.flatMap(({ begin, stride, size }, axis) => [
    [`begin${axis}`, begin] as const,
    // The stride of a single element says nothing.
    [`stride${axis}`, size === 1 ? 1 : stride] as const,
  ])
  builder.operator('slice', [from], to, Object.fromEntries(attributes))
}

/** Dimension i of the result is dimension order[i] of `shape`. Where only dimensions of 1 move it is a reshape. */
export function transpose(builder: Builder, from: number, shape: readonly number[], order: readonly number[], to: number): void {
  const moving = order.filter((axis) => shape[axis] !== 1)
  if (moving.every((axis, at) => at === 0 || axis > moving[at - 1]!)) builder.operator('reshape', [from], to)
  else builder.operator('transpose', [from], to, Object.fromEntries(order.map((axis, at) => [`from${at}`, axis])))
}

/** Slices of `from` along `axis`, in the order of constant indices. */
export function gather(builder: Builder, from: number, axis: number, indices: readonly number[], to: number): void {
  const constant = builder.constant('indices', 'int32', [indices.length], integerBytes(indices))
  builder.operator('gather', [from, constant], to, { axis })
}

/** One gather for each dimension that has indices; without any a reshape. */
export function gatherEach(
  builder: Builder,
  from: number,
  shape: readonly number[],
  indices: ReadonlyMap<number, readonly number[]>,
  to: number,
): void {
  const { type } = builder.tensors[from]!
  let [last, size] = [from, [...shape]]
  const axes = [...indices.keys()]
  for (const [at, axis] of axes.entries()) {
    size = size.with(axis, indices.get(axis)!.length)
    const next = at === axes.length - 1 ? to : builder.intermediate(`${builder.tensorNames[to]}, dimension ${axis}`, type, size)
    gather(builder, last, axis, indices.get(axis)!, next)
    last = next
  }
  if (axes.length === 0) builder.operator('reshape', [from], to)
}

/** The same elements under another shape, as a tensor of its own. */
export function reshaped(builder: Builder, from: number, shape: readonly number[]): number {
  const { type, shape: own } = builder.tensors[from]!
  if (own.join() === shape.join()) return from
  const to = builder.intermediate(`${builder.tensorNames[from]}, reshaped`, type, shape)
  builder.operator('reshape', [from], to)
  return to
}
