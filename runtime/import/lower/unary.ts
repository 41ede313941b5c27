/** What operators of one tensor share: their check, and their form as a table. */
import type { GraphType } from '../graph.ts'
import { roundHalfEven } from '../scales.ts'
import type { Builder } from './builder.ts'
import { checkActivation, checkOperands, checkSameType, type NodeView } from './rule.ts'

/** Operand and result of one of `types`, int8 where none are given, and of one shape. */
export function checkUnary(view: NodeView, types: readonly GraphType[] = ['int8']): void {
  checkOperands(view, 1, 1)
  const [x, y] = [view.input(0), view.output()]
  checkActivation(view, x, types)
  checkActivation(view, y, types)
  checkSameType(view, x, y)
  if (x.shape.join() !== y.shape.join()) view.refuse(`it makes [${y.shape}] of [${x.shape}]`)
}

/** A lookup of `of(q)`, saturated to int8. */
export function lowerTable(view: NodeView, builder: Builder, of: (q: number) => number): void {
  const values = Int8Array.from({ length: 256 }, (_, index) => Math.min(Math.max(of(index - 128), -128), 127))
  const table = builder.constant(`table of ${view.output().name}`, 'int8', [256], new Uint8Array(values.buffer))
  builder.operator('lookup', [builder.tensor(view.inputIndex(0)), table], builder.tensor(view.outputIndex()))
}

/** XNNPACK scales one int8 with 8 fraction bits of the scale. */
export function xnnpackScaled(value: number, scale: number): number {
  return Math.floor((value * roundHalfEven(scale * 256) + 128) / 256)
}
