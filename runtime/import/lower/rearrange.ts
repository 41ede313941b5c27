/** TRANSPOSE, SPACE_TO_DEPTH, DEPTH_TO_SPACE and PACK. */
import { constantIntegers } from '../graph.ts'
import { reshaped, transpose } from './move.ts'
import { checkMove, checkOperands, checkRank4, type NodeView, type Rule } from './rule.ts'

export const transposeRule: Rule = {
  check(view) {
    checkOperands(view, 2, 2)
    const [x, y] = [view.input(0), view.output()]
    checkMove(view, x, y)
    const order = constantIntegers(view.input(1))
    if (order === undefined) view.refuse('its permutation is not constant', 'a constant of int32')
    else if (order.toSorted((a, b) => a - b).join() !== [...x.shape.keys()].join())
      view.refuse(`it orders [${x.shape}] by [${order}]`, 'a permutation of the dimensions')
    else if (order.map((axis) => x.shape[axis]).join() !== y.shape.join()) view.refuse(`its result has the shape [${y.shape}]`)
  },
  lower(view, builder) {
    const from = builder.tensor(view.inputIndex(0))
    transpose(builder, from, view.input(0).shape, constantIntegers(view.input(1))!, builder.tensor(view.outputIndex()))
  },
}

/** Blocks of pixels become channels, or channels blocks: the same six dimensions, the third and the fourth exchanged. */
const exchanged = [0, 1, 3, 2, 4, 5] as const

/** A rule that goes by six dimensions `of` the operand's shape and the block's size. */
function blocks(of: (shape: readonly number[], block: number) => number[], result: (six: readonly number[]) => number[]): Rule {
  const six = (view: NodeView) => of(view.input(0).shape, view.number('blockSize', 1))
  return {
    check(view) {
      checkOperands(view, 1, 1)
      const [x, y] = [view.input(0), view.output()]
      checkMove(view, x, y)
      checkRank4(view, x)
      checkRank4(view, y)
      if (x.shape.length !== 4) return
      const sizes = six(view)
      const fits = sizes.every((size) => Number.isInteger(size) && size >= 1)
      if (!fits || result(sizes).join() !== y.shape.join())
        view.refuse(`blocks of ${view.number('blockSize')} do not lead from [${x.shape}] to [${y.shape}]`)
    },
    lower(view, builder) {
      const sizes = six(view)
      const from = reshaped(builder, builder.tensor(view.inputIndex(0)), sizes)
      const { type } = builder.tensors[from]!
      const moved = exchanged.map((axis) => sizes[axis]!)
      const between = builder.intermediate(`${view.output().name}, in blocks`, type, moved)
      transpose(builder, from, sizes, exchanged, between)
      builder.operator('reshape', [between], builder.tensor(view.outputIndex()))
    },
  }
}

export const spaceToDepth = blocks(
  ([n, h, w, c], block) => [n!, h! / block, block, w! / block, block, c!],
  ([n, h, blockH, w, blockW, c]) => [n!, h!, w!, blockH! * blockW! * c!],
)

export const depthToSpace = blocks(
  ([n, h, w, c], block) => [n!, h!, w!, block, block, c! / block ** 2],
  ([n, h, w, blockH, blockW, c]) => [n!, h! * blockH!, w! * blockW!, c!],
)

/** Operands of one shape side by side along a new dimension. */
export const pack: Rule = {
  check(view) {
    const { inputs, outputs } = view.node
    if (outputs.length !== 1) view.refuse(`it has ${outputs.length} results, wanted 1`)
    if (inputs.length < 1 || inputs.length > 64) view.refuse(`it has ${inputs.length} operands`, '1 to 64')
    const y = view.output()
    const axis = packedAxis(view)
    for (const operand of inputs.keys()) {
      const x = view.input(operand)
      checkMove(view, x, y)
      if (x.shape.toSpliced(axis, 0, inputs.length).join() !== y.shape.join())
        view.refuse(`operand ${operand} has the shape [${x.shape}], its result [${y.shape}]`)
    }
  },
  lower(view, builder) {
    const shape = view.output().shape.with(packedAxis(view), 1)
    const operands = view.node.inputs.map((index) => reshaped(builder, builder.tensor(index), shape))
    builder.operator('concat', operands, builder.tensor(view.outputIndex()), { axis: packedAxis(view) })
  },
}

function packedAxis(view: NodeView): number {
  const axis = view.number('axis')
  return axis < 0 ? axis + view.output().shape.length : axis
}
