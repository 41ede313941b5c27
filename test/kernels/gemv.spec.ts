import { gemvPanel, sumPairs } from '../../assembly/kernels/gemv'
import { packGemvPanel } from '../../assembly/kernels/pack'
import { widen } from '../../assembly/kernels/widen'
import { byteAt, intAt, randomBytes, room } from './support'

function differences(depth: i32, columns: i32, xZero: i32, wZero: i32): i32 {
  const x = randomBytes(depth)
  const w = randomBytes(columns * depth)
  const words = room((depth + 8) * 2)
  widen(x, depth, xZero, words)
  store<i16>(words + depth * 2, 0)
  const pairs = (depth + 1) >> 1
  const panel = room(pairs * 32)
  packGemvPanel(w, columns, depth, panel)
  const accumulators = room(64)
  gemvPanel(words, pairs, panel, sumPairs(words, pairs), wZero, accumulators)
  let wrong = 0
  for (let column = 0; column < columns; column++) {
    let sum = 0
    for (let k = 0; k < depth; k++) sum += (byteAt(x, k) - xZero) * (byteAt(w, column * depth + k) - wZero)
    if (intAt(accumulators, column) !== sum) wrong++
  }
  return wrong
}

describe('gemvPanel', () => {
  it('multiplies depths around the vector width', () => {
    for (let depth = 1; depth <= 34; depth++) expect<i32>(differences(depth, 16, 0, 0)).toBe(0)
  })

  it('multiplies fewer columns than a panel has', () => {
    for (let columns = 1; columns <= 16; columns++) expect<i32>(differences(31, columns, 3, 5)).toBe(0)
  })

  it('takes zero points at both ends', () => {
    expect<i32>(differences(257, 16, -128, 127)).toBe(0)
    expect<i32>(differences(257, 16, 127, -128)).toBe(0)
  })
})
