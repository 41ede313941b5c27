import {
  CHANNEL_CONSTANTS_BYTES,
  packChannelConstants,
  requantizeFlat,
  requantizePanel,
  storePanel,
} from '../../assembly/kernels/requantize'
import { clampToByte, requantizeDouble, requantizeSingle } from '../../assembly/math/requantize'
import { ROUNDING_DOUBLE, ROUNDING_FP32, ROUNDING_SINGLE } from '../../assembly/model/records'
import { byteAt, intAt, nextByte, room } from './support'

function nextInt(): i32 {
  return ((<i32>nextByte()) << 24) ^ ((<i32>nextByte()) << 16) ^ ((<i32>nextByte()) << 8) ^ <i32>nextByte()
}

/** Results of 33 rows that differ from the numbers one at a time; the right shifts go from `least` to `least` + `spread`. */
function differences(mode: u32, least: i32, spread: i32, columns: i32): i32 {
  const bias = room(32)
  const multipliers = room(32)
  const shifts = room(32)
  const constants = room(<i32>CHANNEL_CONSTANTS_BYTES)
  for (let i = 0; i < 8; i++) {
    store<i32>(bias + i * 4, nextByte())
    store<i32>(multipliers + i * 4, 0x40000000 | (nextInt() & 0x3fffffff))
    store<i32>(shifts + i * 4, -(least + (i * spread) / 7))
  }
  packChannelConstants(mode, constants, bias, multipliers, shifts)
  const rows = 33
  const accumulators = room((rows + 1) * 32)
  // Numbers whose results lie around the bytes, and a few that saturate.
  for (let i = 0; i < rows * 8; i++) {
    const magnitude = min(30, 8 + max(least, 0) + (i % 5))
    store<i32>(accumulators + i * 4, nextInt() >> (31 - magnitude))
  }
  const given = room(rows * 32)
  memory.copy(given, accumulators, rows * 32)
  const out = room(rows * columns + 8)
  requantizePanel(mode, accumulators, rows, constants, 5, -100, 120, out, columns, columns)
  let wrong = 0
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const acc = intAt(given, row * 8 + column) + intAt(bias, column)
      const multiplier = intAt(multipliers, column)
      const shift = intAt(shifts, column)
      const value = mode === ROUNDING_SINGLE ? requantizeSingle(acc, multiplier, shift) : requantizeDouble(acc, multiplier, shift)
      if (byteAt(out, row * columns + column) !== clampToByte(value, 5, -100, 120)) wrong++
    }
  return wrong + (load<u8>(out + rows * columns) !== 0xa5 ? 1 : 0)
}

describe('requantizePanel', () => {
  it('agrees with one number at a time for every shift, alike and apart', () => {
    for (let right = 0; right < 31; right++)
      for (let spread = 0; spread < 31 - right; spread += 3) {
        expect<i32>(differences(ROUNDING_SINGLE, right, spread, 8)).toBe(0)
        expect<i32>(differences(ROUNDING_DOUBLE, right, spread, 8)).toBe(0)
      }
  })

  it('writes only the columns that there are', () => {
    for (let columns = 1; columns <= 8; columns++) expect<i32>(differences(ROUNDING_DOUBLE, 9, 2, columns)).toBe(0)
  })

  it('rounds ties to even in fp32 and saturates what is far outside', () => {
    const bias = room(32)
    const scales = room(32)
    const constants = room(<i32>CHANNEL_CONSTANTS_BYTES)
    memory.fill(bias, 0, 32)
    for (let i = 0; i < 8; i++) store<f32>(scales + i * 4, 0.5)
    packChannelConstants(ROUNDING_FP32, constants, bias, scales, bias)
    const accumulators = room(64)
    const numbers: StaticArray<i32> = [1, 3, 5, -1, -3, i32.MAX_VALUE, i32.MIN_VALUE, 200]
    const wanted: StaticArray<i32> = [0, 2, 2, 0, -2, 127, -128, 100]
    for (let i = 0; i < 8; i++) store<i32>(accumulators + i * 4, numbers[i])
    const out = room(8)
    requantizePanel(ROUNDING_FP32, accumulators, 1, constants, 0, -128, 127, out, 8, 8)
    for (let i = 0; i < 8; i++) expect<i32>(byteAt(out, i)).toBe(wanted[i])
  })
})

describe('requantizeFlat', () => {
  it('writes exactly as many results as asked', () => {
    const zeros = room(32)
    memory.fill(zeros, 0, 32)
    const constants = room(<i32>CHANNEL_CONSTANTS_BYTES)
    packChannelConstants(ROUNDING_SINGLE, constants, zeros, zeros, zeros)
    for (let count = 1; count <= 33; count++) {
      const accumulators = room(count * 4 + 64)
      const out = room(count + 1)
      requantizeFlat(ROUNDING_SINGLE, accumulators, count, constants, 3, -128, 127, out)
      for (let i = 0; i < count; i++) expect<i32>(byteAt(out, i)).toBe(3)
      expect<u8>(load<u8>(out + count)).toBe(0xa5)
    }
  })
})

describe('storePanel', () => {
  it('adds the bias and keeps int32', () => {
    const bias = room(32)
    for (let i = 0; i < 8; i++) store<i32>(bias + i * 4, i * 1000)
    const zeros = room(32)
    memory.fill(zeros, 0, 32)
    const constants = room(<i32>CHANNEL_CONSTANTS_BYTES)
    packChannelConstants(ROUNDING_SINGLE, constants, bias, zeros, zeros)
    const accumulators = room(64)
    for (let i = 0; i < 16; i++) store<i32>(accumulators + i * 4, i)
    const out = room(64)
    storePanel(accumulators, 2, constants, out, 20, 5)
    for (let row = 0; row < 2; row++) for (let i = 0; i < 5; i++) expect<i32>(intAt(out, row * 5 + i)).toBe(row * 8 + i + i * 1000)
    expect<u8>(load<u8>(out + 40)).toBe(0xa5)
  })
})
