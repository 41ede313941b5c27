/** docs/performance/calibration.svg: a row of dots for each operator on a logarithmic axis of nanoseconds per gas. */
import { type Priced, weighty } from './fit.ts'

const left = 130
const width = 640
const rowHeight = 18
const top = 40
const decades = { first: -2, last: 2 }

export function plot(rows: readonly Priced[], anchor: number): string {
  const operators = [...new Set(rows.map(({ sample }) => sample.operator))]
  const bottom = top + operators.length * rowHeight
  const parts: string[] = []
  for (let decade = decades.first; decade <= decades.last; decade++) {
    const x = place(10 ** decade)
    parts.push(`<path d="M${x} ${top}V${bottom}" stroke="#ccc"/>`, label(x, top - 8, 'middle', `${10 ** decade} ns`))
  }
  const anchored = place(1000 / anchor)
  parts.push(
    `<path d="M${anchored} ${top - 4}V${bottom}" stroke="#c33"/>`,
    label(anchored, bottom + 16, 'middle', `anchor: ${1000 / anchor} ns per gas`),
  )
  for (const [index, operator] of operators.entries()) {
    const y = top + (index + 0.5) * rowHeight
    parts.push(label(left - 8, y + 4, 'end', operator))
    for (const { sample, gas, nsPerGas } of rows)
      if (sample.operator === operator)
        parts.push(dot(place(nsPerGas), y, gas > weighty, `${sample.case}: ${Number(nsPerGas.toPrecision(3))} ns per gas`))
  }
  const note = `Filled: above ${weighty.toLocaleString('en')} gas. V8's baseline tier, the slower state of the caches.`
  const size = `width="${left + width + 20}" height="${bottom + 44}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">`,
    '<title>Nanoseconds per gas, by operator</title>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...parts,
    label(left, bottom + 34, 'start', note),
    '</svg>\n',
  ].join('\n')
}

function place(nsPerGas: number): number {
  const share = (Math.log10(nsPerGas) - decades.first) / (decades.last - decades.first)
  return Math.round(left + width * Math.min(1, Math.max(0, share)))
}

function dot(x: number, y: number, isFilled: boolean, title: string): string {
  return `<circle cx="${x}" cy="${y}" r="3" fill="${isFilled ? '#246' : 'none'}" fill-opacity="0.6" stroke="#246" stroke-opacity="0.6"><title>${escaped(title)}</title></circle>`
}

function label(x: number, y: number, anchor: 'start' | 'middle' | 'end', words: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333">${escaped(words)}</text>`
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
