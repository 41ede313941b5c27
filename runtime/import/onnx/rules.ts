/** The one list of ONNX operators that become operators of the artifact, or constants. */
import type { Rule } from './node.ts'
import { argMax, argMin } from './operators/argMax.ts'
import { add, div, maximum, minimum, mul, qlinearAdd, qlinearMul, sub, sum } from './operators/binary.ts'
import { cast, constant, constantOfShape, shape, size } from './operators/constants.ts'
import { conv, convInteger, qlinearConv } from './operators/convolution.ts'
import { concat, pad, qlinearConcat } from './operators/join.ts'
import { gemm, matMul, matMulInteger, qgemm, qlinearMatMul } from './operators/matmul.ts'
import {
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  lpNormalization,
  meanVarianceNormalization,
  rmsNormalization,
} from './operators/normalization.ts'
import { averagePool, globalAveragePool, globalMaxPool, maxPool, qlinearAveragePool, qlinearGlobalAveragePool } from './operators/pool.ts'
import { dequantizeLinear, quantizeLinear } from './operators/quantize.ts'
import { dropout, flatten, identity, reshape, squeeze, transpose, unsqueeze } from './operators/shape.ts'
import { gather, slice, split } from './operators/slice.ts'
import { qlinearSoftmax, softmax } from './operators/softmax.ts'
import {
  absolute,
  clip,
  elu,
  errorFunction,
  gelu,
  hardSigmoid,
  hardSwish,
  hyperbolicTangent,
  leakyRelu,
  negative,
  qlinearLeakyRelu,
  qlinearSigmoid,
  quickGelu,
  relu,
  sigmoid,
  squareRoot,
} from './operators/table.ts'

export const rules: Readonly<Record<string, Rule>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  'com.microsoft:QuantizeLinear': quantizeLinear,
  'com.microsoft:DequantizeLinear': dequantizeLinear,
  Conv: conv,
  QLinearConv: qlinearConv,
  ConvInteger: convInteger,
  MatMul: matMul,
  Gemm: gemm,
  QLinearMatMul: qlinearMatMul,
  MatMulInteger: matMulInteger,
  'com.microsoft:QGemm': qgemm,
  Add: add,
  Sub: sub,
  Sum: sum,
  Max: maximum,
  Min: minimum,
  Mul: mul,
  Div: div,
  'com.microsoft:QLinearAdd': qlinearAdd,
  'com.microsoft:QLinearMul': qlinearMul,
  MaxPool: maxPool,
  GlobalMaxPool: globalMaxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  'com.microsoft:QLinearAveragePool': qlinearAveragePool,
  'com.microsoft:QLinearGlobalAveragePool': qlinearGlobalAveragePool,
  Relu: relu,
  Clip: clip,
  LeakyRelu: leakyRelu,
  Sigmoid: sigmoid,
  Tanh: hyperbolicTangent,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Elu: elu,
  Erf: errorFunction,
  Gelu: gelu,
  'com.microsoft:Gelu': gelu,
  'com.microsoft:QuickGelu': quickGelu,
  Abs: absolute,
  Neg: negative,
  Sqrt: squareRoot,
  'com.microsoft:QLinearSigmoid': qlinearSigmoid,
  'com.microsoft:QLinearLeakyRelu': qlinearLeakyRelu,
  Softmax: softmax,
  'com.microsoft:QLinearSoftmax': qlinearSoftmax,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
  Concat: concat,
  'com.microsoft:QLinearConcat': qlinearConcat,
  Pad: pad,
  Transpose: transpose,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Identity: identity,
  Dropout: dropout,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shape,
  Size: size,
  Gather: gather,
  Split: split,
  ArgMax: argMax,
  ArgMin: argMin,
  Slice: slice,
  Cast: cast,
}

/** What to use instead of an operator that has no rule. */
const replacements: Readonly<Record<string, string>> = {
  DynamicQuantizeLinear: 'static quantization: QuantizeLinear with a constant scale',
  'com.microsoft:DynamicQuantizeMatMul': 'static quantization: QLinearMatMul, or MatMul between DequantizeLinear and QuantizeLinear',
  'com.microsoft:MatMulIntegerToFloat': 'QLinearMatMul, or MatMul between DequantizeLinear and QuantizeLinear',
  ReduceMean: 'GlobalAveragePool',
  'com.microsoft:QLinearReduceMean': 'QLinearGlobalAveragePool',
  BatchNormalization: 'batch normalization folded into the convolution before it',
  LogSoftmax: 'the model ended before it (--end)',
  ConvTranspose: 'Conv',
  PRelu: 'LeakyRelu',
  LRN: 'a network without it',
  Resize: 'a network without it',
  'com.microsoft:FusedConv': 'the model before onnxruntime optimized it',
  'com.microsoft:NhwcMaxPool': 'the model before onnxruntime optimized it',
}

export function nearestOperator(op: string): string | undefined {
  return replacements[op]
}
