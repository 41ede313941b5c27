import { depthwisePanel } from '../../assembly/kernels/depthwise'
import { packDepthwisePanel } from '../../assembly/kernels/pack'
import { widenPicture } from '../../assembly/kernels/widen'
import { byteAt, intAt, randomBytes, room } from './support'

/** `taps` in a row over one row of `windows` + taps − 1 pixels of `channels` ≤ 8. */
function differences(windows: i32, taps: i32, channels: i32, xZero: i32, wZero: i32): i32 {
  const pixels = windows + taps - 1
  const x = randomBytes(pixels * channels)
  const w = randomBytes(taps * channels)
  const picture = room(pixels * 16 + 64)
  widenPicture(x, 1, pixels, channels, xZero, 0, 0, 0, 0, 1, 8, picture)
  const tapPairs = (taps + 1) >> 1
  const panel = room(tapPairs * 32)
  packDepthwisePanel(w, channels, channels, taps, wZero, panel)
  const offsets = room(tapPairs * 8)
  for (let tap = 0; tap < tapPairs * 2; tap++) store<u32>(offsets + tap * 4, min(tap, taps - 1) * 16)
  const rounded = (windows + 3) & ~3
  const pointers = room(rounded * 4)
  for (let i = 0; i < rounded; i++) store<u32>(pointers + i * 4, <u32>picture + min(i, windows - 1) * 16)
  const accumulators = room(rounded * 32)
  depthwisePanel(pointers, windows, 0, offsets, tapPairs, panel, accumulators)
  let wrong = 0
  for (let window = 0; window < windows; window++)
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0
      for (let tap = 0; tap < taps; tap++)
        sum += (byteAt(x, (window + tap) * channels + channel) - xZero) * (byteAt(w, tap * channels + channel) - wZero)
      if (intAt(accumulators, window * 8 + channel) !== sum) wrong++
    }
  return wrong
}

describe('depthwisePanel', () => {
  it('pairs taps whose number is even and odd', () => {
    for (let taps = 1; taps <= 9; taps++) expect<i32>(differences(4, taps, 8, 0, 0)).toBe(0)
  })

  it('takes windows that are no multiple of four, and few channels', () => {
    for (let windows = 1; windows <= 5; windows++) expect<i32>(differences(windows, 3, windows, -128, 127)).toBe(0)
  })
})
