/** SVDF on int8, its state an operand and a result (../tflite/state.ts). */
import { integerEntries, quantizeMultiplier } from '../scales.ts'
import { affine } from './affine.ts'
import { checkActivation, checkNumbers, checkRank, type NodeView, type Rule } from './rule.ts'

const x = 0
const feature = 1
const time = 2
const bias = 3
const state = 4

export const svdf: Rule = {
  check(view) {
    if (view.node.inputs.length !== 5 || view.node.outputs.length !== 2)
      view.refuse(`it has ${view.node.inputs.length} operands`, '5, of which the last is its state')
    checkActivation(view, view.input(x))
    checkActivation(view, view.output())
    checkWeights(view, feature, ['int8'])
    checkWeights(view, time, ['int8', 'int16'])
    if (view.input(state).type === 'int16') checkActivation(view, view.input(state), ['int16'])
    else checkNumbers(view, view.input(state), ['int8'])
    if (view.input(state).type !== view.input(time).type) view.refuse('its state has another type than its weights of time', 'one type')
    for (const operand of [x, feature, time, state]) checkRank(view, view.input(operand), 2)
    const activation = view.text('activation', 'NONE')
    if (activation !== 'RELU' && activation !== 'NONE') view.refuse(`it has the fused activation ${activation}`, 'RELU')
    if (view.has(bias) && (view.input(bias).type !== 'int32' || view.input(bias).data === undefined))
      view.refuse(`its bias "${view.input(bias).name}" is not a constant of int32`)
    checkShapes(view)
  },
  lower(view, builder) {
    const [from, through, to] = [affine(view.input(x)), affine(view.input(state)), affine(view.output())]
    const real = [
      (from.scale * affine(view.input(feature)).scale) / through.scale,
      (through.scale * affine(view.input(time)).scale) / to.scale,
    ]
    const operands = [x, feature, time, state, ...(view.has(bias) ? [bias] : [])].map((operand) => builder.tensor(view.inputIndex(operand)))
    builder.operator(
      'svdf',
      operands,
      [builder.tensor(view.outputIndex()), builder.tensor(view.outputIndex(1))],
      { rank: view.number('rank', 1), xZero: from.zero, stateZero: through.zero, yZero: to.zero, yMin: -128, yMax: 127 },
      integerEntries(real.map(quantizeMultiplier)),
    )
  },
}

function checkWeights(view: NodeView, operand: number, types: readonly ('int8' | 'int16')[]): void {
  const weights = view.input(operand)
  checkActivation(view, weights, types)
  if (weights.data === undefined) view.refuse(`its weights "${weights.name}" are not constant`, 'constant weights')
  if (affine(weights).zero !== 0) view.refuse(`its weights "${weights.name}" have a zero point`, 'a zero point of 0')
}

function checkShapes(view: NodeView): void {
  const [batch, inputs] = view.input(x).shape
  const [filters = 0, depth] = view.input(feature).shape
  const [rows, steps = 0] = view.input(time).shape
  const rank = view.number('rank', 1)
  const wanted = `[${batch},${filters * steps}]`
  if (depth !== inputs || rows !== filters || !(rank >= 1) || filters % rank !== 0)
    view.refuse(`weights [${filters},${depth}] and [${rows},${steps}] of rank ${rank} do not take [${view.input(x).shape}]`)
  else if (`[${view.input(state).shape}]` !== wanted) view.refuse(`its state has the shape [${view.input(state).shape}]`, wanted)
  else if (view.output().shape.join() !== [batch, filters / rank].join()) view.refuse(`its result has the shape [${view.output().shape}]`)
  else if (view.has(bias) && view.input(bias).shape.join() !== `${filters / rank}`)
    view.refuse(`its bias has the shape [${view.input(bias).shape}]`)
}
