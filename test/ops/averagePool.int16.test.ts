import { test } from 'node:test'
import { bounds16, fuzz, randomWindow, straddling } from './fuzz.ts'

test("averagePool of int16: both builds give the reference's bytes", () =>
  fuzz(100, (dice) => {
    const { h, w } = randomWindow(dice, [1, 2, 3, 4, 7], [1])
    const [pictures, channels] = [dice.pick([1, 2]), dice.pick(straddling)]
    return {
      name: 'averagePool',
      operands: [{ type: 'int16', shape: [pictures, h.size, w.size, channels] }],
      result: { type: 'int16', shape: [pictures, h.windows, w.windows, channels] },
      attributes: [h.kernel, w.kernel, h.stride, w.stride, h.before, h.after, w.before, w.after, ...bounds16(dice)],
    }
  }))
