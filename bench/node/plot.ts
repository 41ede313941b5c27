/** docs/performance/node.svg: each node's speed against Infernode's, work by work, on a logarithmic axis. */
import { type Row, us } from '../report.ts'

const left = 300
const width = 520
const rowHeight = 18
const top = 56
/** Powers of ten at the ends. */
const ends = { first: -1.5, last: 1.5 }
const colors: Readonly<Record<string, string>> = { anvil: '#c33', hardhat: '#c80', ganache: '#888' }

/** Of the rows of the part `node`: a dot right of the middle is a node that is faster. */
export function plotNodes(rows: readonly Row[]): string {
  const works = [...new Set(rows.map(({ work }) => work))]
  const bottom = top + works.length * rowHeight
  const parts: string[] = []
  for (const [ratio, words] of [
    [0.1, '10 × slower'],
    [1, us],
    [10, '10 × faster'],
  ] as const) {
    const x = place(ratio)
    parts.push(`<path d="M${x} ${top}V${bottom}" stroke="${ratio === 1 ? '#246' : '#ccc'}"/>`, label(x, top - 8, 'middle', words))
  }
  for (const [index, [name, color]] of Object.entries(colors).entries()) {
    const x = left + index * 90
    parts.push(`<circle cx="${x}" cy="18" r="4" fill="${color}"/>`, label(x + 9, 22, 'start', name))
  }
  for (const [index, work] of works.entries()) {
    const y = top + (index + 0.5) * rowHeight
    parts.push(label(left - 10, y + 4, 'end', work))
    for (const row of rows) {
      const color = colors[row.subject]
      if (row.work === work && color !== undefined) parts.push(dot(place(1 / row.ratioToUs), y, color, row))
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 20}" height="${bottom + 16}" font-family="sans-serif" font-size="11">`,
    `<title>Development nodes beside ${us}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function place(ratio: number): number {
  const share = (Math.log10(ratio) - ends.first) / (ends.last - ends.first)
  return Math.round(left + width * Math.min(1, Math.max(0, share)))
}

function dot(x: number, y: number, color: string, { subject, value, unit }: Row): string {
  return `<circle cx="${x}" cy="${y}" r="4" fill="${color}"><title>${subject}: ${value} ${unit}</title></circle>`
}

function label(x: number, y: number, anchor: 'start' | 'middle' | 'end', words: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333">${words}</text>`
}
