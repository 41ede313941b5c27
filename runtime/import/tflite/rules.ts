/** The one list of TFLite operators that become operators of the artifact. */
import { conv2d, depthwiseConv2d, fullyConnected } from '../lower/convolution.ts'
import { add, mul } from '../lower/elementwise.ts'
import { mean } from '../lower/mean.ts'
import { hardSwish, logistic, softmax, tanh } from '../lower/nonlinear.ts'
import { averagePool, maxPool } from '../lower/pool.ts'
import { dequantize, quantize, relu } from '../lower/quantize.ts'
import type { Rule } from '../lower/rule.ts'
import { concat, pad, reshape } from '../lower/shape.ts'

export const rules: Readonly<Record<string, Rule>> = {
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  FULLY_CONNECTED: fullyConnected,
  ADD: add,
  MUL: mul,
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
}

/** What to use instead of an operator that has no rule. */
const replacements: Readonly<Record<string, string>> = {
  SUB: 'ADD with negated weights',
  DIV: 'MUL by a constant',
  LEAKY_RELU: 'RELU, RELU6, HARD_SWISH, LOGISTIC or TANH',
  PRELU: 'RELU, RELU6, HARD_SWISH, LOGISTIC or TANH',
  ELU: 'RELU, RELU6, HARD_SWISH, LOGISTIC or TANH',
  GELU: 'RELU, RELU6, HARD_SWISH, LOGISTIC or TANH',
  RELU_0_TO_1: 'RELU6 with a scaled operand',
  BATCH_MATMUL: 'FULLY_CONNECTED with constant weights',
  SUM: 'MEAN',
  REDUCE_MAX: 'MAX_POOL_2D',
  MIRROR_PAD: 'PAD',
  TRANSPOSE_CONV: 'CONV_2D',
  CONV_3D: 'CONV_2D',
  L2_POOL_2D: 'AVERAGE_POOL_2D',
  LOG_SOFTMAX: 'SOFTMAX',
  TRANSPOSE: 'RESHAPE, where only dimensions of 1 move',
}

export function nearestOperator(op: string): string | undefined {
  return replacements[op]
}
