import { clampToByte, rdpot, requantizeDouble, requantizeSingle, srdhm } from '../../assembly/math/requantize'

const HALF: i32 = 1 << 30 // the multiplier of one half

describe('srdhm', () => {
  it('saturates the one product that does not fit', () => {
    expect<i32>(srdhm(i32.MIN_VALUE, i32.MIN_VALUE)).toBe(i32.MAX_VALUE)
  })

  it('rounds half up', () => {
    expect<i32>(srdhm(1, HALF)).toBe(1)
    expect<i32>(srdhm(-1, HALF)).toBe(0)
    expect<i32>(srdhm(3, HALF)).toBe(2)
    expect<i32>(srdhm(-3, HALF)).toBe(-1)
  })
})

describe('rdpot', () => {
  it('rounds ties away from zero', () => {
    expect<i32>(rdpot(5, 1)).toBe(3)
    expect<i32>(rdpot(-5, 1)).toBe(-3)
    expect<i32>(rdpot(i32.MIN_VALUE, 31)).toBe(-1)
    expect<i32>(rdpot(i32.MAX_VALUE, 31)).toBe(1)
  })

  it('leaves a number alone where the shift is 0', () => {
    expect<i32>(rdpot(-7, 0)).toBe(-7)
  })
})

describe('requantization', () => {
  it('rounds once in the mode single and twice in the mode double', () => {
    // 5 / 4 = 1.25: once gives 1; twice goes over 2.5 → 3, 3 / 2 = 1.5 → 2.
    expect<i32>(requantizeSingle(5, HALF, -1)).toBe(1)
    expect<i32>(requantizeDouble(5, HALF, -1)).toBe(2)
  })

  it('multiplies by a power of two where the shift is positive', () => {
    expect<i32>(requantizeSingle(3, HALF, 4)).toBe(24)
    expect<i32>(requantizeDouble(3, HALF, 4)).toBe(24)
  })
})

describe('clampToByte', () => {
  it('does not overflow at the ends of int32', () => {
    expect<i32>(clampToByte(i32.MAX_VALUE, 127, -128, 127)).toBe(127)
    expect<i32>(clampToByte(i32.MIN_VALUE, -128, -128, 127)).toBe(-128)
  })
})
