/** The operators of models of ai.onnx.ml: its own, and the standard's where they meet float32. Those of ../rules.ts are read beside them. */

import type { Rule } from '../node.ts'
import type { OnnxGraph } from '../parse.ts'
import { rules } from '../rules.ts'
import { arrayFeatureExtractor, binarizer, featureVectorizer, imputer, normalizer, oneHotEncoder, scaler, zipMap } from './columns.ts'
import { gemm, linearClassifier, linearRegressor, matMul, reduceSum } from './linear.ts'
import { argMax, cast, castWhole, clip, concat, exponential, negative, pairwise, reciprocal, relu, sigmoid, softmax } from './standard.ts'
import { treeEnsemble, treeEnsembleClassifier, treeEnsembleRegressor } from './trees.ts'

const domain = 'ai.onnx.ml:'

/** The standard's operators where an operand is float32. */
const onFloats: Readonly<Record<string, Rule>> = {
  Add: pairwise('add'),
  Sub: pairwise('sub'),
  Mul: pairwise('mul'),
  Div: pairwise('div'),
  Sum: pairwise('add'),
  Min: pairwise('minimum'),
  Max: pairwise('maximum'),
  Neg: negative,
  Exp: exponential,
  Reciprocal: reciprocal,
  Relu: relu,
  Clip: clip,
  Sigmoid: sigmoid,
  Softmax: softmax,
  Cast: cast,
  Concat: concat,
  ArgMax: argMax,
  MatMul: matMul,
  Gemm: gemm,
  ReduceSum: reduceSum,
}

/** A rule for float32, and the one for everything else. */
function besides(rule: Rule, otherwise: Rule | undefined): Rule {
  return (node) => {
    const isFloats = Array.from({ length: node.operands }, (_, index) => node.has(index) && node.value(index).kind === 'floats').includes(
      true,
    )
    return isFloats || otherwise === undefined ? rule(node) : otherwise(node)
  }
}

export const classicalRules: Readonly<Record<string, Rule>> = {
  [`${domain}TreeEnsembleClassifier`]: treeEnsembleClassifier,
  [`${domain}TreeEnsembleRegressor`]: treeEnsembleRegressor,
  [`${domain}TreeEnsemble`]: treeEnsemble,
  [`${domain}LinearClassifier`]: linearClassifier,
  [`${domain}LinearRegressor`]: linearRegressor,
  [`${domain}Scaler`]: scaler,
  [`${domain}Normalizer`]: normalizer,
  [`${domain}Imputer`]: imputer,
  [`${domain}Binarizer`]: binarizer,
  [`${domain}OneHotEncoder`]: oneHotEncoder,
  [`${domain}ArrayFeatureExtractor`]: arrayFeatureExtractor,
  [`${domain}FeatureVectorizer`]: featureVectorizer,
  [`${domain}ZipMap`]: zipMap,
  ...Object.fromEntries(
    Object.entries(onFloats).map(([op, rule]) => [op, besides(rule, op === 'Cast' ? castWhole(rules.Cast!) : rules[op])]),
  ),
}

/** Whether a model is one of ai.onnx.ml: its float32 numbers are kept, nothing is quantized. */
export function isClassical({ nodes }: OnnxGraph): boolean {
  return nodes.some(({ op }) => op.startsWith(domain))
}
