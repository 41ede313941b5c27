import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { canonicalize } from '../../runtime/model/canonical.ts'
import { type OperatorName, operatorRow } from '../../runtime/model/operators.ts'
import { encodeModel, type Model, type Tensor } from '../../runtime/model/types.ts'
import { executors } from '../suites/expected-bytes.ts'

/**
 * Kernel tests of CMSIS-NN (double rounding): sizes by their C names less the prefix, arrays by their C names less the prefix. `type`: of the
 * activations. Weights of 4 bits stand two to a byte, the low one first.
 */
type Vectors = Record<string, { defines: Record<string, number | string>; arrays: Record<string, { type: string; data: number[] }> }>
type Kernel = {
  type: 'int8' | 'int16'
  size: (name: string) => number
  array: (name: string) => number[]
  arrayType: (name: string) => string | undefined
  has: (name: string) => boolean
  hasNibbles: boolean
}

const folder = join(import.meta.dirname, '../../../shared/models/cmsis_nn_vectors')
if (!existsSync(folder)) console.log(`no ${folder}: the kernel vectors of CMSIS-NN are not compared`)

function readVectors(file: string): Vectors {
  const path = join(folder, `${file}.json.gz`)
  return existsSync(path) ? JSON.parse(gunzipSync(readFileSync(path)).toString()) : {}
}

const arrays = { int8: Int8Array, int16: Int16Array, int32: Int32Array } as const

const numbers = (type: keyof typeof arrays, shape: number[], data?: number[]): Tensor => ({
  type,
  shape,
  data: data === undefined ? new Uint8Array() : new Uint8Array(arrays[type].from(data).buffer),
})
const int8 = (shape: number[], data?: number[]): Tensor => numbers('int8', shape, data)

/** A bias of int32, or of int64 in words. */
function biasOf({ array, arrayType }: Kernel, name: string): Tensor {
  const values = array(name)
  if (arrayType(name) !== 'int64_t') return numbers('int32', [values.length], values)
  return numbers('int32', [values.length, 2], values.flatMap(words))
}

const words = (value: number): number[] => [value | 0, Math.floor(value / 2 ** 32)]

/** A model of one operator: operands, of which those without data are its inputs, and results. */
function single(
  name: OperatorName,
  operands: Tensor[],
  results: Tensor[],
  attributes: Record<string, number>,
  scales: [number[], number[]] = [[], []],
): Model {
  const tensors = [...operands, ...results]
  const outputs = results.map((_, index) => operands.length + index)
  const operator = {
    name,
    inputs: [...operands.keys()],
    outputs,
    attributes: operatorRow(name).attributes.flatMap((attribute) => (attribute in attributes ? [attributes[attribute]!] : [])),
    multipliers: scales[0],
    shifts: scales[1],
  }
  const port = (tensor: number) => ({ tensor, scale: 0, zeroPoint: 0 })
  const inputs = [...operands.entries()].flatMap(([index, { data }]) => (data.length === 0 ? [port(index)] : []))
  return canonicalize({ rounding: 'double', tensors, operators: [operator], inputs, outputs: outputs.map(port) }).model
}

function after(out: number, stride: number, kernel: number, size: number, before: number): number {
  return Math.max((out - 1) * stride + kernel - size - before, 0)
}

/** Strides and padding; `kernelH`, `kernelW` with their dilation, `suffixes` how the sizes are called. */
function windows(
  { size, has }: Kernel,
  kernelH: number,
  kernelW: number,
  [h, w, outH, outW]: readonly [string, string, string, string],
): Record<string, number> {
  const [strideH, strideW] = has('STRIDE_Y') ? [size('STRIDE_Y'), size('STRIDE_X')] : [size('STRIDE_H'), size('STRIDE_W')]
  const [padTop, padLeft] = has('PAD_Y') ? [size('PAD_Y'), size('PAD_X')] : [size('PADDING_H'), size('PADDING_W')]
  const padBottom = after(size(outH), strideH, kernelH, size(h), padTop)
  return { strideH, strideW, padTop, padBottom, padLeft, padRight: after(size(outW), strideW, kernelW, size(w), padLeft) }
}

/**
 * Kernels that the file has in two generations, the arrays of one beside sizes of the other. Of convolutions with 4-bit weights the older
 * one's arrays are whole: its zero point is 128 for those named, 0 for the others, and its bounds are taken from its results. Of `torn` not
 * even the arrays belong together.
 */
const shifted = ['conv_1_x_n_2_int4', 'conv_3_int4', 'kernel1x1_int4', 'kernel1x1_stride_x_y_1_int4']
const torn = ['conv_2x3_dilation_int4', 'lstm_2']

function olderSizes(name: string, results: readonly number[]): Record<string, number> {
  return {
    INPUT_OFFSET: shifted.includes(name) ? 128 : 0,
    OUT_ACTIVATION_MIN: Math.min(...results),
    OUT_ACTIVATION_MAX: Math.max(...results),
  }
}

const sizes = ['INPUT_H', 'INPUT_W', 'OUTPUT_H', 'OUTPUT_W'] as const
const bounds = ({ size }: Kernel) => ({ yMin: size('OUT_ACTIVATION_MIN'), yMax: size('OUT_ACTIVATION_MAX') })
const zeros = ({ size }: Kernel) => ({ xZero: -size('INPUT_OFFSET'), wZero: 0, yZero: size('OUTPUT_OFFSET') })

/** Whether a kernel has a bias that is more than a placeholder, by its names. */
function biasesOf(kernel: Kernel, channels: number): Tensor[] {
  const name = ['biases', 'bias', 'input_bias'].find((candidate) => kernel.array(candidate).length === channels)
  return name === undefined ? [] : [biasOf(kernel, name)]
}

/** `count` weights, widened where they have 4 bits. */
function weightsOf({ array, hasNibbles }: Kernel, count: number): number[] {
  const stored = array('weights').length > 0 ? array('weights') : array('input_weights')
  if (!hasNibbles) return stored
  return stored.flatMap((byte) => [(byte << 28) >> 28, (byte << 24) >> 28]).slice(0, count)
}

function channelScales({ array }: Kernel, channels: number): [number[], number[]] {
  const multipliers = array('output_mult').length > 0 ? array('output_mult') : array('output_multiplier')
  return [multipliers.slice(0, channels), array('output_shift').slice(0, channels)]
}

function convolution(kernel: Kernel): Model {
  const { type, size, has } = kernel
  const depthwise = has('CH_MULT')
  const outChannels = size('OUT_CH')
  const batch = kernel.array('input').length / (size('INPUT_H') * size('INPUT_W') * size('IN_CH'))
  const taps = [size('FILTER_Y'), size('FILTER_X')] as const
  const dilation = { dilationH: size('DILATION_Y'), dilationW: size('DILATION_X') }
  const [kernelH, kernelW] = [(taps[0] - 1) * dilation.dilationH + 1, (taps[1] - 1) * dilation.dilationW + 1]
  const shape = depthwise ? [1, ...taps, outChannels] : [outChannels, ...taps, size('IN_CH')]
  const weights = int8(
    shape,
    weightsOf(
      kernel,
      shape.reduce((a, b) => a * b),
    ),
  )
  return single(
    depthwise ? 'depthwiseConv2d' : 'conv2d',
    [numbers(type, [batch, size('INPUT_H'), size('INPUT_W'), size('IN_CH')]), weights, ...biasesOf(kernel, outChannels)],
    [numbers(type, [batch, size('OUTPUT_H'), size('OUTPUT_W'), outChannels])],
    { ...windows(kernel, kernelH, kernelW, sizes), ...dilation, groups: 1, ...zeros(kernel), ...bounds(kernel) },
    channelScales(kernel, outChannels),
  )
}

function fullyConnected(kernel: Kernel): Model {
  const { type, size, has } = kernel
  const [batch, depth, outChannels] = [size('INPUT_BATCHES'), size('ACCUMULATION_DEPTH'), size('OUT_CH')]
  const scales: [number[], number[]] = has('OUTPUT_MULTIPLIER')
    ? [[size('OUTPUT_MULTIPLIER')], [size('OUTPUT_SHIFT')]]
    : channelScales(kernel, outChannels)
  return single(
    'fullyConnected',
    [numbers(type, [batch, depth]), int8([outChannels, depth], weightsOf(kernel, outChannels * depth)), ...biasesOf(kernel, outChannels)],
    [numbers(type, [batch, outChannels])],
    { ...zeros(kernel), ...bounds(kernel) },
    scales,
  )
}

function pool({ type, size, ...kernel }: Kernel, name: 'averagePool' | 'maxPool'): Model {
  const [batch, channels] = [size('BATCH_SIZE'), size('INPUT_C')]
  const [kernelH, kernelW] = [size('FILTER_H'), size('FILTER_W')]
  const attributes = {
    kernelH,
    kernelW,
    ...windows({ type, size, ...kernel }, kernelH, kernelW, sizes),
    yMin: size('ACTIVATION_MIN'),
    yMax: size('ACTIVATION_MAX'),
  }
  return single(
    name,
    [numbers(type, [batch, size('INPUT_H'), size('INPUT_W'), channels])],
    [numbers(type, [batch, size('OUTPUT_H'), size('OUTPUT_W'), channels])],
    attributes,
  )
}

/** Two operands of one shape. */
function pair(kernel: Kernel, name: 'add' | 'mul'): Model {
  const { type, size } = kernel
  const flat = () => numbers(type, [size('DST_SIZE')])
  const attributes = { aZero: -size('INPUT1_OFFSET'), bZero: -size('INPUT2_OFFSET'), yZero: size('OUTPUT_OFFSET'), ...bounds(kernel) }
  const entries = name === 'add' ? ['INPUT1', 'INPUT2', 'OUTPUT'] : ['OUTPUT']
  const scales: [number[], number[]] = [entries.map((entry) => size(`${entry}_MULT`)), entries.map((entry) => size(`${entry}_SHIFT`))]
  return single(name, [flat(), flat()], [flat()], attributes, scales)
}

function extremum({ size }: Kernel, name: 'minimum' | 'maximum'): Model {
  const shape = (suffix: string) => ['BATCH', 'HEIGHT', 'WIDTH', 'CHANNEL'].map((side) => size(`${side}_${suffix}`))
  const result = ['BATCH', 'HEIGHT', 'WIDTH', 'CHANNEL'].map((side) => size(`OUTPUT_${side}`))
  return single(name, [int8(shape('1')), int8(shape('2'))], [int8(result)], {})
}

function softmax({ type, size }: Kernel): Model {
  const shape = [size('NUM_ROWS'), size('ROW_SIZE')]
  return single('softmax', [numbers(type, shape)], [numbers('int16', shape)], {}, [[size('INPUT_MULT')], [size('INPUT_LEFT_SHIFT')]])
}

function pad({ size }: Kernel): Model {
  const sides = ['N', 'H', 'W', 'C']
  const shape = sides.map((side) => size(`INPUT_${side}`))
  const before = sides.map((side) => size(`PRE_PAD_${side}`))
  const after = sides.map((side) => size(`POST_PAD_${side}`))
  const model = single('pad', [int8(shape)], [int8(shape.map((length, axis) => length + before[axis]! + after[axis]!))], {
    value: size('PAD_VALUE'),
  })
  model.operators[0]!.attributes.push(...before.flatMap((length, axis) => [length, after[axis]!]))
  return model
}

/** The rows of the last two dimensions as columns, where a product wants them so. */
function matmul({ type, size }: Kernel): Model {
  const side = (name: 'LHS' | 'RHS', isTurned: boolean) => {
    const [rows, columns] = [size(`${name}_ROWS`), size(`${name}_COLS`)]
    return [size(`${name}_BATCH`), size(`${name}_HEIGHT`), ...(isTurned ? [columns, rows] : [rows, columns])]
  }
  const attributes = {
    aZero: -size('LHS_OFFSET'),
    bZero: -size('RHS_OFFSET'),
    yZero: size('OUTPUT_OFFSET'),
    yMin: size('ACTIVATION_MIN'),
    yMax: size('ACTIVATION_MAX'),
  }
  return single(
    'matmul',
    [numbers(type, side('LHS', size('ADJ_X') === 1)), numbers(type, side('RHS', size('ADJ_Y') === 1))],
    [
      numbers(
        type,
        ['BATCH', 'HEIGHT', 'ROWS', 'COLS'].map((name) => size(`OUTPUT_${name}`)),
      ),
    ],
    attributes,
    [[size('OUTPUT_MULTIPLIER')], [size('OUTPUT_SHIFT')]],
  )
}

function turned(values: readonly number[], rows: number, columns: number): number[] {
  const plane = rows * columns
  return values.map((_, at) => {
    const within = at % plane
    return values[at - within + (within % rows) * columns + Math.floor(within / rows)]!
  })
}

function svdf(kernel: Kernel): Model {
  const { size, array, arrayType } = kernel
  const [batch, inputs, filters, steps] = [size('INPUT_BATCHES'), size('INPUT_SIZE'), size('FEATURE_BATCHES'), size('TIME_BATCHES')]
  const units = filters / size('RANK')
  const type = arrayType('state') === 'int16_t' ? 'int16' : 'int8'
  const state = numbers(type, [batch, filters * steps])
  const operands = [
    int8([batch, inputs]),
    int8([filters, inputs], array('weights_feature')),
    numbers(type, [filters, steps], array('weights_time')),
    state,
    biasOf(kernel, 'biases'),
  ]
  const attributes = { rank: size('RANK'), xZero: -size('INPUT_OFFSET'), stateZero: 0, yZero: size('OUTPUT_OFFSET'), ...bounds(kernel) }
  const scales: [number[], number[]] = [
    [size('MULTIPLIER_IN'), size('MULTIPLIER_OUT')],
    [size('SHIFT_1'), size('SHIFT_2')],
  ]
  return single('svdf', operands, [int8([batch, units]), { ...state }], attributes, scales)
}

const gates = ['input', 'forget', 'cell', 'output'] as const

function lstm(kernel: Kernel): Model {
  const { type, size, array } = kernel
  const [batch, time, inputs, units] = [size('BATCH_SIZE'), size('TIME_STEPS'), size('INPUT_SIZE'), size('HIDDEN_SIZE')]
  const isTimeFirst = String(size('TIME_MAJOR')) === 'true'
  const sequence = (last: number) => (isTimeFirst ? [time, batch, last] : [batch, time, last])
  const all = (name: string) => gates.flatMap((gate) => array(`${gate}_gate_${name}`))
  const bias = type === 'int16' ? numbers('int32', [4, units, 2], all('bias').flatMap(words)) : numbers('int32', [4, units], all('bias'))
  const operands = [
    numbers(type, sequence(inputs)),
    int8([4, units, inputs], all('input_weights')),
    int8([4, units, units], all('hidden_weights')),
    bias,
    numbers(type, [batch, units]),
    numbers('int16', [batch, units]),
  ]
  const results = [numbers(type, sequence(units)), numbers(type, [batch, units]), numbers('int16', [batch, units])]
  const clip = size('CELL_CLIP')
  const attributes = {
    timeFirst: isTimeFirst ? 1 : 0,
    xZero: -size('INPUT_ZERO_POINT'),
    hiddenZero: size('OUTPUT_ZERO_POINT'),
    cellClip: clip,
  }
  const entries = [
    ...gates.map((gate) => `${gate.toUpperCase()}_GATE_INPUT`),
    ...gates.map((gate) => `${gate.toUpperCase()}_GATE_HIDDEN`),
    ...['FORGET_TO_CELL', 'INPUT_TO_CELL', 'OUTPUT'],
  ]
  // 3 · 2^(12 + power), as the steps of tanh's table.
  const scales: [number[], number[]] = [
    [...entries.map((entry) => size(`${entry}_MULTIPLIER`)), 3 * 2 ** 29],
    [...entries.map((entry) => size(`${entry}_SHIFT`)), 14 + size('CELL_SCALE_POWER')],
  ]
  return single('lstm', operands, results, attributes, scales)
}

/** Undefined for kernels that the artifact has no operator for: grouped and transposed convolutions, transpositions, whole networks. */
function modelOf(name: string, kernel: Kernel): Model | undefined {
  if (/grouped|transpose|ds_cnn/.test(name)) return undefined
  if (/pool/.test(name)) return pool(kernel, name.startsWith('avg') ? 'averagePool' : 'maxPool')
  if (/^(minimum|maximum)/.test(name)) return extremum(kernel, name.startsWith('min') ? 'minimum' : 'maximum')
  if (/^(add|mul)(_|$)/.test(name)) return pair(kernel, name.startsWith('add') ? 'add' : 'mul')
  if (name.startsWith('softmax')) return softmax(kernel)
  if (name.startsWith('pad')) return pad(kernel)
  if (name.startsWith('batch_matmul')) return matmul(kernel)
  if (name.startsWith('svdf')) return svdf(kernel)
  if (name.startsWith('lstm')) return lstm(kernel)
  if (kernel.has('ACCUMULATION_DEPTH')) return fullyConnected(kernel)
  return kernel.has('FILTER_X') ? convolution(kernel) : undefined
}

/** The runs of a kernel's test, each the bytes of its inputs: those of the operator, then its states, which begin at their zero points. */
function inputsOf(name: string, { type, size, array }: Kernel): Uint8Array[] {
  const bytes = (values: readonly number[], kind: keyof typeof arrays = type) => new Uint8Array(arrays[kind].from(values).buffer)
  if (name.startsWith('batch_matmul')) {
    const side = (operand: 'LHS' | 'RHS', isTurned: boolean) => {
      const values = array(`${operand.toLowerCase()}_input_tensor`)
      return bytes(isTurned ? turned(values, size(`${operand}_ROWS`), size(`${operand}_COLS`)) : values)
    }
    return [Buffer.concat([side('LHS', size('ADJ_X') === 1), side('RHS', size('ADJ_Y') === 1)])]
  }
  const first = ['input1', 'input', 'input_tensor', 'input_tensor_1', 'input_sequence'].map(array).find((values) => values.length > 0)!
  const second = [...array('input2'), ...array('input_tensor_2')]
  if (name.startsWith('lstm')) {
    const count = size('BATCH_SIZE') * size('HIDDEN_SIZE')
    const hidden = new Array<number>(count).fill(size('OUTPUT_ZERO_POINT'))
    const input = array('input_tensor').length > 0 ? array('input_tensor') : first
    return [Buffer.concat([bytes(input), bytes(hidden), new Uint8Array(2 * count)])]
  }
  return [Buffer.concat([bytes(first), bytes(second)])]
}

const runners = executors()
for (const [file, type] of [
  ['s8_dev', 'int8'],
  ['s16_dev', 'int16'],
  ['s4_dev', 'int8'],
] as const)
  for (const [name, { defines, arrays: given }] of Object.entries(readVectors(file))) {
    const results = given[`${name}_output_ref`]?.data ?? []
    const isOlder = file === 's4_dev' && results.length > 0 && `${name}_output` in given
    const older = isOlder ? olderSizes(name, results) : {}
    const kernel: Kernel = {
      type: name.startsWith('softmax_s8') ? 'int8' : type,
      size: (suffix) => older[suffix] ?? (defines[`${name.toUpperCase()}_${suffix}`] as number),
      array: (suffix) => given[`${name}_${suffix}`]?.data ?? [],
      arrayType: (suffix) => given[`${name}_${suffix}`]?.type,
      has: (suffix) => `${name.toUpperCase()}_${suffix}` in defines,
      hasNibbles: file === 's4_dev',
    }
    const model = torn.includes(name) ? undefined : modelOf(name, kernel)
    if (model === undefined) continue
    const wanted = kernel.array('output_ref').length > 0 && !name.startsWith('lstm') ? kernel.array('output_ref') : kernel.array('output')
    for (const executor of runners)
      test(`${name}: ${executor.name} gives the numbers of CMSIS-NN`, () => {
        const run = executor.open(encodeModel(model), model)
        const output = name.startsWith('svdf') ? runSvdf(kernel, run) : run(inputsOf(name, kernel)[0]!)
        const results = model.tensors[model.outputs[0]!.tensor]!
        const length = results.shape.reduce((a, b) => a * b)
        const Values = arrays[results.type as keyof typeof arrays]
        const got = new Values(Uint8Array.from(output).buffer, 0, length)
        assert.deepEqual(got, Values.from(wanted.slice(0, length)))
      })
  }

/** The sequence step by step, from a state of zeros; the last result is the test's. */
function runSvdf({ size, array, arrayType }: Kernel, run: (input: Uint8Array) => Uint8Array): Uint8Array {
  const step = size('INPUT_BATCHES') * size('INPUT_SIZE')
  const results = size('DST_SIZE')
  let state = new Uint8Array(array('state').length * (arrayType('state') === 'int16_t' ? 2 : 1))
  let output = new Uint8Array()
  for (let at = 0; at < array('input_sequence').length; at += step) {
    const x = new Uint8Array(Int8Array.from(array('input_sequence').slice(at, at + step)).buffer)
    output = new Uint8Array(run(new Uint8Array(Buffer.concat([x, state]))))
    state = output.slice(results)
  }
  return output.slice(0, results)
}
