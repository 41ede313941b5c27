/** Operators that only move values: RESHAPE and its kin, PAD, PADV2, CONCATENATION. */
import type { TensorType } from '../../model/types.ts'
import { constantIntegers, elementCount, type GraphTensor } from '../graph.ts'
import { checkActivationFunction } from './activation.ts'
import { affine, sameAffine } from './affine.ts'
import type { Builder } from './builder.ts'
import { requantizeTo } from './quantize.ts'
import { checkMovable, checkMove, checkOperands, checkSameType, type NodeView, type Rule } from './rule.ts'

/** RESHAPE, SQUEEZE, EXPAND_DIMS: the result's shape says all. */
export const reshape: Rule = {
  check(view) {
    checkOperands(view, 1, 2)
    const [x, y] = [view.input(0), view.output()]
    checkMove(view, x, y)
    if (elementCount(x.shape) !== elementCount(y.shape)) view.refuse(`it makes [${y.shape}] of [${x.shape}]`, 'equal element counts')
    const wanted = view.node.op === 'RESHAPE' && view.has(1) ? view.input(1) : undefined
    if (wanted !== undefined && !leadsTo(constantIntegers(wanted), y.shape))
      view.refuse(`its shape operand "${wanted.name}" is not constant, or is not the result's shape`, 'a constant shape')
  },
  lower(view, builder) {
    builder.operator('reshape', [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()))
  },
}

/** −1 stands for what the other dimensions leave. */
function leadsTo(dimensions: readonly number[] | undefined, shape: readonly number[]): boolean {
  return (
    dimensions !== undefined && dimensions.length === shape.length && dimensions.every((size, axis) => size === shape[axis] || size === -1)
  )
}

export const pad: Rule = {
  check(view) {
    const hasValue = view.node.op === 'PADV2'
    checkOperands(view, hasValue ? 3 : 2, hasValue ? 3 : 2)
    const [x, y] = [view.input(0), view.output()]
    checkMove(view, x, y)
    const paddings = constantIntegers(view.input(1))
    if (paddings === undefined) view.refuse('its paddings are not constant', 'a constant of int32')
    else if (paddings.length !== 2 * x.shape.length || paddings.some((size) => size < 0))
      view.refuse(`it pads [${x.shape}] by [${paddings}]`)
    else if (x.shape.map((size, axis) => size + paddings[2 * axis]! + paddings[2 * axis + 1]!).join() !== y.shape.join())
      view.refuse(`its result has the shape [${y.shape}]`)
    if (!hasValue) return
    const value = view.input(2)
    if (value.type !== x.type || value.data === undefined || elementCount(value.shape) !== 1)
      view.refuse(`its padding value is not a constant of ${x.type}`, `a constant of ${x.type}`)
    else if (!sameAffine(value, x)) view.refuse('its padding value has another scale or zero point than its operand')
  },
  lower(view, builder) {
    const paddings = constantIntegers(view.input(1))!
    const value = view.node.op === 'PADV2' ? constantNumber(view.input(2)) : affine(view.input(0)).zero
    const attributes: Record<string, number> = { value }
    for (const axis of view.input(0).shape.keys()) {
      attributes[`before${axis}`] = paddings[2 * axis]!
      attributes[`after${axis}`] = paddings[2 * axis + 1]!
    }
    builder.operator('pad', [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()), attributes)
  },
}

/** The first number of a constant. */
function constantNumber({ type, data }: GraphTensor): number {
  const view = new DataView(data!.buffer, data!.byteOffset, data!.byteLength)
  if (type === 'int32') return view.getInt32(0, true)
  return type === 'int16' ? view.getInt16(0, true) : view.getInt8(0)
}

export const concat: Rule = {
  check(view) {
    const { inputs, outputs } = view.node
    if (outputs.length !== 1) view.refuse(`it has ${outputs.length} results, wanted 1`)
    if (inputs.length < 1 || inputs.length > 64) view.refuse(`it has ${inputs.length} operands`, '1 to 64')
    const y = view.output()
    checkMovable(view, y)
    if (view.text('activation', 'NONE') !== 'NONE') checkActivationFunction(view)
    if (view.text('activation', 'NONE') !== 'NONE') view.refuse('it has a fused activation', 'a separate activation')
    const axis = axisOf(view)
    let length = 0
    if (y.stored === 'uint8' && view.node.inputs.some((_, operand) => !sameAffine(view.input(operand), y)))
      view.refuse('its uint8 operands differ in scale or zero point from its result', 'one scale and zero point for all')
    for (const operand of inputs.keys()) {
      const x = view.input(operand)
      checkMovable(view, x)
      checkSameType(view, x, y)
      if (y.type !== 'int8' && y.type !== 'int16' && !sameAffine(x, y)) view.refuse(`operand ${operand} differs in scale or zero point`)
      if (x.shape.length !== y.shape.length || x.shape.some((size, at) => at !== axis && size !== y.shape[at]))
        view.refuse(`operand ${operand} has the shape [${x.shape}], its result [${y.shape}]`)
      length += x.shape[axis] ?? 0
    }
    if (length !== y.shape[axis]) view.refuse(`its operands do not fill dimension ${axis} of its result [${y.shape}]`)
  },
  lower(view, builder) {
    const operands = view.node.inputs.map((_, operand) => scaledOperand(view, builder, operand))
    builder.operator('concat', operands, builder.tensor(view.outputIndex()), { axis: axisOf(view) })
  },
}

function axisOf(view: NodeView): number {
  const axis = view.number('axis')
  return axis < 0 ? axis + view.output().shape.length : axis
}

/** An operand of another scale or zero point than the result is brought to it first. */
function scaledOperand(view: NodeView, builder: Builder, operand: number): number {
  const [x, y] = [view.input(operand), view.output()]
  if (sameAffine(x, y)) return builder.tensor(view.inputIndex(operand))
  const scaled = builder.intermediate(`${x.name}, rescaled`, y.type as TensorType, x.shape)
  requantizeTo(builder, x, builder.tensor(view.inputIndex(operand)), y, scaled)
  return scaled
}
