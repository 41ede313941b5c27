import { test } from 'node:test'
import type { Rounding } from '../../runtime/model/types.ts'
import type { OperatorSpec } from '../module/harness.ts'
import { bias, bounds, type Dice, fuzz, requantizations, roundings, straddling, weights, zeroPoint } from './fuzz.ts'

function randomConv2d(dice: Dice, rounding: Rounding): OperatorSpec {
  const [strideH, strideW] = [dice.between(1, 3), dice.between(1, 3)]
  const [dilationH, dilationW] = dice.pick([
    [1, 1],
    [1, 1],
    [2, 1],
    [1, 3],
    [2, 2],
  ] as [number, number][])
  const [kernelH, kernelW] = [dice.pick([1, 1, 2, 3, 5]), dice.pick([1, 1, 2, 3, 4])]
  const [extentH, extentW] = [(kernelH - 1) * dilationH + 1, (kernelW - 1) * dilationW + 1]
  const [padTop, padBottom] = [dice.between(0, extentH - 1), dice.between(0, extentH - 1)]
  const [padLeft, padRight] = [dice.between(0, extentW - 1), dice.between(0, extentW - 1)]
  const height = dice.between(Math.max(1, extentH - padTop - padBottom), extentH + 9)
  const width = dice.between(Math.max(1, extentW - padLeft - padRight), extentW + 9)
  const channels = dice.pick(straddling)
  const outputs = dice.pick(straddling)
  const pictures = dice.pick([1, 1, 2])
  const outH = Math.floor((height + padTop + padBottom - extentH) / strideH) + 1
  const outW = Math.floor((width + padLeft + padRight - extentW) / strideW) + 1
  const depth = kernelH * kernelW * channels
  const isInt32 = dice.between(0, 5) === 0
  const entries = dice.pick([1, outputs])
  const [yMin, yMax] = bounds(dice)
  return {
    name: 'conv2d',
    rounding,
    operands: [
      { shape: [pictures, height, width, channels] },
      weights(dice, [outputs, kernelH, kernelW, channels]),
      ...(dice.between(0, 3) === 0 ? [] : [bias(dice, outputs, 1000 * depth)]),
    ],
    result: { type: isInt32 ? 'int32' : 'int8', shape: [pictures, outH, outW, outputs] },
    attributes: [
      ...[strideH, strideW, dilationH, dilationW, padTop, padBottom, padLeft, padRight, 1, zeroPoint(dice), zeroPoint(dice)],
      ...(isInt32 ? [0, 0, 0] : [zeroPoint(dice), yMin, yMax]),
    ],
    ...(isInt32 ? {} : requantizations(dice, rounding, entries, 2000 * depth, 66000 * depth)),
  }
}

for (const rounding of roundings)
  test(`conv2d in ${rounding}: both builds give the reference's bytes`, () => fuzz(120, (dice) => randomConv2d(dice, rounding)))
