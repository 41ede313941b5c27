/** Functions of one tensor that become tables on int8. */
import { multiply } from '../../reference/arithmetic.ts'
import { erfc, exp, log, tanh } from '../exact.ts'
import { integerEntries, quantizeMultiplier, roundHalfAway } from '../scales.ts'
import { type Affine, affine } from './affine.ts'
import { inverseSquareRoot } from './inverseSquareRoot.ts'
import type { NodeView, Rule } from './rule.ts'
import { checkUnary, lowerTable, xnnpackScaled } from './unary.ts'

const f32 = Math.fround

/** On int16 a prelu with the constant 1. */
export const leakyRelu: Rule = {
  check(view) {
    checkUnary(view, ['int8', 'int16'])
    if (!(view.number('alpha') >= 0 && view.number('alpha') <= 1)) view.refuse(`alpha is ${view.number('alpha')}`, '0 to 1')
  },
  lower(view, builder) {
    const [x, y] = [affine(view.input(0)), affine(view.output())]
    const real = [f32(x.scale / y.scale), f32(f32(x.scale * view.number('alpha')) / y.scale)]
    const [same, less] = real.map((scale) => ({ mode: modeOf(view), ...quantizeMultiplier(scale) }))
    if (view.input(0).type === 'int8') {
      const xnnpack = builder.rounding === 'fp32' ? xnnpackScales(x, y, view.number('alpha')) : undefined
      lowerTable(view, builder, (q) => {
        const [value, part] = [q - x.zero, q >= x.zero ? 0 : 1]
        return y.zero + (xnnpack === undefined ? multiply(value, [same!, less!][part]!) : xnnpackScaled(value, xnnpack[part]!))
      })
      return
    }
    const one = builder.constant('one', 'int16', [1], new Uint8Array([1, 0]))
    const operands = [builder.tensor(view.inputIndex(0)), one]
    const attributes = { xZero: 0, alphaZero: 0, yZero: 0, yMin: -(2 ** 15), yMax: 2 ** 15 - 1 }
    builder.operator('prelu', operands, builder.tensor(view.outputIndex()), attributes, integerEntries([same!, less!]))
  },
}

/** Those of qs8-vlrelu; undefined where TFLite's own kernel takes them. */
function xnnpackScales(x: Affine, y: Affine, alpha: number): readonly [number, number] | undefined {
  const same = f32(x.scale / y.scale)
  const less = f32(same * alpha)
  return same >= 2 ** -8 && same <= 2 ** 7 && less >= 2 ** -8 && less <= 2 ** 7 ? [same, less] : undefined
}

export const abs: Rule = {
  check(view) {
    checkUnary(view)
  },
  lower(view, builder) {
    const [x, y] = [affine(view.input(0)), affine(view.output())]
    const scale = { mode: modeOf(view), ...quantizeMultiplier(f32(x.scale / y.scale)) }
    lowerTable(view, builder, (q) => y.zero + (x.scale === y.scale ? Math.abs(q - x.zero) : multiply(Math.abs(q - x.zero), scale)))
  },
}

/** Of numbers above 0; TFLite stops at those below, the table has 127 for them and for 0. */
export const rsqrt: Rule = {
  check(view) {
    checkUnary(view)
  },
  lower(view, builder) {
    const [x, y] = [affine(view.input(0)), affine(view.output())]
    const mode = modeOf(view)
    const { multiplier, shift } = quantizeMultiplier(1 / f32(f32(Math.sqrt(x.scale)) * y.scale))
    const fractionBits = 20
    lowerTable(view, builder, (q) => {
      if (q <= x.zero) return 127
      const root = inverseSquareRoot(q - x.zero)
      const fixed = multiply(1, { mode, multiplier: root.multiplier, shift: root.shift + fractionBits })
      return y.zero + multiply(fixed, { mode, multiplier, shift: shift - fractionBits })
    })
  },
}

/** A function as TFLite's LUTPopulate tabulates it, in float32. */
function tabulated(of: (x: number, view: NodeView) => number): Rule {
  return {
    check(view) {
      checkUnary(view)
    },
    lower(view, builder) {
      const [x, y] = [affine(view.input(0)), affine(view.output())]
      const inverse = f32(1 / y.scale)
      lowerTable(view, builder, (q) => y.zero + roundHalfAway(f32(f32(of(f32(x.scale * (q - x.zero)), view)) * inverse)))
    },
  }
}

export const exponential = tabulated((x) => exp(Math.min(x, 88)))

/** The least number there is for what has no logarithm. */
export const logarithm = tabulated((x, view) => {
  const y = affine(view.output())
  return x > 0 ? log(x) : y.scale * (-128 - y.zero)
})

export const elu = tabulated((x) => (x < 0 ? f32(exp(x)) - 1 : x))

export const gelu = tabulated((x, view) => {
  const half = f32(0.5 * x)
  if (!view.flag('approximate')) return half * f32(erfc(f32(x * -f32(Math.SQRT1_2))))
  const cubic = f32(f32(f32(f32(0.044715) * x) * x) * x)
  return half * f32(1 + f32(tanh(f32(f32(Math.sqrt(2 / Math.PI)) * f32(x + cubic)))))
})

function modeOf(view: NodeView): 'single' | 'double' {
  return view.rounding === 'single' ? 'single' : 'double'
}
