/** AVERAGE_POOL_2D and MAX_POOL_2D. */
import { integerBytes } from '../graph.ts'
import { activationBounds, boundsOf, checkActivationFunction } from './activation.ts'
import { affine, sameAffine } from './affine.ts'
import type { Builder } from './builder.ts'
import { checkWindows, windowPadding } from './padding.ts'
import { checkActivation, checkOperands, checkRank4, checkSameType, type NodeView, type Rule } from './rule.ts'

export const averagePool: Rule = {
  check(view) {
    checkPool(view)
    if (isUnsigned(view) && Object.values(padding(view)).some((pixels) => pixels > 0))
      view.refuse('it averages uint8 over windows that reach past the picture', 'VALID padding, or int8')
  },
  lower(view, builder) {
    if (isUnsigned(view)) lowerUnsigned(view, builder)
    else lowerPool(view, builder, 'averagePool')
  },
}

export const maxPool: Rule = {
  check: checkPool,
  lower(view, builder) {
    lowerPool(view, builder, 'maxPool')
  },
}

function checkPool(view: NodeView): void {
  checkOperands(view, 1, 1)
  const [x, y] = [view.input(0), view.output()]
  for (const tensor of [x, y]) {
    checkActivation(view, tensor, ['int8', 'int16'])
    checkRank4(view, tensor)
  }
  checkSameType(view, x, y)
  checkActivationFunction(view)
  for (const option of ['kernelH', 'kernelW']) if (view.number(option) < 1) view.refuse(`${option} is ${view.number(option)}`, '1 or more')
  checkWindows(view, Math.max(view.number('kernelH'), 1), Math.max(view.number('kernelW'), 1))
  if (x.shape[3] !== y.shape[3]) view.refuse(`its operand has ${x.shape[3]} channels, its result ${y.shape[3]}`)
  if (!sameAffine(x, y)) view.refuse('its operand and result differ in scale or zero point', 'one scale and zero point for both')
}

function lowerPool(view: NodeView, builder: Builder, name: 'averagePool' | 'maxPool'): void {
  const bounds = boundsOf(view.text('activation', 'NONE'), view.output())
  builder.operator(name, [builder.tensor(view.inputIndex(0))], builder.tensor(view.outputIndex()), {
    ...window(view),
    ...padding(view),
    ...bounds,
  })
}

function window(view: NodeView): Record<'kernelH' | 'kernelW' | 'strideH' | 'strideW', number> {
  return {
    kernelH: view.number('kernelH'),
    kernelW: view.number('kernelW'),
    strideH: view.number('strideH'),
    strideW: view.number('strideW'),
  }
}

function padding(view: NodeView): Record<string, number> {
  return windowPadding(view, view.number('kernelH'), view.number('kernelW'))
}

function isUnsigned(view: NodeView): boolean {
  return view.input(0).stored === 'uint8'
}

/**
 * TFLite rounds the average of uint8 half up: half away from zero of the unsigned sum, which int8's averagePool cannot express. As a
 * depthwise convolution of the sum counted from −128, the weights 64 leave room for half a unit of the sum in the bias, so that no result
 * lies on a tie and every rounding mode gives the same.
 */
function lowerUnsigned(view: NodeView, builder: Builder): void {
  const { kernelH, kernelW, strideH, strideW } = window(view)
  const channels = view.input(0).shape[3]!
  const count = kernelH * kernelW
  const weights = builder.constant('average', 'int8', [1, kernelH, kernelW, channels], new Uint8Array(count * channels).fill(64))
  const bias = builder.constant(
    'average, half a unit',
    'int32',
    [channels],
    integerBytes(new Array(channels).fill(count % 2 === 0 ? 32 : 0)),
  )
  const real = 1 / (64 * count)
  const attributes = { strideH, strideW, dilationH: 1, dilationW: 1, ...padding(view), xZero: -128, wZero: 0, yZero: -128 }
  const bounds = activationBounds(view.text('activation', 'NONE'), affine(view.output()))
  const operands = [builder.tensor(view.inputIndex(0)), weights, bias]
  const entries = builder.entries([{ exact: real, single: Math.fround(real) }])
  builder.operator('depthwiseConv2d', operands, builder.tensor(view.outputIndex()), { ...attributes, ...bounds }, entries)
}
