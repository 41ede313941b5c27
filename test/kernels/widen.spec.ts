import { fill, widen, widenPicture } from '../../assembly/kernels/widen'
import { byteAt, randomBytes, room, wordAt } from './support'

describe('widen', () => {
  it('takes the zero point off and writes no element too many', () => {
    for (let count = 1; count <= 40; count++) {
      const x = randomBytes(count)
      const out = room(count * 2 + 2)
      widen(x, count, -128, out)
      let wrong = 0
      for (let i = 0; i < count; i++) if (wordAt(out, i) !== byteAt(x, i) + 128) wrong++
      expect<i32>(wrong).toBe(0)
      expect<u16>(load<u16>(out + count * 2)).toBe(0xa5a5)
    }
  })
})

describe('widenPicture', () => {
  it('frames a picture with zeros and repeats channels', () => {
    const x = randomBytes(2 * 3 * 3)
    const out = room(4 * 6 * 8 * 2)
    widenPicture(x, 2, 3, 3, 7, 1, 1, 1, 2, 2, 8, out)
    let wrong = 0
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 6; column++)
        for (let channel = 0; channel < 8; channel++) {
          const inside = row >= 1 && row < 3 && column >= 1 && column < 4 && channel < 6
          const wanted = inside ? byteAt(x, ((row - 1) * 3 + column - 1) * 3 + channel / 2) - 7 : 0
          if (wordAt(out, (row * 6 + column) * 8 + channel) !== wanted) wrong++
        }
    expect<i32>(wrong).toBe(0)
  })
})

describe('fill', () => {
  it('writes exactly as many elements as asked', () => {
    for (let count = 1; count <= 20; count++) {
      const out = room(count * 2 + 2)
      fill(out, count, -255)
      expect<i32>(wordAt(out, count - 1)).toBe(-255)
      expect<u16>(load<u16>(out + count * 2)).toBe(0xa5a5)
    }
  })
})
