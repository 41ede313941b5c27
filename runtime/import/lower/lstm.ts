/**
 * UNIDIRECTIONAL_SEQUENCE_LSTM on int8 and int16, its states operands and results (../tflite/state.ts). The arithmetic is that of TFLite
 * Micro, in every rounding mode.
 */
import type { GraphTensor } from '../graph.ts'
import { integerEntries, nearestPower, quantizeMultiplier } from '../scales.ts'
import { affine } from './affine.ts'
import type { Builder } from './builder.ts'
import { checkActivation, checkRank, type NodeView, type Rule } from './rule.ts'

// Operands; the gates are input, forget, cell, output.
const x = 0
const inputWeights = [1, 2, 3, 4] as const
const recurrentWeights = [5, 6, 7, 8] as const
const biases = [12, 13, 14, 15] as const
const hidden = 18
const cell = 19
/** Peepholes, projection and layer normalization. */
const variants = [9, 10, 11, 16, 17, 20, 21, 22, 23] as const

const types = ['int8', 'int16'] as const

export const lstm: Rule = {
  check(view) {
    const isUsual = [x, ...inputWeights, ...recurrentWeights, ...biases, hidden, cell].every((operand) => view.has(operand))
    if (!isUsual || variants.some((operand) => view.has(operand)) || view.node.outputs.length !== 3) {
      view.refuse('it has peepholes, a projection, layer normalization or coupled gates', 'the LSTM of Keras')
      return
    }
    checkNumbers(view)
    checkShapes(view)
    if (view.text('activation', 'NONE') !== 'TANH') view.refuse(`its activation is ${view.text('activation', 'NONE')}`, 'TANH')
    const power = nearestPower(affine(view.input(cell)).scale)
    if (power === undefined || power < -24 || power > 1)
      view.refuse(`the scale ${affine(view.input(cell)).scale} of its cell is no power of two between 2^-24 and 2`, 'such a power')
  },
  lower(view, builder) {
    const [from, to] = [view.input(x), view.input(hidden)]
    const units = view.input(inputWeights[0]).shape[0]!
    const isWide = from.type === 'int16'
    const operands = [
      builder.tensor(view.inputIndex(x)),
      stacked(view, builder, 'input weights', inputWeights, 'int8', [4, units, from.shape[2]!]),
      stacked(view, builder, 'recurrent weights', recurrentWeights, 'int8', [4, units, units]),
      stacked(view, builder, 'biases', biases, 'int32', isWide ? [4, units, 2] : [4, units]),
      builder.tensor(view.inputIndex(hidden)),
      builder.tensor(view.inputIndex(cell)),
    ]
    const attributes = {
      timeFirst: view.flag('timeMajor') ? 1 : 0,
      xZero: affine(from).zero,
      hiddenZero: affine(to).zero,
      cellClip: cellClip(view),
    }
    const results = [0, 1, 2].map((result) => builder.tensor(view.outputIndex(result)))
    builder.operator('lstm', operands, results, attributes, integerEntries(scales(view).map(quantizeMultiplier)))
  },
}

function checkNumbers(view: NodeView): void {
  for (const tensor of [view.input(x), view.input(hidden), view.output()]) {
    checkActivation(view, tensor, types)
    if (tensor.type !== view.input(x).type) view.refuse(`tensor "${tensor.name}" is ${tensor.type}`, view.input(x).type)
  }
  checkActivation(view, view.input(cell), ['int16'])
  for (const operand of [...inputWeights, ...recurrentWeights]) {
    const weights = view.input(operand)
    checkActivation(view, weights)
    if (weights.data === undefined || affine(weights).zero !== 0)
      view.refuse(`its weights "${weights.name}" are not constant with a zero point of 0`)
  }
  const wanted = view.input(x).type === 'int16' ? 'int64' : 'int32'
  for (const operand of biases) {
    const bias = view.input(operand)
    if (bias.type !== wanted || bias.data === undefined) view.refuse(`its bias "${bias.name}" is not a constant of ${wanted}`)
  }
}

function checkShapes(view: NodeView): void {
  checkRank(view, view.input(x), 3)
  const [first, second, inputs] = view.input(x).shape
  const batch = view.flag('timeMajor') ? second : first
  const units = view.input(inputWeights[0]).shape[0]
  const wanted: readonly (readonly [GraphTensor, string])[] = [
    ...inputWeights.map((operand) => [view.input(operand), `${units},${inputs}`] as const),
    ...recurrentWeights.map((operand) => [view.input(operand), `${units},${units}`] as const),
    ...biases.map((operand) => [view.input(operand), `${units}`] as const),
    [view.input(hidden), `${batch},${units}`],
    [view.input(cell), `${batch},${units}`],
    [view.output(), `${first},${second},${units}`],
  ]
  for (const [{ name, shape }, size] of wanted)
    if (shape.join() !== size) view.refuse(`tensor "${name}" has the shape [${shape}]`, `[${size}]`)
}

/** Constants of the gates one after the other. */
function stacked(
  view: NodeView,
  builder: Builder,
  name: string,
  operands: readonly number[],
  type: 'int8' | 'int32',
  shape: number[],
): number {
  const data = Uint8Array.from(operands.flatMap((operand) => [...view.input(operand).data!]))
  return builder.constant(`${name} of ${view.output().name}`, type, shape, data)
}

/** Of the gates before and after their functions. */
const gateScale = 2 ** -12
const openScale = 2 ** -15

/** In the order of the artifact's operator. */
function scales(view: NodeView): number[] {
  const [from, to] = [affine(view.input(x)).scale, affine(view.input(hidden)).scale]
  const cellScale = affine(view.input(cell)).scale
  const gates = (scale: number, weights: readonly number[]) =>
    weights.map((operand) => Math.fround(scale * affine(view.input(operand)).scale) / gateScale)
  return [
    ...gates(from, inputWeights),
    ...gates(to, recurrentWeights),
    openScale,
    (openScale * openScale) / cellScale,
    (openScale * openScale) / to,
    3 * 2 ** (12 + nearestPower(cellScale)!),
  ]
}

/** 0 where there is none. */
function cellClip(view: NodeView): number {
  const clip = view.number('cellClip')
  return clip > 0 ? Math.trunc(Math.min(clip / affine(view.input(cell)).scale, 32767)) : 0
}
