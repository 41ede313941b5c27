// The operator table: the only place that maps an artifact's operator codes to functions. Every operator is a file of plain functions:
//   NAMECheck(op): i32            operands' number and types, attributes' ranges, shape rule; never looks at constants' bytes, so that
//                                 its cost does not depend on their size. Leaves every number that the others compute within 64 bits
//   NAMEWork(op, work): void      adds to the vector of 16 u64 at `work` (docs/embedding.md); slots 1 and 11 to 15 are added by the frame
//   NAMEValidate(op): i32         values of constants, multipliers and shifts: time linear in their bytes
//   NAMEPackedBytes(op): u64      size of opPacked(op)
//   NAMEScratchBytes(op): u64     size of opScratch(op)
//   NAMELoad(op): void            packs weights and builds tables into opPacked(op)
//   NAMERun(op): void             reads operands, writes the result: never a byte past its end, because another tensor may follow
// They are called in this order; each after the one before succeeded, Work to ScratchBytes without buffers.

import { fail, OPERATOR } from '../model/errors'
import { opCode } from '../model/records'
import { addCheck, addLoad, addPackedBytes, addRun, addScratchBytes, addValidate, addWork } from './add'
import { argMaxCheck, argMaxLoad, argMaxPackedBytes, argMaxRun, argMaxScratchBytes, argMaxValidate, argMaxWork } from './argMax'
import {
  averagePoolCheck,
  averagePoolLoad,
  averagePoolPackedBytes,
  averagePoolRun,
  averagePoolScratchBytes,
  averagePoolValidate,
  averagePoolWork,
} from './averagePool'
import { castCheck, castLoad, castPackedBytes, castRun, castScratchBytes, castValidate, castWork } from './cast'
import { clampCheck, clampLoad, clampPackedBytes, clampRun, clampScratchBytes, clampValidate, clampWork } from './clamp'
import { concatCheck, concatLoad, concatPackedBytes, concatRun, concatScratchBytes, concatValidate, concatWork } from './concat'
import { conv2dCheck, conv2dLoad, conv2dPackedBytes, conv2dRun, conv2dScratchBytes, conv2dValidate, conv2dWork } from './conv2d'
import {
  depthwiseConv2dCheck,
  depthwiseConv2dLoad,
  depthwiseConv2dPackedBytes,
  depthwiseConv2dRun,
  depthwiseConv2dScratchBytes,
  depthwiseConv2dValidate,
  depthwiseConv2dWork,
} from './depthwiseConv2d'
import {
  floatBinaryCheck,
  floatBinaryLoad,
  floatBinaryPackedBytes,
  floatBinaryRun,
  floatBinaryScratchBytes,
  floatBinaryValidate,
  floatBinaryWork,
} from './floatBinary'
import {
  floatLinearCheck,
  floatLinearLoad,
  floatLinearPackedBytes,
  floatLinearRun,
  floatLinearScratchBytes,
  floatLinearValidate,
  floatLinearWork,
} from './floatLinear'
import {
  floatNormalizeCheck,
  floatNormalizeLoad,
  floatNormalizePackedBytes,
  floatNormalizeRun,
  floatNormalizeScratchBytes,
  floatNormalizeValidate,
  floatNormalizeWork,
} from './floatNormalize'
import {
  floatUnaryCheck,
  floatUnaryLoad,
  floatUnaryPackedBytes,
  floatUnaryRun,
  floatUnaryScratchBytes,
  floatUnaryValidate,
  floatUnaryWork,
} from './floatUnary'
import {
  fullyConnectedCheck,
  fullyConnectedLoad,
  fullyConnectedPackedBytes,
  fullyConnectedRun,
  fullyConnectedScratchBytes,
  fullyConnectedValidate,
  fullyConnectedWork,
} from './fullyConnected'
import { gatherCheck, gatherLoad, gatherPackedBytes, gatherRun, gatherScratchBytes, gatherValidate, gatherWork } from './gather'
import { geluCheck, geluLoad, geluPackedBytes, geluRun, geluScratchBytes, geluValidate, geluWork } from './gelu'
import {
  layerNormCheck,
  layerNormLoad,
  layerNormPackedBytes,
  layerNormRun,
  layerNormScratchBytes,
  layerNormValidate,
  layerNormWork,
} from './layerNorm'
import {
  logisticCheck,
  logisticLoad,
  logisticPackedBytes,
  logisticRun,
  logisticScratchBytes,
  logisticValidate,
  logisticWork,
} from './logistic'
import { lookupCheck, lookupLoad, lookupPackedBytes, lookupRun, lookupScratchBytes, lookupValidate, lookupWork } from './lookup'
import {
  lookupPairCheck,
  lookupPairLoad,
  lookupPairPackedBytes,
  lookupPairRun,
  lookupPairScratchBytes,
  lookupPairValidate,
  lookupPairWork,
} from './lookupPair'
import { lstmCheck, lstmLoad, lstmPackedBytes, lstmRun, lstmScratchBytes, lstmValidate, lstmWork } from './lstm'
import { matmulCheck, matmulLoad, matmulPackedBytes, matmulRun, matmulScratchBytes, matmulValidate, matmulWork } from './matmul'
import { maximumCheck, maximumLoad, maximumPackedBytes, maximumRun, maximumScratchBytes, maximumValidate, maximumWork } from './maximum'
import { maxPoolCheck, maxPoolLoad, maxPoolPackedBytes, maxPoolRun, maxPoolScratchBytes, maxPoolValidate, maxPoolWork } from './maxPool'
import { meanCheck, meanLoad, meanPackedBytes, meanRun, meanScratchBytes, meanValidate, meanWork } from './mean'
import { minimumCheck, minimumLoad, minimumPackedBytes, minimumRun, minimumScratchBytes, minimumValidate, minimumWork } from './minimum'
import { mulCheck, mulLoad, mulPackedBytes, mulRun, mulScratchBytes, mulValidate, mulWork } from './mul'
import { padCheck, padLoad, padPackedBytes, padRun, padScratchBytes, padValidate, padWork } from './pad'
import {
  pairwiseCheck,
  pairwiseLoad,
  pairwisePackedBytes,
  pairwiseRun,
  pairwiseScratchBytes,
  pairwiseValidate,
  pairwiseWork,
} from './pairwise'
import { preluCheck, preluLoad, preluPackedBytes, preluRun, preluScratchBytes, preluValidate, preluWork } from './prelu'
import {
  reduceMaxCheck,
  reduceMaxLoad,
  reduceMaxPackedBytes,
  reduceMaxRun,
  reduceMaxScratchBytes,
  reduceMaxValidate,
  reduceMaxWork,
} from './reduceMax'
import {
  reduceMinCheck,
  reduceMinLoad,
  reduceMinPackedBytes,
  reduceMinRun,
  reduceMinScratchBytes,
  reduceMinValidate,
  reduceMinWork,
} from './reduceMin'
import {
  requantizeCheck,
  requantizeLoad,
  requantizePackedBytes,
  requantizeRun,
  requantizeScratchBytes,
  requantizeValidate,
  requantizeWork,
} from './requantize'
import { reshapeCheck, reshapeLoad, reshapePackedBytes, reshapeRun, reshapeScratchBytes, reshapeValidate, reshapeWork } from './reshape'
import {
  resizeBilinearCheck,
  resizeBilinearLoad,
  resizeBilinearPackedBytes,
  resizeBilinearRun,
  resizeBilinearScratchBytes,
  resizeBilinearValidate,
  resizeBilinearWork,
} from './resizeBilinear'
import { scanCheck, scanLoad, scanPackedBytes, scanRun, scanScratchBytes, scanValidate, scanWork } from './scan'
import { selectCheck, selectLoad, selectPackedBytes, selectRun, selectScratchBytes, selectValidate, selectWork } from './select'
import { sliceCheck, sliceLoad, slicePackedBytes, sliceRun, sliceScratchBytes, sliceValidate, sliceWork } from './slice'
import { softmaxCheck, softmaxLoad, softmaxPackedBytes, softmaxRun, softmaxScratchBytes, softmaxValidate, softmaxWork } from './softmax'
import { subCheck, subLoad, subPackedBytes, subRun, subScratchBytes, subValidate, subWork } from './sub'
import { svdfCheck, svdfLoad, svdfPackedBytes, svdfRun, svdfScratchBytes, svdfValidate, svdfWork } from './svdf'
import { tanhCheck, tanhLoad, tanhPackedBytes, tanhRun, tanhScratchBytes, tanhValidate, tanhWork } from './tanh'
import {
  transposeCheck,
  transposeLoad,
  transposePackedBytes,
  transposeRun,
  transposeScratchBytes,
  transposeValidate,
  transposeWork,
} from './transpose'
import {
  treeEnsembleCheck,
  treeEnsembleLoad,
  treeEnsemblePackedBytes,
  treeEnsembleRun,
  treeEnsembleScratchBytes,
  treeEnsembleValidate,
  treeEnsembleWork,
} from './treeEnsemble'

export const CONV2D: u32 = 1
export const DEPTHWISE_CONV2D: u32 = 2
export const FULLY_CONNECTED: u32 = 3
export const ADD: u32 = 4
export const MUL: u32 = 5
export const AVERAGE_POOL: u32 = 6
export const MAX_POOL: u32 = 7
export const MEAN: u32 = 8
export const PAD: u32 = 9
export const CONCAT: u32 = 10
export const RESHAPE: u32 = 11
export const SOFTMAX: u32 = 12
export const CLAMP: u32 = 13
export const LOOKUP: u32 = 14
export const REQUANTIZE: u32 = 15
export const LOGISTIC: u32 = 16
export const TANH: u32 = 17
export const GELU: u32 = 18
export const SLICE: u32 = 20
export const TRANSPOSE: u32 = 21
export const GATHER: u32 = 22
export const RESIZE_BILINEAR: u32 = 23
export const ARG_MAX: u32 = 24
export const REDUCE_MAX: u32 = 25
export const REDUCE_MIN: u32 = 26
export const MATMUL: u32 = 27
export const SUB: u32 = 40
export const MINIMUM: u32 = 41
export const MAXIMUM: u32 = 42
export const PRELU: u32 = 43
export const SVDF: u32 = 44
export const LSTM: u32 = 45
export const LAYER_NORM: u32 = 70
export const PAIRWISE: u32 = 50
export const SELECT: u32 = 51
export const CAST: u32 = 52
export const SCAN: u32 = 53
export const LOOKUP_PAIR: u32 = 54
export const TREE_ENSEMBLE: u32 = 80
export const FLOAT_LINEAR: u32 = 81
export const FLOAT_BINARY: u32 = 82
export const FLOAT_UNARY: u32 = 83
export const FLOAT_NORMALIZE: u32 = 84

/** Largest operator code. */
export const LAST_OPERATOR: u32 = FLOAT_NORMALIZE

export function opCheck(op: usize): i32 {
  switch (opCode(op)) {
    case CONV2D:
      return conv2dCheck(op)
    case DEPTHWISE_CONV2D:
      return depthwiseConv2dCheck(op)
    case FULLY_CONNECTED:
      return fullyConnectedCheck(op)
    case ADD:
      return addCheck(op)
    case MUL:
      return mulCheck(op)
    case AVERAGE_POOL:
      return averagePoolCheck(op)
    case MAX_POOL:
      return maxPoolCheck(op)
    case MEAN:
      return meanCheck(op)
    case PAD:
      return padCheck(op)
    case CONCAT:
      return concatCheck(op)
    case RESHAPE:
      return reshapeCheck(op)
    case SOFTMAX:
      return softmaxCheck(op)
    case CLAMP:
      return clampCheck(op)
    case LOOKUP:
      return lookupCheck(op)
    case REQUANTIZE:
      return requantizeCheck(op)
    case LOGISTIC:
      return logisticCheck(op)
    case TANH:
      return tanhCheck(op)
    case GELU:
      return geluCheck(op)
    case SLICE:
      return sliceCheck(op)
    case TRANSPOSE:
      return transposeCheck(op)
    case GATHER:
      return gatherCheck(op)
    case RESIZE_BILINEAR:
      return resizeBilinearCheck(op)
    case ARG_MAX:
      return argMaxCheck(op)
    case REDUCE_MAX:
      return reduceMaxCheck(op)
    case REDUCE_MIN:
      return reduceMinCheck(op)
    case MATMUL:
      return matmulCheck(op)
    case SUB:
      return subCheck(op)
    case MINIMUM:
      return minimumCheck(op)
    case MAXIMUM:
      return maximumCheck(op)
    case PRELU:
      return preluCheck(op)
    case SVDF:
      return svdfCheck(op)
    case LSTM:
      return lstmCheck(op)
    case LAYER_NORM:
      return layerNormCheck(op)
    case PAIRWISE:
      return pairwiseCheck(op)
    case SELECT:
      return selectCheck(op)
    case CAST:
      return castCheck(op)
    case SCAN:
      return scanCheck(op)
    case LOOKUP_PAIR:
      return lookupPairCheck(op)
    case TREE_ENSEMBLE:
      return treeEnsembleCheck(op)
    case FLOAT_LINEAR:
      return floatLinearCheck(op)
    case FLOAT_BINARY:
      return floatBinaryCheck(op)
    case FLOAT_UNARY:
      return floatUnaryCheck(op)
    case FLOAT_NORMALIZE:
      return floatNormalizeCheck(op)
    default:
      return fail(OPERATOR, 0, opCode(op), LAST_OPERATOR)
  }
}

export function opWork(op: usize, work: usize): void {
  switch (opCode(op)) {
    case CONV2D:
      conv2dWork(op, work)
      break
    case DEPTHWISE_CONV2D:
      depthwiseConv2dWork(op, work)
      break
    case FULLY_CONNECTED:
      fullyConnectedWork(op, work)
      break
    case ADD:
      addWork(op, work)
      break
    case MUL:
      mulWork(op, work)
      break
    case AVERAGE_POOL:
      averagePoolWork(op, work)
      break
    case MAX_POOL:
      maxPoolWork(op, work)
      break
    case MEAN:
      meanWork(op, work)
      break
    case PAD:
      padWork(op, work)
      break
    case CONCAT:
      concatWork(op, work)
      break
    case RESHAPE:
      reshapeWork(op, work)
      break
    case SOFTMAX:
      softmaxWork(op, work)
      break
    case CLAMP:
      clampWork(op, work)
      break
    case LOOKUP:
      lookupWork(op, work)
      break
    case REQUANTIZE:
      requantizeWork(op, work)
      break
    case LOGISTIC:
      logisticWork(op, work)
      break
    case TANH:
      tanhWork(op, work)
      break
    case GELU:
      geluWork(op, work)
      break
    case SLICE:
      sliceWork(op, work)
      break
    case TRANSPOSE:
      transposeWork(op, work)
      break
    case GATHER:
      gatherWork(op, work)
      break
    case RESIZE_BILINEAR:
      resizeBilinearWork(op, work)
      break
    case ARG_MAX:
      argMaxWork(op, work)
      break
    case REDUCE_MAX:
      reduceMaxWork(op, work)
      break
    case REDUCE_MIN:
      reduceMinWork(op, work)
      break
    case MATMUL:
      matmulWork(op, work)
      break
    case SUB:
      subWork(op, work)
      break
    case MINIMUM:
      minimumWork(op, work)
      break
    case MAXIMUM:
      maximumWork(op, work)
      break
    case PRELU:
      preluWork(op, work)
      break
    case SVDF:
      svdfWork(op, work)
      break
    case LSTM:
      lstmWork(op, work)
      break
    case LAYER_NORM:
      layerNormWork(op, work)
      break
    case PAIRWISE:
      pairwiseWork(op, work)
      break
    case SELECT:
      selectWork(op, work)
      break
    case CAST:
      castWork(op, work)
      break
    case SCAN:
      scanWork(op, work)
      break
    case LOOKUP_PAIR:
      lookupPairWork(op, work)
      break
    case TREE_ENSEMBLE:
      treeEnsembleWork(op, work)
      break
    case FLOAT_LINEAR:
      floatLinearWork(op, work)
      break
    case FLOAT_BINARY:
      floatBinaryWork(op, work)
      break
    case FLOAT_UNARY:
      floatUnaryWork(op, work)
      break
    case FLOAT_NORMALIZE:
      floatNormalizeWork(op, work)
      break
    default:
      break
  }
}

export function opValidate(op: usize): i32 {
  switch (opCode(op)) {
    case CONV2D:
      return conv2dValidate(op)
    case DEPTHWISE_CONV2D:
      return depthwiseConv2dValidate(op)
    case FULLY_CONNECTED:
      return fullyConnectedValidate(op)
    case ADD:
      return addValidate(op)
    case MUL:
      return mulValidate(op)
    case AVERAGE_POOL:
      return averagePoolValidate(op)
    case MAX_POOL:
      return maxPoolValidate(op)
    case MEAN:
      return meanValidate(op)
    case PAD:
      return padValidate(op)
    case CONCAT:
      return concatValidate(op)
    case RESHAPE:
      return reshapeValidate(op)
    case SOFTMAX:
      return softmaxValidate(op)
    case CLAMP:
      return clampValidate(op)
    case LOOKUP:
      return lookupValidate(op)
    case REQUANTIZE:
      return requantizeValidate(op)
    case LOGISTIC:
      return logisticValidate(op)
    case TANH:
      return tanhValidate(op)
    case GELU:
      return geluValidate(op)
    case SLICE:
      return sliceValidate(op)
    case TRANSPOSE:
      return transposeValidate(op)
    case GATHER:
      return gatherValidate(op)
    case RESIZE_BILINEAR:
      return resizeBilinearValidate(op)
    case ARG_MAX:
      return argMaxValidate(op)
    case REDUCE_MAX:
      return reduceMaxValidate(op)
    case REDUCE_MIN:
      return reduceMinValidate(op)
    case MATMUL:
      return matmulValidate(op)
    case SUB:
      return subValidate(op)
    case MINIMUM:
      return minimumValidate(op)
    case MAXIMUM:
      return maximumValidate(op)
    case PRELU:
      return preluValidate(op)
    case SVDF:
      return svdfValidate(op)
    case LSTM:
      return lstmValidate(op)
    case LAYER_NORM:
      return layerNormValidate(op)
    case PAIRWISE:
      return pairwiseValidate(op)
    case SELECT:
      return selectValidate(op)
    case CAST:
      return castValidate(op)
    case SCAN:
      return scanValidate(op)
    case LOOKUP_PAIR:
      return lookupPairValidate(op)
    case TREE_ENSEMBLE:
      return treeEnsembleValidate(op)
    case FLOAT_LINEAR:
      return floatLinearValidate(op)
    case FLOAT_BINARY:
      return floatBinaryValidate(op)
    case FLOAT_UNARY:
      return floatUnaryValidate(op)
    case FLOAT_NORMALIZE:
      return floatNormalizeValidate(op)
    default:
      return 0
  }
}

export function opPackedBytes(op: usize): u64 {
  switch (opCode(op)) {
    case CONV2D:
      return conv2dPackedBytes(op)
    case DEPTHWISE_CONV2D:
      return depthwiseConv2dPackedBytes(op)
    case FULLY_CONNECTED:
      return fullyConnectedPackedBytes(op)
    case ADD:
      return addPackedBytes(op)
    case MUL:
      return mulPackedBytes(op)
    case AVERAGE_POOL:
      return averagePoolPackedBytes(op)
    case MAX_POOL:
      return maxPoolPackedBytes(op)
    case MEAN:
      return meanPackedBytes(op)
    case PAD:
      return padPackedBytes(op)
    case CONCAT:
      return concatPackedBytes(op)
    case RESHAPE:
      return reshapePackedBytes(op)
    case SOFTMAX:
      return softmaxPackedBytes(op)
    case CLAMP:
      return clampPackedBytes(op)
    case LOOKUP:
      return lookupPackedBytes(op)
    case REQUANTIZE:
      return requantizePackedBytes(op)
    case LOGISTIC:
      return logisticPackedBytes(op)
    case TANH:
      return tanhPackedBytes(op)
    case GELU:
      return geluPackedBytes(op)
    case SLICE:
      return slicePackedBytes(op)
    case TRANSPOSE:
      return transposePackedBytes(op)
    case GATHER:
      return gatherPackedBytes(op)
    case RESIZE_BILINEAR:
      return resizeBilinearPackedBytes(op)
    case ARG_MAX:
      return argMaxPackedBytes(op)
    case REDUCE_MAX:
      return reduceMaxPackedBytes(op)
    case REDUCE_MIN:
      return reduceMinPackedBytes(op)
    case MATMUL:
      return matmulPackedBytes(op)
    case SUB:
      return subPackedBytes(op)
    case MINIMUM:
      return minimumPackedBytes(op)
    case MAXIMUM:
      return maximumPackedBytes(op)
    case PRELU:
      return preluPackedBytes(op)
    case SVDF:
      return svdfPackedBytes(op)
    case LSTM:
      return lstmPackedBytes(op)
    case LAYER_NORM:
      return layerNormPackedBytes(op)
    case PAIRWISE:
      return pairwisePackedBytes(op)
    case SELECT:
      return selectPackedBytes(op)
    case CAST:
      return castPackedBytes(op)
    case SCAN:
      return scanPackedBytes(op)
    case LOOKUP_PAIR:
      return lookupPairPackedBytes(op)
    case TREE_ENSEMBLE:
      return treeEnsemblePackedBytes(op)
    case FLOAT_LINEAR:
      return floatLinearPackedBytes(op)
    case FLOAT_BINARY:
      return floatBinaryPackedBytes(op)
    case FLOAT_UNARY:
      return floatUnaryPackedBytes(op)
    case FLOAT_NORMALIZE:
      return floatNormalizePackedBytes(op)
    default:
      return 0
  }
}

export function opScratchBytes(op: usize): u64 {
  switch (opCode(op)) {
    case CONV2D:
      return conv2dScratchBytes(op)
    case DEPTHWISE_CONV2D:
      return depthwiseConv2dScratchBytes(op)
    case FULLY_CONNECTED:
      return fullyConnectedScratchBytes(op)
    case ADD:
      return addScratchBytes(op)
    case MUL:
      return mulScratchBytes(op)
    case AVERAGE_POOL:
      return averagePoolScratchBytes(op)
    case MAX_POOL:
      return maxPoolScratchBytes(op)
    case MEAN:
      return meanScratchBytes(op)
    case PAD:
      return padScratchBytes(op)
    case CONCAT:
      return concatScratchBytes(op)
    case RESHAPE:
      return reshapeScratchBytes(op)
    case SOFTMAX:
      return softmaxScratchBytes(op)
    case CLAMP:
      return clampScratchBytes(op)
    case LOOKUP:
      return lookupScratchBytes(op)
    case REQUANTIZE:
      return requantizeScratchBytes(op)
    case LOGISTIC:
      return logisticScratchBytes(op)
    case TANH:
      return tanhScratchBytes(op)
    case GELU:
      return geluScratchBytes(op)
    case SLICE:
      return sliceScratchBytes(op)
    case TRANSPOSE:
      return transposeScratchBytes(op)
    case GATHER:
      return gatherScratchBytes(op)
    case RESIZE_BILINEAR:
      return resizeBilinearScratchBytes(op)
    case ARG_MAX:
      return argMaxScratchBytes(op)
    case REDUCE_MAX:
      return reduceMaxScratchBytes(op)
    case REDUCE_MIN:
      return reduceMinScratchBytes(op)
    case MATMUL:
      return matmulScratchBytes(op)
    case SUB:
      return subScratchBytes(op)
    case MINIMUM:
      return minimumScratchBytes(op)
    case MAXIMUM:
      return maximumScratchBytes(op)
    case PRELU:
      return preluScratchBytes(op)
    case SVDF:
      return svdfScratchBytes(op)
    case LSTM:
      return lstmScratchBytes(op)
    case LAYER_NORM:
      return layerNormScratchBytes(op)
    case PAIRWISE:
      return pairwiseScratchBytes(op)
    case SELECT:
      return selectScratchBytes(op)
    case CAST:
      return castScratchBytes(op)
    case SCAN:
      return scanScratchBytes(op)
    case LOOKUP_PAIR:
      return lookupPairScratchBytes(op)
    case TREE_ENSEMBLE:
      return treeEnsembleScratchBytes(op)
    case FLOAT_LINEAR:
      return floatLinearScratchBytes(op)
    case FLOAT_BINARY:
      return floatBinaryScratchBytes(op)
    case FLOAT_UNARY:
      return floatUnaryScratchBytes(op)
    case FLOAT_NORMALIZE:
      return floatNormalizeScratchBytes(op)
    default:
      return 0
  }
}

export function opLoad(op: usize): void {
  switch (opCode(op)) {
    case CONV2D:
      conv2dLoad(op)
      break
    case DEPTHWISE_CONV2D:
      depthwiseConv2dLoad(op)
      break
    case FULLY_CONNECTED:
      fullyConnectedLoad(op)
      break
    case ADD:
      addLoad(op)
      break
    case MUL:
      mulLoad(op)
      break
    case AVERAGE_POOL:
      averagePoolLoad(op)
      break
    case MAX_POOL:
      maxPoolLoad(op)
      break
    case MEAN:
      meanLoad(op)
      break
    case PAD:
      padLoad(op)
      break
    case CONCAT:
      concatLoad(op)
      break
    case RESHAPE:
      reshapeLoad(op)
      break
    case SOFTMAX:
      softmaxLoad(op)
      break
    case CLAMP:
      clampLoad(op)
      break
    case LOOKUP:
      lookupLoad(op)
      break
    case REQUANTIZE:
      requantizeLoad(op)
      break
    case LOGISTIC:
      logisticLoad(op)
      break
    case TANH:
      tanhLoad(op)
      break
    case GELU:
      geluLoad(op)
      break
    case SLICE:
      sliceLoad(op)
      break
    case TRANSPOSE:
      transposeLoad(op)
      break
    case GATHER:
      gatherLoad(op)
      break
    case RESIZE_BILINEAR:
      resizeBilinearLoad(op)
      break
    case ARG_MAX:
      argMaxLoad(op)
      break
    case REDUCE_MAX:
      reduceMaxLoad(op)
      break
    case REDUCE_MIN:
      reduceMinLoad(op)
      break
    case MATMUL:
      matmulLoad(op)
      break
    case SUB:
      subLoad(op)
      break
    case MINIMUM:
      minimumLoad(op)
      break
    case MAXIMUM:
      maximumLoad(op)
      break
    case PRELU:
      preluLoad(op)
      break
    case SVDF:
      svdfLoad(op)
      break
    case LSTM:
      lstmLoad(op)
      break
    case LAYER_NORM:
      layerNormLoad(op)
      break
    case PAIRWISE:
      pairwiseLoad(op)
      break
    case SELECT:
      selectLoad(op)
      break
    case CAST:
      castLoad(op)
      break
    case SCAN:
      scanLoad(op)
      break
    case LOOKUP_PAIR:
      lookupPairLoad(op)
      break
    case TREE_ENSEMBLE:
      treeEnsembleLoad(op)
      break
    case FLOAT_LINEAR:
      floatLinearLoad(op)
      break
    case FLOAT_BINARY:
      floatBinaryLoad(op)
      break
    case FLOAT_UNARY:
      floatUnaryLoad(op)
      break
    case FLOAT_NORMALIZE:
      floatNormalizeLoad(op)
      break
    default:
      break
  }
}

export function opRun(op: usize): void {
  switch (opCode(op)) {
    case CONV2D:
      conv2dRun(op)
      break
    case DEPTHWISE_CONV2D:
      depthwiseConv2dRun(op)
      break
    case FULLY_CONNECTED:
      fullyConnectedRun(op)
      break
    case ADD:
      addRun(op)
      break
    case MUL:
      mulRun(op)
      break
    case AVERAGE_POOL:
      averagePoolRun(op)
      break
    case MAX_POOL:
      maxPoolRun(op)
      break
    case MEAN:
      meanRun(op)
      break
    case PAD:
      padRun(op)
      break
    case CONCAT:
      concatRun(op)
      break
    case RESHAPE:
      reshapeRun(op)
      break
    case SOFTMAX:
      softmaxRun(op)
      break
    case CLAMP:
      clampRun(op)
      break
    case LOOKUP:
      lookupRun(op)
      break
    case REQUANTIZE:
      requantizeRun(op)
      break
    case LOGISTIC:
      logisticRun(op)
      break
    case TANH:
      tanhRun(op)
      break
    case GELU:
      geluRun(op)
      break
    case SLICE:
      sliceRun(op)
      break
    case TRANSPOSE:
      transposeRun(op)
      break
    case GATHER:
      gatherRun(op)
      break
    case RESIZE_BILINEAR:
      resizeBilinearRun(op)
      break
    case ARG_MAX:
      argMaxRun(op)
      break
    case REDUCE_MAX:
      reduceMaxRun(op)
      break
    case REDUCE_MIN:
      reduceMinRun(op)
      break
    case MATMUL:
      matmulRun(op)
      break
    case SUB:
      subRun(op)
      break
    case MINIMUM:
      minimumRun(op)
      break
    case MAXIMUM:
      maximumRun(op)
      break
    case PRELU:
      preluRun(op)
      break
    case SVDF:
      svdfRun(op)
      break
    case LSTM:
      lstmRun(op)
      break
    case LAYER_NORM:
      layerNormRun(op)
      break
    case PAIRWISE:
      pairwiseRun(op)
      break
    case SELECT:
      selectRun(op)
      break
    case CAST:
      castRun(op)
      break
    case SCAN:
      scanRun(op)
      break
    case LOOKUP_PAIR:
      lookupPairRun(op)
      break
    case TREE_ENSEMBLE:
      treeEnsembleRun(op)
      break
    case FLOAT_LINEAR:
      floatLinearRun(op)
      break
    case FLOAT_BINARY:
      floatBinaryRun(op)
      break
    case FLOAT_UNARY:
      floatUnaryRun(op)
      break
    case FLOAT_NORMALIZE:
      floatNormalizeRun(op)
      break
    default:
      break
  }
}
