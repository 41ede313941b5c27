/** Valid models that the rule tests and the fuzzing change. */
import type { Model, Rounding } from '../../runtime/model/types.ts'

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
