/**
 * The plain interpreter: a model of docs/model-format.md run by the formulas of docs/arithmetic.md, sharing no code with the consensus module.
 * It trusts its model: what the consensus module refuses may give any result here.
 *
 * run(model, inputs)                  values of each model input → values of each model output
 * runBytes(model, input)              the bytes of a run as the module takes and gives them
 * runOperator(model, index, operands) one operator's results
 */
import { concatBytes } from '@noble/hashes/utils.js'
import { type OperatorName, operatorRow } from '../model/operators.ts'
import { bitsFloat, type Model, type Operator, type Rounding } from '../model/types.ts'
import { add } from './add.ts'
import { argMax } from './argMax.ts'
import { averagePool } from './averagePool.ts'
import { cast } from './cast.ts'
import { clamp } from './clamp.ts'
import { concat } from './concat.ts'
import { conv2d } from './conv2d.ts'
import { depthwiseConv2d } from './depthwiseConv2d.ts'
import { floatBinary } from './floatBinary.ts'
import { floatLinear } from './floatLinear.ts'
import { floatNormalize } from './floatNormalize.ts'
import { floatUnary } from './floatUnary.ts'
import { fullyConnected } from './fullyConnected.ts'
import { gather } from './gather.ts'
import { gelu } from './gelu.ts'
import { layerNorm } from './layerNorm.ts'
import { logistic } from './logistic.ts'
import { lookup } from './lookup.ts'
import { lookupPair } from './lookupPair.ts'
import { lstm } from './lstm.ts'
import { matmul } from './matmul.ts'
import { maximum } from './maximum.ts'
import { maxPool } from './maxPool.ts'
import { mean } from './mean.ts'
import { minimum } from './minimum.ts'
import { mul } from './mul.ts'
import { pad } from './pad.ts'
import { pairwise } from './pairwise.ts'
import { prelu } from './prelu.ts'
import { reduceMax } from './reduceMax.ts'
import { reduceMin } from './reduceMin.ts'
import { requantize } from './requantize.ts'
import { reshape } from './reshape.ts'
import { resizeBilinear } from './resizeBilinear.ts'
import { scan } from './scan.ts'
import { select } from './select.ts'
import { slice } from './slice.ts'
import { softmax } from './softmax.ts'
import { sub } from './sub.ts'
import { svdf } from './svdf.ts'
import { tanh } from './tanh.ts'
import {
  emptyValues,
  type Invocation,
  type Scale,
  tensorBytes,
  type Values,
  type ValueTensor,
  valuesBytes,
  valuesFromBytes,
} from './tensor.ts'
import { transpose } from './transpose.ts'
import { treeEnsemble } from './treeEnsemble.ts'

export const evaluate: Readonly<Record<OperatorName, (invocation: Invocation) => void>> = {
  conv2d,
  depthwiseConv2d,
  fullyConnected,
  add,
  mul,
  averagePool,
  maxPool,
  mean,
  pad,
  concat,
  reshape,
  softmax,
  clamp,
  lookup,
  requantize,
  logistic,
  tanh,
  gelu,
  slice,
  transpose,
  gather,
  resizeBilinear,
  argMax,
  reduceMax,
  reduceMin,
  matmul,
  sub,
  minimum,
  maximum,
  prelu,
  svdf,
  lstm,
  layerNorm,
  pairwise,
  select,
  cast,
  scan,
  lookupPair,
  treeEnsemble,
  floatLinear,
  floatBinary,
  floatUnary,
  floatNormalize,
}

/** `trace` sees every operator's results as they arise. */
export function run(model: Model, inputs: readonly Values[], trace?: (index: number, results: readonly Values[]) => void): Values[] {
  const live = new Map<number, Values>()
  for (const [index, { data, type }] of model.tensors.entries()) if (data.length > 0) live.set(index, valuesFromBytes(type, data))
  for (const [position, { tensor }] of model.inputs.entries()) live.set(tensor, inputs[position]!)
  for (const [index, operator] of model.operators.entries()) {
    const results = runOperator(
      model,
      index,
      operator.inputs.map((tensor) => live.get(tensor)!),
    )
    for (const [position, tensor] of operator.outputs.entries()) live.set(tensor, results[position]!)
    trace?.(index, results)
  }
  return model.outputs.map(({ tensor }) => live.get(tensor)!)
}

export function runBytes(model: Model, input: Uint8Array): Uint8Array {
  let at = 0
  const inputs = model.inputs.map(({ tensor }) => {
    const from = model.tensors[tensor]!
    const bytes = tensorBytes(from)
    at += bytes
    return valuesFromBytes(from.type, input.subarray(at - bytes, at))
  })
  return concatBytes(...run(model, inputs).map(valuesBytes))
}

export function runOperator(model: Model, index: number, operands: readonly Values[]): Values[] {
  const operator = model.operators[index]!
  const tensors = operator.inputs.map((tensor, position): ValueTensor => ({ ...model.tensors[tensor]!, values: operands[position]! }))
  const results = operator.outputs.map((tensor): ValueTensor => {
    const { type, shape } = model.tensors[tensor]!
    return { type, shape, values: emptyValues(type, shape) }
  })
  evaluate[operator.name]({
    attributes: namedAttributes(operator, tensors[0]!),
    scales: scalesOf(operator, isIntegerForm(operator, tensors, results) && model.rounding === 'fp32' ? 'double' : model.rounding),
    operands: tensors,
    rounding: model.rounding,
    result: results[0]!,
    results,
  })
  return results.map(({ values }) => values)
}

/** Whether an operator's types make its requantization one in integer form in every rounding mode. */
function isIntegerForm({ name }: Operator, operands: readonly ValueTensor[], results: readonly ValueTensor[]): boolean {
  const isInt16 = [...operands, ...results].some(({ type }) => type === 'int16')
  return isInt16 || (name === 'requantize' && results[0]!.type === 'int32')
}

function namedAttributes({ name, attributes }: Operator, x: ValueTensor): Record<string, number> {
  const row = operatorRow(name)
  const names: string[] = [...row.attributes]
  for (const axis of x.shape.keys()) names.push(...(row.perDimension ?? []).map((attribute) => `${attribute}${axis}`))
  return Object.fromEntries(attributes.map((value, position) => [names[position]!, value]))
}

/** fp32 keeps float32 bits, except in the operators whose requantization is in integer form in every mode. */
function scalesOf({ name, multipliers, shifts }: Operator, rounding: Rounding): Scale[] {
  const { requantization } = operatorRow(name)
  if (rounding === 'fp32' && (requantization === 'one' || requantization === 'perChannel'))
    return multipliers.map((bits) => ({ mode: 'fp32', multiplier: bitsFloat(bits), shift: 0 }))
  const mode = rounding === 'single' ? 'single' : 'double'
  // add in fp32 has one shift for both multipliers.
  return multipliers.map((multiplier, position) => ({ mode, multiplier, shift: shifts[position] ?? shifts[0]! }))
}
