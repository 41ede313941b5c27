import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { canonicalize } from '../../runtime/model/canonical.ts'
import { type OperatorName, operatorRow } from '../../runtime/model/operators.ts'
import { encodeModel, type Model, type Tensor } from '../../runtime/model/types.ts'
import { executors } from '../suites/expected-bytes.ts'

/** Kernel tests of CMSIS-NN (double rounding): sizes by their C names less the prefix, arrays by their C names less the prefix. */
type Vectors = Record<string, { defines: Record<string, number>; arrays: Record<string, { data: number[] }> }>
type Kernel = { size: (name: string) => number; array: (name: string) => number[]; has: (name: string) => boolean }

const path = join(import.meta.dirname, '../../../shared/models/cmsis_nn_vectors/s8_dev.json.gz')
if (!existsSync(path)) console.log(`no ${path}: the kernel vectors of CMSIS-NN are not compared`)
const vectors: Vectors = existsSync(path) ? JSON.parse(gunzipSync(readFileSync(path)).toString()) : {}

const int8 = (shape: number[], data?: number[]): Tensor => ({
  type: 'int8',
  shape,
  data: data === undefined ? new Uint8Array() : new Uint8Array(Int8Array.from(data).buffer),
})
const int32 = (data: number[]): Tensor => ({ type: 'int32', shape: [data.length], data: new Uint8Array(Int32Array.from(data).buffer) })

/** A model of one operator: x, its constants, y. */
function single(
  name: OperatorName,
  x: Tensor,
  constants: Tensor[],
  y: Tensor,
  attributes: Record<string, number>,
  scales: [number[], number[]] = [[], []],
): Model {
  const tensors = [x, ...constants, y]
  const operator = {
    name,
    inputs: [...tensors.keys()].slice(0, -1),
    outputs: [constants.length + 1],
    attributes: operatorRow(name).attributes.map((attribute) => attributes[attribute]!),
    multipliers: scales[0],
    shifts: scales[1],
  }
  const port = (tensor: number) => ({ tensor, scale: 1, zeroPoint: 0 })
  return canonicalize({ rounding: 'double', tensors, operators: [operator], inputs: [port(0)], outputs: [port(constants.length + 1)] })
    .model
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

const sizes = ['INPUT_H', 'INPUT_W', 'OUTPUT_H', 'OUTPUT_W'] as const
const bounds = ({ size }: Kernel) => ({ yMin: size('OUT_ACTIVATION_MIN'), yMax: size('OUT_ACTIVATION_MAX') })
const zeros = ({ size }: Kernel) => ({ xZero: -size('INPUT_OFFSET'), wZero: 0, yZero: size('OUTPUT_OFFSET') })

function convolution(kernel: Kernel): Model {
  const { size, array, has } = kernel
  const depthwise = has('CH_MULT')
  const [batch, outChannels] = [size('INPUT_BATCHES'), size('OUT_CH')]
  const taps = [size('FILTER_Y'), size('FILTER_X')] as const
  const dilation = { dilationH: size('DILATION_Y'), dilationW: size('DILATION_X') }
  const [kernelH, kernelW] = [(taps[0] - 1) * dilation.dilationH + 1, (taps[1] - 1) * dilation.dilationW + 1]
  const shape = depthwise ? [1, ...taps, outChannels] : [outChannels, ...taps, size('IN_CH')]
  const biases = array('biases').length === outChannels ? [int32(array('biases'))] : []
  return single(
    depthwise ? 'depthwiseConv2d' : 'conv2d',
    int8([batch, size('INPUT_H'), size('INPUT_W'), size('IN_CH')]),
    [int8(shape, array('weights')), ...biases],
    int8([batch, size('OUTPUT_H'), size('OUTPUT_W'), outChannels]),
    { ...windows(kernel, kernelH, kernelW, sizes), ...dilation, groups: 1, ...zeros(kernel), ...bounds(kernel) },
    [array('output_mult').slice(0, outChannels), array('output_shift').slice(0, outChannels)],
  )
}

function fullyConnected(kernel: Kernel): Model {
  const { size, array, has } = kernel
  const [batch, depth, outChannels] = [size('INPUT_BATCHES'), size('ACCUMULATION_DEPTH'), size('OUT_CH')]
  const given = [...array('biases'), ...array('bias')]
  const biases = given.length === outChannels ? [int32(given)] : []
  const scales: [number[], number[]] = has('OUTPUT_MULTIPLIER')
    ? [[size('OUTPUT_MULTIPLIER')], [size('OUTPUT_SHIFT')]]
    : [array('output_multiplier').slice(0, outChannels), array('output_shift').slice(0, outChannels)]
  const weights = int8([outChannels, depth], array('weights'))
  return single(
    'fullyConnected',
    int8([batch, depth]),
    [weights, ...biases],
    int8([batch, outChannels]),
    { ...zeros(kernel), ...bounds(kernel) },
    scales,
  )
}

function pool(kernel: Kernel, name: 'averagePool' | 'maxPool'): Model {
  const { size } = kernel
  const [batch, channels] = [size('BATCH_SIZE'), size('INPUT_C')]
  const [kernelH, kernelW] = [size('FILTER_H'), size('FILTER_W')]
  const attributes = {
    kernelH,
    kernelW,
    ...windows(kernel, kernelH, kernelW, sizes),
    yMin: size('ACTIVATION_MIN'),
    yMax: size('ACTIVATION_MAX'),
  }
  return single(
    name,
    int8([batch, size('INPUT_H'), size('INPUT_W'), channels]),
    [],
    int8([batch, size('OUTPUT_H'), size('OUTPUT_W'), channels]),
    attributes,
  )
}

/** Undefined for kernels that the artifact has no operator for: grouped and transposed convolutions, recurrent layers, transpositions … */
function modelOf(name: string, kernel: Kernel): Model | undefined {
  if (/grouped|transpose|lstm|svdf|matmul|imum|softmax|^pad|^add/.test(name)) return undefined
  if (/pooling/.test(name)) return pool(kernel, name.startsWith('avg') ? 'averagePool' : 'maxPool')
  if (kernel.has('ACCUMULATION_DEPTH')) return fullyConnected(kernel)
  return kernel.has('FILTER_X') ? convolution(kernel) : undefined
}

const runners = executors()
for (const [name, { defines, arrays }] of Object.entries(vectors)) {
  const kernel: Kernel = {
    size: (suffix) => defines[`${name.toUpperCase()}_${suffix}`]!,
    array: (suffix) => arrays[`${name}_${suffix}`]?.data ?? [],
    has: (suffix) => `${name.toUpperCase()}_${suffix}` in defines,
  }
  const model = modelOf(name, kernel)
  if (model === undefined) continue
  const [given, wanted] = [kernel.array('input'), kernel.array('output_ref')]
  const input = new Uint8Array(Int8Array.from(given.length > 0 ? given : kernel.array('input_tensor')).buffer)
  const expected = Int8Array.from(wanted.length > 0 ? wanted : kernel.array('output'))
  for (const executor of runners)
    test(`${name}: ${executor.name} gives the bytes of CMSIS-NN`, () => {
      const output = executor.open(encodeModel(model), model)(input)
      assert.deepEqual(new Int8Array(output.buffer, output.byteOffset, output.length), expected)
    })
}
