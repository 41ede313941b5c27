/** SOFTMAX, LOGISTIC, TANH and HARD_SWISH. */
import { logistic as exactLogistic, tanh as exactTanh } from '../exact.ts'
import { integerEntries, quantizeMultiplier, roundHalfAway, splitFloat } from '../scales.ts'
import { type Affine, affine } from './affine.ts'
import { hardSwishTable } from './hardSwish.ts'
import type { NodeView, Rule } from './rule.ts'
import { checkUnary, lowerTable } from './unary.ts'

export const softmax: Rule = {
  check(view) {
    checkUnary(view)
    checkResult(view, { scale: 1 / 256, zero: -128 })
    const beta = view.number('beta')
    if (!(beta > 0 && beta < 2 ** 20)) view.refuse(`beta is ${beta}`, 'a positive beta')
    else if (softmaxScale(view).shift < 0)
      view.refuse(`the scale ${affine(view.input(0)).scale} of its operand is too small`, '2^-26 or more')
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

/** Differences in Q5.26 (TFLite PreprocessSoftmaxScaling). */
function softmaxScale(view: NodeView): { multiplier: number; shift: number } {
  return quantizeMultiplier(Math.min(view.number('beta') * affine(view.input(0)).scale * 2 ** 26, 2 ** 31 - 1))
}

export const logistic = saturating('logistic', exactLogistic, { scale: 1 / 256, zero: -128 })

export const tanh = saturating('tanh', exactTanh, { scale: 1 / 128, zero: 0 })

/** Logistic and tanh: TFLite's integer form in the integer modes; in fp32 the table of the float function, as TFLite's and XNNPACK's kernels have it. */
function saturating(name: 'logistic' | 'tanh', of: (x: number) => number, result: Affine): Rule {
  return {
    check(view) {
      checkUnary(view)
      checkResult(view, result)
    },
    lower(view, builder) {
      const x = affine(view.input(0))
      if (builder.rounding === 'fp32') {
        lowerTable(
          view,
          builder,
          (q) => result.zero + roundHalfAway(Math.fround(Math.fround(of(Math.fround(x.scale * (q - x.zero)))) / result.scale)),
        )
        return
      }
      const entries = integerEntries([quantizeMultiplier(x.scale * 2 ** 27)])
      builder.operator(name, [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()), { xZero: x.zero }, entries)
    },
  }
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

function checkResult(view: NodeView, wanted: Affine): void {
  const got = affine(view.output())
  if (got.scale !== wanted.scale || got.zero !== wanted.zero)
    view.refuse(`its result has scale ${got.scale} and zero point ${got.zero}`, `scale ${wanted.scale} and zero point ${wanted.zero}`)
}
