/** The one list of TFLite operators that become operators of the artifact. */
import { conv2d, depthwiseConv2d, fullyConnected } from '../lower/convolution.ts'
import { add, maximum, minimum, mul, prelu, sub } from '../lower/elementwise.ts'
import { broadcastTo, gatherRule, mirrorPad, resizeNearest, tile } from '../lower/gather.ts'
import { lstm } from '../lower/lstm.ts'
import { matmul } from '../lower/matmul.ts'
import { mean } from '../lower/mean.ts'
import { hardSwish, logistic, softmax, tanh } from '../lower/nonlinear.ts'
import { averagePool, maxPool } from '../lower/pool.ts'
import { dequantize, quantize, relu } from '../lower/quantize.ts'
import { depthToSpace, pack, spaceToDepth, transposeRule } from '../lower/rearrange.ts'
import { argMax, argMin, reduceMax, reduceMin, sum } from '../lower/reduce.ts'
import { resizeBilinear } from '../lower/resize.ts'
import type { Rule } from '../lower/rule.ts'
import { concat, pad, reshape } from '../lower/shape.ts'
import { reverse, sliceRule, split, splitV, stridedSlice, unpack } from '../lower/slice.ts'
import { svdf } from '../lower/svdf.ts'
import { abs, elu, exponential, gelu, leakyRelu, logarithm, rsqrt } from '../lower/tables.ts'
import { transposeConv2d } from '../lower/transposeConvolution.ts'

export const rules: Readonly<Record<string, Rule>> = {
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  FULLY_CONNECTED: fullyConnected,
  ADD: add,
  SUB: sub,
  MUL: mul,
  MINIMUM: minimum,
  MAXIMUM: maximum,
  PRELU: prelu,
  LEAKY_RELU: leakyRelu,
  ABS: abs,
  RSQRT: rsqrt,
  EXP: exponential,
  LOG: logarithm,
  ELU: elu,
  GELU: gelu,
  AVERAGE_POOL_2D: averagePool,
  MAX_POOL_2D: maxPool,
  MEAN: mean,
  PAD: pad,
  PADV2: pad,
  CONCATENATION: concat,
  RESHAPE: reshape,
  SQUEEZE: reshape,
  EXPAND_DIMS: reshape,
  SOFTMAX: softmax,
  RELU: relu,
  RELU6: relu,
  RELU_N1_TO_1: relu,
  LOGISTIC: logistic,
  TANH: tanh,
  HARD_SWISH: hardSwish,
  QUANTIZE: quantize,
  DEQUANTIZE: dequantize,
  STRIDED_SLICE: stridedSlice,
  SLICE: sliceRule,
  SPLIT: split,
  SPLIT_V: splitV,
  UNPACK: unpack,
  REVERSE_V2: reverse,
  TRANSPOSE: transposeRule,
  SPACE_TO_DEPTH: spaceToDepth,
  DEPTH_TO_SPACE: depthToSpace,
  PACK: pack,
  GATHER: gatherRule,
  TILE: tile,
  BROADCAST_TO: broadcastTo,
  MIRROR_PAD: mirrorPad,
  RESIZE_NEAREST_NEIGHBOR: resizeNearest,
  RESIZE_BILINEAR: resizeBilinear,
  SUM: sum,
  REDUCE_MAX: reduceMax,
  REDUCE_MIN: reduceMin,
  ARG_MAX: argMax,
  ARG_MIN: argMin,
  TRANSPOSE_CONV: transposeConv2d,
  BATCH_MATMUL: matmul,
  SVDF: svdf,
  UNIDIRECTIONAL_SEQUENCE_LSTM: lstm,
}

/** What to use instead of an operator that has no rule. */
const replacements: Readonly<Record<string, string>> = {
  DIV: 'MUL by a constant',
  RELU_0_TO_1: 'RELU6 with a scaled operand',
  CONV_3D: 'CONV_2D',
  L2_POOL_2D: 'AVERAGE_POOL_2D',
  LOG_SOFTMAX: 'SOFTMAX',
}

export function nearestOperator(op: string): string | undefined {
  return replacements[op]
}
