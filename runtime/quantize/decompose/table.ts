/** The one list of float operators that are rewritten into simpler ones before calibration, one file each; results may be composite again. */
import { attention } from './attention.ts'
import { batchNormalization } from './batchNormalization.ts'
import type { Decompose } from './composite.ts'
import { gemm } from './gemm.ts'
import { gru } from './gru.ts'
import { layerNormalization } from './layerNormalization.ts'
import { lstm } from './lstm.ts'
import { multiHeadAttention, packedAttention } from './multiHeadAttention.ts'
import { hardmax, logSoftmax, reduceL1, reduceL2, reduceLogSum, reduceLogSumExp, reduceProd, reduceSumSquare } from './reductions.ts'
import { rnn } from './rnn.ts'
import { microsoftRotaryEmbedding, rotaryEmbedding } from './rotaryEmbedding.ts'
import { biasGelu, fastGelu, skipLayerNormalization, skipSimplifiedLayerNormalization } from './skipNormalization.ts'
import { max, mean, min, sum } from './variadic.ts'

export const decompositions: Readonly<Record<string, Decompose>> = {
  Attention: attention,
  BatchNormalization: batchNormalization,
  GRU: gru,
  Gemm: gemm,
  Hardmax: hardmax,
  LSTM: lstm,
  LayerNormalization: layerNormalization,
  LogSoftmax: logSoftmax,
  Max: max,
  Mean: mean,
  Min: min,
  RNN: rnn,
  ReduceL1: reduceL1,
  ReduceL2: reduceL2,
  ReduceLogSum: reduceLogSum,
  ReduceLogSumExp: reduceLogSumExp,
  ReduceProd: reduceProd,
  ReduceSumSquare: reduceSumSquare,
  RotaryEmbedding: rotaryEmbedding,
  Sum: sum,
  'com.microsoft:Attention': packedAttention,
  'com.microsoft:BiasGelu': biasGelu,
  'com.microsoft:FastGelu': fastGelu,
  'com.microsoft:MultiHeadAttention': multiHeadAttention,
  'com.microsoft:RotaryEmbedding': microsoftRotaryEmbedding,
  'com.microsoft:SkipLayerNormalization': skipLayerNormalization,
  'com.microsoft:SkipSimplifiedLayerNormalization': skipSimplifiedLayerNormalization,
}
