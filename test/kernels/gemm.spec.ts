import { gemmPanel } from '../../assembly/kernels/gemm'
import { packGemmPanel } from '../../assembly/kernels/pack'
import { widen } from '../../assembly/kernels/widen'
import { byteAt, intAt, randomBytes, room } from './support'

/** The largest difference of a panel from the plain sums: a matrix of `rows` rows of `runs` · `runElements`, the runs `distance` elements apart. */
function differences(rows: i32, runs: i32, runElements: i32, distance: i32, columns: i32, xZero: i32, wZero: i32): i32 {
  const rowElements = distance * runs
  // The last run may reach past its row.
  const elements = rows * rowElements + runElements
  const x = randomBytes(elements)
  const w = randomBytes(columns * runs * runElements)
  const words = room((elements + 8) * 2)
  widen(x, elements, xZero, words)
  const pairs = (runElements + 1) >> 1
  const panel = room(runs * pairs * 32)
  packGemmPanel(w, columns, runs * runElements, 1, runs, runElements, wZero, panel)
  const gaps = room(runs * 4)
  for (let run = 0; run < runs; run++) store<i32>(gaps + run * 4, (distance - pairs * 2) * 2)
  const rounded = (rows + 3) & ~3
  const pointers = room(rounded * 4)
  for (let row = 0; row < rounded; row++) store<u32>(pointers + row * 4, <u32>words + min(row, rows - 1) * rowElements * 2)
  const accumulators = room(rounded * 32)
  gemmPanel(pointers, rows, runs, gaps, pairs, panel, accumulators)
  let wrong = 0
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (let run = 0; run < runs; run++)
        for (let k = 0; k < runElements; k++)
          sum += (byteAt(x, row * rowElements + run * distance + k) - xZero) * (byteAt(w, (column * runs + run) * runElements + k) - wZero)
      if (intAt(accumulators, row * 8 + column) !== sum) wrong++
    }
  return wrong
}

describe('gemmPanel', () => {
  it('multiplies depths that are even and odd', () => {
    for (let depth = 1; depth <= 19; depth++) expect<i32>(differences(4, 1, depth, depth, 8, 0, 0)).toBe(0)
  })

  it('multiplies rows that are no multiple of the tile, and few columns', () => {
    for (let rows = 1; rows <= 9; rows++) expect<i32>(differences(rows, 1, 16, 16, rows < 8 ? rows : 8, 0, 0)).toBe(0)
  })

  it('walks runs that lie apart, and runs that overlap', () => {
    expect<i32>(differences(5, 3, 9, 30, 8, 0, 0)).toBe(0)
    expect<i32>(differences(5, 3, 9, 4, 8, 0, 0)).toBe(0)
  })

  it('takes zero points at both ends', () => {
    expect<i32>(differences(4, 2, 33, 40, 8, -128, 127)).toBe(0)
    expect<i32>(differences(4, 2, 33, 40, 8, 127, -128)).toBe(0)
  })
})
