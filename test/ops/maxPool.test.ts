import { test } from 'node:test'
import { bounds, fuzz, randomWindow, straddling } from './fuzz.ts'

// 81 × 60 pixels are more than the division by multiplication takes.
test("maxPool: both builds give the reference's bytes", () =>
  fuzz(150, (dice) => {
    const { h, w } = randomWindow(dice, dice.between(0, 39) === 0 ? [60, 81] : [1, 2, 3, 4, 7], [1])
    const [pictures, channels] = [dice.pick([1, 2]), h.kernel > 7 ? 9 : dice.pick(straddling)]
    return {
      name: 'maxPool',
      operands: [{ shape: [pictures, h.size, w.size, channels] }],
      result: { shape: [pictures, h.windows, w.windows, channels] },
      attributes: [h.kernel, w.kernel, h.stride, w.stride, h.before, h.after, w.before, w.after, ...bounds(dice)],
    }
  }))
