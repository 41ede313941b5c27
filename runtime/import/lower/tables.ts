/** Functions of one tensor that become tables on int8. */
import { multiply } from '../../reference/arithmetic.ts'
import { integerEntries, quantizeMultiplier } from '../scales.ts'
import { affine } from './affine.ts'
import type { Rule } from './rule.ts'
import { checkUnary, lowerTable } from './unary.ts'

/** On int16 a prelu with the constant 1. */
export const leakyRelu: Rule = {
  check(view) {
    checkUnary(view, ['int8', 'int16'])
    if (!(view.number('alpha') >= 0 && view.number('alpha') <= 1)) view.refuse(`alpha is ${view.number('alpha')}`, '0 to 1')
  },
  lower(view, builder) {
    const [x, y] = [affine(view.input(0)), affine(view.output())]
    const real = [Math.fround(x.scale / y.scale), Math.fround(Math.fround(x.scale * view.number('alpha')) / y.scale)]
    const [same, less] = real.map(
      (scale) => ({ mode: builder.rounding === 'single' ? 'single' : 'double', ...quantizeMultiplier(scale) }) as const,
    )
    if (view.input(0).type === 'int8') {
      lowerTable(view, builder, (q) => y.zero + multiply(q - x.zero, q >= x.zero ? same! : less!))
      return
    }
    const one = builder.constant('one', 'int16', [1], new Uint8Array([1, 0]))
    const operands = [builder.tensor(view.inputIndex(0)), one]
    const attributes = { xZero: 0, alphaZero: 0, yZero: 0, yMin: -(2 ** 15), yMax: 2 ** 15 - 1 }
    builder.operator('prelu', operands, builder.tensor(view.outputIndex()), attributes, integerEntries([same!, less!]))
  },
}
