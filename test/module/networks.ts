/** Valid models that the rule tests and the fuzzing change. */
import { floatBits, type Model, type Rounding } from '../../runtime/model/types.ts'
import { random, randomBytes } from './harness.ts'

const none = new Uint8Array()

/**
 * Two inputs, two outputs, a diamond, a constant, a table, a reshape in the middle and int32 beside int8:
 *   x → clamp → a ─┬→ lookup → b ─┐
 *                  └──────────────┴→ concat → c → reshape → d → softmax → e (output)
 *   z (int32) → logistic → f (output)
 */
export function diamond(rounding: Rounding = 'double'): Model {
  const tensor = (shape: number[], data: Uint8Array = none) => ({ type: 'int8' as const, shape, data })
  const operator = (name: Model['operators'][number]['name'], inputs: number[], output: number, attributes: number[] = []) => ({
    name,
    inputs,
    outputs: [output],
    attributes,
    multipliers: [] as number[],
    shifts: [] as number[],
  })
  return {
    rounding,
    tensors: [
      tensor([2, 3]),
      { type: 'int32', shape: [5], data: none },
      tensor([2, 3]),
      tensor(
        [256],
        Uint8Array.from({ length: 256 }, (_, i) => i * 7),
      ),
      tensor([2, 3]),
      tensor([2, 6]),
      tensor([12]),
      tensor([12]),
      { type: 'int32', shape: [5], data: none },
    ],
    operators: [
      operator('clamp', [0], 2, [-100, 100]),
      operator('lookup', [2, 3], 4),
      operator('concat', [2, 4], 5, [1]),
      operator('reshape', [5], 6),
      { ...operator('softmax', [6], 7), multipliers: [1518500250], shifts: [21] },
      operator('logistic', [1], 8),
    ],
    inputs: [
      { tensor: 0, scale: 0.5, zeroPoint: -3 },
      { tensor: 1, scale: 0, zeroPoint: 0 },
    ],
    outputs: [
      { tensor: 7, scale: 1 / 256, zeroPoint: -128 },
      { tensor: 8, scale: 0, zeroPoint: 0 },
    ],
  }
}

/** x [1,6,6,2] → conv2d → depthwiseConv2d → fullyConnected → softmax; weights from a seed, requantization per channel where it may be. */
export function smallCnn(rounding: Rounding, seed = 5): Model {
  const next = random(seed)
  const none = new Uint8Array()
  const small = (length: number) => Uint8Array.from(randomBytes(length, next), (byte) => (byte % 31) - 15)
  const bias = (length: number) => new Uint8Array(Int32Array.from({ length }, () => (next() % 2001) - 1000).buffer)
  const int8 = (shape: number[], data: Uint8Array = none) => ({ type: 'int8' as const, shape, data })
  const int32 = (shape: number[], data: Uint8Array) => ({ type: 'int32' as const, shape, data })
  const scales = (length: number) => ({
    multipliers: Array.from({ length }, () =>
      rounding === 'fp32' ? floatBits(0.004 + (next() % 100) / 20000) : 2 ** 30 + (next() % 2 ** 30),
    ),
    shifts: rounding === 'fp32' ? [] : Array.from({ length }, () => -7 - (next() % 3)),
  })
  return {
    rounding,
    tensors: [
      int8([1, 6, 6, 2]),
      int8([8, 3, 3, 2], small(144)),
      int32([8], bias(8)),
      int8([1, 6, 6, 8]),
      int8([1, 3, 3, 8], small(72)),
      int32([8], bias(8)),
      int8([1, 2, 2, 8]),
      int8([4, 32], small(128)),
      int8([1, 4]),
      int8([1, 4]),
    ],
    operators: [
      { name: 'conv2d', inputs: [0, 1, 2], outputs: [3], attributes: [1, 1, 1, 1, 1, 1, 1, 1, 1, -3, 0, 4, -128, 127], ...scales(8) },
      { name: 'depthwiseConv2d', inputs: [3, 4, 5], outputs: [6], attributes: [2, 2, 1, 1, 0, 0, 0, 0, 4, 0, -5, -5, 127], ...scales(8) },
      { name: 'fullyConnected', inputs: [6, 7], outputs: [8], attributes: [-5, 0, 7, -128, 127], ...scales(1) },
      { name: 'softmax', inputs: [8], outputs: [9], attributes: [], multipliers: [1518500250], shifts: [22] },
    ],
    inputs: [{ tensor: 0, scale: 0.5, zeroPoint: -3 }],
    outputs: [{ tensor: 9, scale: 1 / 256, zeroPoint: -128 }],
  }
}

/**
 * The other int8 operators in a row; the pad's result is an output that is read on:
 *   x [1,6,6,4] → maxPool, averagePool → add → mul (constant) → pad (output) → tanh → gelu → logistic → mean → requantize (output)
 */
export function remaining(rounding: Rounding): Model {
  const int8 = (shape: number[], data = new Uint8Array()) => ({ type: 'int8' as const, shape, data })
  const one = (real: number, shift: number) =>
    rounding === 'fp32' ? { multipliers: [floatBits(real)], shifts: [] } : { multipliers: [1374389535], shifts: [shift] }
  const integer = (...shifts: number[]) => ({ multipliers: shifts.map(() => 1374389535), shifts })
  const none = { multipliers: [], shifts: [] }
  const pool = [2, 2, 2, 2, 0, 0, 0, 0, -120, 120]
  const sum = rounding === 'fp32' ? { multipliers: [1000000, 700000], shifts: [20] } : integer(0, -1, -18)
  return {
    rounding,
    tensors: [
      int8([1, 6, 6, 4]),
      int8([1, 3, 3, 4]),
      int8([1, 3, 3, 4]),
      int8([1, 3, 3, 4]),
      int8([4], Uint8Array.of(1, 100, 200, 255)),
      int8([1, 3, 3, 4]),
      int8([1, 5, 4, 4]),
      int8([1, 5, 4, 4]),
      int8([1, 5, 4, 4]),
      int8([1, 5, 4, 4]),
      int8([1, 4]),
      int8([1, 4]),
    ],
    operators: [
      { name: 'maxPool', inputs: [0], outputs: [1], attributes: pool, ...none },
      { name: 'averagePool', inputs: [0], outputs: [2], attributes: pool, ...none },
      { name: 'add', inputs: [1, 2], outputs: [3], attributes: [3, -4, 5, -128, 127], ...sum },
      { name: 'mul', inputs: [3, 4], outputs: [5], attributes: [5, 0, -7, -128, 127], ...one(0.01, -6) },
      { name: 'pad', inputs: [5], outputs: [6], attributes: [-7, 0, 0, 1, 1, 1, 0, 0, 0], ...none },
      { name: 'tanh', inputs: [6], outputs: [7], attributes: [-7], ...integer(22) },
      { name: 'gelu', inputs: [7], outputs: [8], attributes: [0, -10], ...integer(11, -10) },
      { name: 'logistic', inputs: [8], outputs: [9], attributes: [-10], ...integer(23) },
      { name: 'mean', inputs: [9], outputs: [10], attributes: [6, -128, 1, -128, 127], ...one(0.04, -4) },
      { name: 'requantize', inputs: [10], outputs: [11], attributes: [1, -20, -100, 100], ...one(1.5, 1) },
    ],
    inputs: [{ tensor: 0, scale: 0.5, zeroPoint: 3 }],
    outputs: [
      { tensor: 11, scale: 0.25, zeroPoint: -20 },
      { tensor: 6, scale: 0.5, zeroPoint: -7 },
    ],
  }
}
