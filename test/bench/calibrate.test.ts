/** The committed prices, report and plot come from the committed data set. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { type DataSet, dataSetText, readDataSet, type Sample, worst } from '../../bench/calibrate/data.ts'
import { allowed, defaultAnchor, fitPrices, priced, weighty } from '../../bench/calibrate/fit.ts'
import { nonNegativeLeastSquares } from '../../bench/calibrate/nnls.ts'
import { plot } from '../../bench/calibrate/plot.ts'
import { report } from '../../bench/calibrate/report.ts'
import { genesisPrices, type Prices, priceNames } from '../../precompiles/gas.ts'
import { operators } from '../../runtime/model/operators.ts'

const folder = new URL('../../docs/performance/', import.meta.url)
const file = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const data = readDataSet(new URL('calibration.json', folder))
const nsPerGas = 1000 / defaultAnchor

describe('the committed data set', () => {
  const rows = priced(data, genesisPrices)

  test('gives the prices of a genesis', () => {
    assert.deepEqual(fitPrices(data), genesisPrices)
  })

  test('has every operator and every price', () => {
    const known = new Set(data.samples.map(({ operator }) => operator))
    assert.deepEqual(
      operators.map(({ name }) => name).filter((name) => !known.has(name)),
      [],
    )
    for (const [slot, name] of priceNames.entries())
      assert.ok(
        data.samples.some(({ units }) => units[slot]! > 0),
        name,
      )
  })

  test('has no case that is under-priced by more than what is allowed', () => {
    const slow = rows.filter((row) => worst(row.sample) >= weighty * nsPerGas && row.nsPerGas > allowed * nsPerGas)
    assert.deepEqual(
      slow.map(({ sample }) => `${sample.operator} ${sample.case}`),
      [],
    )
  })

  test('is written as it is read, and gives the report and the plot', () => {
    assert.equal(dataSetText(data), file('calibration.json'))
    assert.equal(report(data, rows, genesisPrices, defaultAnchor), file('calibration.md'))
    assert.equal(plot(rows, defaultAnchor), file('calibration.svg'))
  })
})

describe('a fit', () => {
  const sample = (units: Record<number, number>, ns: number): Sample => ({
    operator: 'made up',
    case: '',
    units: priceNames.map((_, slot) => units[slot] ?? 0),
    times: { baseline: { warm: ns / 2, cold: ns } },
  })
  const set = (...samples: Sample[]): DataSet => ({ machine: '', versions: {}, samples })
  const raised = (prices: Prices) => priceNames.filter((name) => name !== 'base' && prices[name] > 1n)

  test('finds the prices that made the times', () => {
    // 3 ns a unit of slot 2, 20 ns a unit of slot 7: 300 and 2000 milli-gas at 10 ns a gas.
    const prices = fitPrices(set(sample({ 2: 1e5 }, 3e5), sample({ 2: 1e5, 7: 1e5 }, 23e5), sample({ 2: 1e6, 7: 10 }, 3_000_200)))
    assert.equal(prices.gemmMacs, 300n)
    assert.equal(prices.poolTaps, 2000n)
    assert.deepEqual(raised(prices), ['gemmMacs', 'poolTaps'])
  })

  test('raises prices with the anchor', () => {
    const samples = set(sample({ 2: 1e5 }, 3e5))
    assert.equal(fitPrices(samples, { anchor: 200 }).gemmMacs, 600n)
  })

  test('keeps a slow case within what is allowed, however many fast ones there are', () => {
    const fast = Array.from({ length: 50 }, () => sample({ 2: 1e6 }, 1e6))
    const data = set(...fast, sample({ 2: 1e6 }, 10e6))
    for (const row of priced(data, fitPrices(data))) assert.ok(row.nsPerGas <= allowed * nsPerGas)
  })

  test('leaves light cases under-priced rather than raise the others', () => {
    const fast = Array.from({ length: 50 }, () => sample({ 2: 1e6 }, 1e6))
    const prices = fitPrices(set(...fast, sample({ 2: 1 }, 1e4)))
    assert.ok(prices.gemmMacs <= 110n, 'rounded up to two digits')
  })
})

describe('non-negative least squares', () => {
  test('solves what has a solution', () => {
    const solve = nonNegativeLeastSquares([
      [2, 1],
      [1, 3],
      [0, 1],
    ])
    const [x, y] = solve([8, 9, 2])
    assert.ok(Math.abs(x! - 3) < 1e-6 && Math.abs(y! - 2) < 1e-6)
  })

  test('keeps an unknown at zero that would be negative', () => {
    const solve = nonNegativeLeastSquares([
      [1, 1],
      [1, 2],
    ])
    // Unbounded: x = 3, y = −1. With y = 0 the best x is the mean.
    assert.deepEqual(
      solve([2, 1]).map((value) => Number(value.toFixed(6))),
      [1.5, 0],
    )
  })
})
