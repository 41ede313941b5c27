/** ArgMax, ArgMin: of dequantized int8 the same index as of the int8 themselves. */
import { permutationIn } from '../emitter.ts'
import { permutedLayout } from '../layout.ts'
import type { NodeView, Rule } from '../node.ts'
import type { Activation } from '../value.ts'

export const argMax: Rule = (node) => argument(node, 0)
export const argMin: Rule = (node) => argument(node, 1)

function argument(node: NodeView, smallest: 0 | 1): ReturnType<Rule> {
  const value = node.value(0)
  const x: Activation = value.kind === 'activation' ? value : node.plain(0).x
  const axis = node.axis(node.int('axis', 0), x.shape.length)
  const keep = node.int('keepdims', 1) !== 0
  const last = node.int('select_last_index', 0) === 0 ? 0 : 1
  const kept = x.shape.map((size, dimension) => (dimension === axis ? 1 : size))
  const shape = keep ? kept : x.shape.filter((_, dimension) => dimension !== axis)
  const emit = () => {
    const emitter = node.begin()
    const order = permutationIn(x)
    const input = emitter.arrange(
      x,
      order.map((dimension) => [dimension]),
    )
    const after = order.filter((dimension) => keep || dimension !== axis)
    // Dimensions behind the one that goes count one less.
    const renumbered = keep ? after : after.map((dimension) => (dimension > axis ? dimension - 1 : dimension))
    const layout = permutedLayout(shape, renumbered)
    const y = emitter.placeAs(
      node.node.outputs[0]!,
      'int32',
      shape,
      layout,
      after.map((dimension) => kept[dimension]!),
    )
    emitter.operator('argMax', [input], y, { axis: order.indexOf(axis), smallest, last })
    return y
  }
  return { kind: 'accumulator', source: 'int64', shape, emit }
}
