/** SOFTMAX, LOGISTIC, TANH and HARD_SWISH. */
import { logistic as exactLogistic, tanh as exactTanh } from '../exact.ts'
import { type IntegerScale, integerEntries, nearestPower, quantizeMultiplier, roundHalfAway, splitFloat } from '../scales.ts'
import { type Affine, affine } from './affine.ts'
import { hardSwishTable } from './hardSwish.ts'
import { checkActivation, checkNumbers, checkOperands, type NodeView, type Rule } from './rule.ts'
import { checkUnary, lowerTable } from './unary.ts'

/** By the types of operand and result; TFLite's kernels are sure of int8's scale, and within a thousandth of the others. */
const softmaxResults: Readonly<Record<string, Affine & { near?: true }>> = {
  'int8 to int8': { scale: 1 / 256, zero: -128 },
  'int8 to int16': { scale: 1 / 65536, zero: -(2 ** 15), near: true },
  'int16 to int16': { scale: 1 / 32768, zero: 0, near: true },
}

export const softmax: Rule = {
  check(view) {
    checkOperands(view, 1, 1)
    const [x, y] = [view.input(0), view.output()]
    checkActivation(view, x, ['int8', 'int16'])
    checkNumbers(view, y, ['int8', 'int16'])
    if (x.shape.join() !== y.shape.join()) view.refuse(`it makes [${y.shape}] of [${x.shape}]`)
    const wanted = softmaxResults[`${x.type} to ${y.type}`]
    if (wanted === undefined) view.refuse(`it makes ${y.type} of ${x.type}`, Object.keys(softmaxResults).join(', '))
    else checkResult(view, wanted)
    const beta = view.number('beta')
    if (!(beta > 0 && beta < 2 ** 20)) view.refuse(`beta is ${beta}`, 'a positive beta')
    else if (x.type === 'int8' && softmaxScale(view).shift < 0)
      view.refuse(`the scale ${affine(x).scale} of its operand is too small`, '2^-26 or more')
    else if (softmaxScale(view).shift > (x.type === 'int16' ? 14 : 30))
      view.refuse(`the scale ${affine(x).scale} of its operand is too large`)
  },
  lower(view, builder) {
    builder.operator(
      'softmax',
      [builder.tensor(view.inputIndex(0))],
      builder.tensor(view.outputIndex()),
      {},
      integerEntries([softmaxScale(view)]),
    )
  },
}

/** Differences in Q5.26 (TFLite PreprocessSoftmaxScaling); on int16 in steps of 10 / 65535. */
function softmaxScale(view: NodeView): { multiplier: number; shift: number } {
  const x = view.input(0)
  if (x.type === 'int16') return quantizeMultiplier((affine(x).scale * view.number('beta')) / (10 / 65535))
  return quantizeMultiplier(Math.min(view.number('beta') * affine(x).scale * 2 ** 26, 2 ** 31 - 1))
}

export const logistic = saturating('logistic', exactLogistic, { scale: 1 / 256, zero: -128 })

export const tanh = saturating('tanh', exactTanh, { scale: 1 / 128, zero: 0 })

/** Logistic and tanh: TFLite's integer form in the integer modes; in fp32 the table of the float function, as TFLite's and XNNPACK's kernels have it. */
function saturating(name: 'logistic' | 'tanh', of: (x: number) => number, result: Affine): Rule {
  return {
    check(view) {
      checkUnary(view, ['int8', 'int16'])
      checkResult(view, view.input(0).type === 'int16' ? { scale: 1 / 32768, zero: 0 } : result)
    },
    lower(view, builder) {
      const x = affine(view.input(0))
      const operands = [builder.tensor(view.inputIndex(0))]
      const to = builder.tensor(view.outputIndex())
      if (view.input(0).type === 'int16') {
        builder.operator(name, operands, to, {}, integerEntries([tableSteps(x.scale)]))
        return
      }
      if (builder.rounding === 'fp32') {
        lowerTable(
          view,
          builder,
          (q) => result.zero + roundHalfAway(Math.fround(Math.fround(of(Math.fround(x.scale * (q - x.zero)))) / result.scale)),
        )
        return
      }
      const entries = integerEntries([quantizeMultiplier(x.scale * 2 ** 27)])
      builder.operator(name, operands, to, { xZero: x.zero }, entries)
    },
  }
}

/**
 * TFLite's scale from int16 to steps of 1 / (3 · 4096): three steps, or six, where the scale is nearly 2^-12 or 2^-11, else a multiplier of
 * 15 bits (LogisticPrepare and TanhPrepare).
 */
function tableSteps(scale: number): IntegerScale {
  const power = nearestPower(scale)
  if (power === -12 || power === -11) return quantizeMultiplier(3 * 2 ** (power + 12))
  let factor = scale * 4096 * 3
  let shift = 0
  while (factor <= 32767 / 2 && shift <= 30) {
    shift += 1
    factor *= 2
  }
  return quantizeMultiplier(Math.trunc(factor) / 2 ** shift)
}

export const hardSwish: Rule = {
  check(view) {
    checkUnary(view)
    // Outside, TFLite's kernel refuses, or shifts 16 bits by 16 and more.
    const { exponent } = splitFloat(Math.fround(Math.fround(affine(view.input(0)).scale / 128) / affine(view.output()).scale))
    if (exponent > 0 || exponent < -14)
      view.refuse('the scales of its operand and result are too far apart', 'a ratio between 2^-7 and 2^7')
  },
  lower(view, builder) {
    const table = hardSwishTable(affine(view.input(0)), affine(view.output()))
    lowerTable(view, builder, (q) => table[q + 128]!)
  },
}

function checkResult(view: NodeView, wanted: Affine & { near?: true }): void {
  const got = affine(view.output())
  const isRight = wanted.near ? Math.abs(got.scale / wanted.scale - 1) <= 0.001 : got.scale === wanted.scale
  if (!isRight || got.zero !== wanted.zero)
    view.refuse(`its result has scale ${got.scale} and zero point ${got.zero}`, `scale ${wanted.scale} and zero point ${wanted.zero}`)
}
