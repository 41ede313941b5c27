import { averageWindow, maxWindow, reciprocal } from '../../assembly/kernels/pool'
import { accumulate, sumBytes, sumMagnitudes } from '../../assembly/kernels/sum'
import { byteAt, intAt, nextByte, randomBytes, room } from './support'

describe('averageWindow', () => {
  it('divides half away from zero, by a multiplication and past its limit', () => {
    for (let height = 1; height <= 65; height += 4) {
      const width = height === 65 ? 64 : height
      const channels = 9
      const x = randomBytes(height * width * channels)
      // One channel at each end of the range.
      for (let i = 0; i < height * width; i++) {
        store<i8>(x + i * channels, -128)
        store<i8>(x + i * channels + 1, 127)
      }
      const out = room(channels + 1)
      averageWindow(x, height, width, width * channels, channels, reciprocal(height * width), -128, 127, out)
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        for (let i = 0; i < height * width; i++) sum += byteAt(x, i * channels + channel)
        const half = (height * width) >> 1
        expect<i32>(byteAt(out, channel)).toBe((sum > 0 ? sum + half : sum - half) / (height * width))
      }
      expect<u8>(load<u8>(out + channels)).toBe(0xa5)
    }
  })
})

describe('maxWindow', () => {
  it('finds the largest of each channel and writes no channel too many', () => {
    for (let channels = 1; channels <= 33; channels++) {
      const x = randomBytes(3 * 2 * channels)
      const out = room(channels + 1)
      maxWindow(x, 3, 2, 2 * channels, channels, -20, 100, out)
      for (let channel = 0; channel < channels; channel++) {
        let largest = -20
        for (let i = 0; i < 6; i++) largest = max(largest, byteAt(x, i * channels + channel))
        expect<i32>(byteAt(out, channel)).toBe(min(largest, 100))
      }
      expect<u8>(load<u8>(out + channels)).toBe(0xa5)
    }
  })
})

describe('sums', () => {
  it('add bytes of any count', () => {
    for (let count = 0; count <= 40; count++) {
      const x = randomBytes(count)
      const start = <i32>nextByte()
      const accumulators = room(count * 4 + 4)
      let sum = 0
      for (let i = 0; i < count; i++) {
        sum += byteAt(x, i)
        store<i32>(accumulators + i * 4, start)
      }
      expect<i32>(sumBytes(x, count)).toBe(sum)
      let magnitudes: i64 = 0
      for (let i = 0; i < count; i++) magnitudes += abs(byteAt(x, i) - start)
      expect<i64>(sumMagnitudes(x, count, start)).toBe(magnitudes)
      accumulate(x, count, accumulators)
      for (let i = 0; i < count; i++) expect<i32>(intAt(accumulators, i)).toBe(start + byteAt(x, i))
      expect<u32>(load<u32>(accumulators + count * 4)).toBe(0xa5a5a5a5)
    }
  })

  it('adds magnitudes past what 32 bits hold', () => {
    const count = 20000003
    const x = room(count)
    memory.fill(x, 0x80, count)
    expect<i64>(sumMagnitudes(x, count, 127)).toBe(<i64>count * 255)
  })
})
