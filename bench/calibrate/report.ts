/** docs/performance/calibration.md. */
import { type PriceName, type Prices, priceNames } from '../../precompiles/gas.ts'
import type { DataSet } from './data.ts'
import { allowed, type Priced, weighty } from './fit.ts'

export function report({ machine, versions, samples }: DataSet, rows: readonly Priced[], prices: Prices, anchor: number): string {
  const heavy = rows.filter(({ gas }) => gas > weighty)
  const [least, most] = extremes(heavy)
  const slow = heavy.filter(({ nsPerGas }) => nsPerGas > (allowed * 1000) / anchor)
  return `# Calibration

Written by \`npm run calibrate\`, with [calibration.json](calibration.json): ${samples.length} cases. Machine: ${machine}; ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.

Anchor: ${anchor} million gas in a second, so that one gas stands for ${1000 / anchor} ns, in V8's baseline tier and with cold caches where they are slower. The prices are the non-negative least squares of the relative
errors, under the condition that no case of ${weighty.toLocaleString('en')} gas or more takes longer than ${allowed} times what it pays for.

Of the ${heavy.length} cases above ${weighty.toLocaleString('en')} gas, the slowest takes ${figure(most)} ns for each gas and the fastest ${figure(least)}: ${figure(most / least)} times.
${slow.length === 0 ? `None takes longer than ${allowed} times the anchor.` : `Longer than ${allowed} times the anchor: ${slow.map(({ sample }) => `${sample.operator} ${sample.case}`).join('; ')}.`}

![Nanoseconds per gas, by operator](calibration.svg)

## Nanoseconds per gas

The baseline tier, in the slower state of the caches. Cases above ${weighty.toLocaleString('en')} gas; below, being called is most of what is paid and taken.

| what | cases | least | most | slowest case | cases below | most of them |
| --- | ---: | ---: | ---: | --- | ---: | ---: |
${operatorLines(rows).join('\n')}

## Prices

Milli-gas, in the order of [embedding.md](../embedding.md), "Work and prices".

| price | milli-gas |
| --- | ---: |
${priceNames.map((name: PriceName) => `| ${name} | ${prices[name].toLocaleString('en')} |`).join('\n')}
`
}

function operatorLines(rows: readonly Priced[]): string[] {
  return [...new Set(rows.map(({ sample }) => sample.operator))].map((operator) => {
    const own = rows.filter(({ sample }) => sample.operator === operator)
    const heavy = own.filter(({ gas }) => gas > weighty)
    const light = own.filter(({ gas }) => gas <= weighty)
    const [least, most] = extremes(heavy)
    const slowest = heavy.find(({ nsPerGas }) => nsPerGas === most)?.sample.case ?? '–'
    return `| ${operator} | ${heavy.length} | ${figure(least)} | ${figure(most)} | ${slowest} | ${light.length} | ${figure(extremes(light)[1])} |`
  })
}

/** Of nanoseconds per gas; NaN where there are no rows. */
function extremes(rows: readonly Priced[]): [number, number] {
  const values = rows.map(({ nsPerGas }) => nsPerGas)
  return values.length === 0 ? [Number.NaN, Number.NaN] : [Math.min(...values), Math.max(...values)]
}

function figure(value: number): string {
  return Number.isNaN(value) ? '–' : String(Number(value.toPrecision(2)))
}
