/** A report of a quantization as one HTML page with its plots inside: no script, no file beside it. */
import type { LayerReport, Report } from '../../runtime/quantize/report.ts'
import { agreementText, decibelsText, number, operatorsText, percent } from './quantization-report.ts'

const style = `
body { font: 14px/1.5 system-ui, sans-serif; color: #1b1f24; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #d8dee4; vertical-align: middle }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.worst td { background: #fff4e5 } code { font-size: .9em } svg text { font: 11px system-ui, sans-serif; fill: #57606a }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3 } th, td { border-color: #30363d } .worst td { background: #3b2a12 } svg text { fill: #9198a1 } }
`

export function quantizationHtml(model: string, id: string, report: Report): string {
  const { layers, outputs, notes, samples, method } = report
  const worst = layers.reduce((least, layer) => Math.min(least, layer.sqnr), Infinity)
  const rows = layers.map((layer) => layerRow(layer, layer.sqnr === worst))
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(model)}, quantized</title><style>${style}</style>
<h1>${text(model)}, quantized</h1>
<p>Model <code>${id}</code>, against the float model over ${samples} samples, ranges by ${method}.</p>
<ul>${[...outputs.map(agreementText), ...notes].map((line) => `<li>${text(line)}`).join('')}</ul>
<h2>Signal-to-noise ratio along the model</h2>
${ratioPlot(layers)}
<p>Filled: what the artifact's numbers have kept up to a tensor. Line: what each tensor's own rounding alone would keep.</p>
<h2>Tensors</h2>
<table><tr><th>tensor<th>of<th>type<th class="number">SQNR<th class="number">own rounding<th class="number">saturated<th>float values, and the range of the scale</tr>
${rows.join('\n')}
</table></html>
`
}

function layerRow(layer: LayerReport, isWorst: boolean): string {
  const cells = [
    `<td><code>${text(layer.name)}</code> [${layer.shape}]`,
    `<td>${text(operatorsText(layer))}`,
    `<td>${layer.type}`,
    `<td class="number">${decibelsText(layer.sqnr)}`,
    `<td class="number">${decibelsText(layer.roundingSqnr)}`,
    `<td class="number">${percent(layer.saturation)}`,
    `<td>${histogramPlot(layer)}`,
  ]
  return `<tr${isWorst ? ' class="worst"' : ''}>${cells.join('')}</tr>`
}

const plot = { width: 900, height: 200, left: 40, bottom: 20, most: 100 } as const

/** Bars of what is kept, a line of what each rounding keeps; dB, exact ones to the top. */
function ratioPlot(layers: readonly LayerReport[]): string {
  const step = (plot.width - plot.left) / Math.max(layers.length, 1)
  const y = (ratio: number) =>
    plot.height - plot.bottom - (Math.min(Math.max(ratio, 0), plot.most) / plot.most) * (plot.height - plot.bottom - 10)
  const bars = layers.map(({ name, sqnr }, at) => {
    const [x, top] = [plot.left + at * step, y(sqnr)]
    const title = `<title>${text(name)}: ${decibelsText(sqnr)}</title>`
    return `<rect x="${fixed(x + step * 0.15)}" y="${fixed(top)}" width="${fixed(step * 0.7)}" height="${fixed(plot.height - plot.bottom - top)}" fill="${sqnr < 30 ? '#d1622b' : '#4878a8'}">${title}</rect>`
  })
  const line = layers.map(({ roundingSqnr }, at) => `${fixed(plot.left + (at + 0.5) * step)},${fixed(y(roundingSqnr))}`).join(' ')
  const ticks = [0, 20, 40, 60, 80, 100].map(
    (ratio) =>
      `<line x1="${plot.left}" x2="${plot.width}" y1="${fixed(y(ratio))}" y2="${fixed(y(ratio))}" stroke="#8c959f" stroke-opacity=".3"/><text x="${plot.left - 6}" y="${fixed(y(ratio) + 4)}" text-anchor="end">${ratio}</text>`,
  )
  return `<svg viewBox="0 0 ${plot.width} ${plot.height}" role="img" aria-label="dB of each tensor">${ticks.join('')}${bars.join('')}<polyline points="${line}" fill="none" stroke="#8c6d1f" stroke-width="1.5"/></svg>`
}

const small = { width: 200, height: 34 } as const

/** How the float values lie between their least and largest; roots of the counts, so that thin tails are seen. The range of the scale below. */
function histogramPlot({ low, high, histogram, scale, zeroPoint, type }: LayerReport): string {
  const tallest = Math.sqrt(Math.max(...histogram, 1))
  const width = small.width / histogram.length
  const bars = histogram.map((count, at) => {
    const height = (Math.sqrt(count) / tallest) * (small.height - 6)
    return `<rect x="${fixed(at * width)}" y="${fixed(small.height - 4 - height)}" width="${fixed(width)}" height="${fixed(height)}"/>`
  })
  const [least, most] = type === 'int16' ? [-(2 ** 15), 2 ** 15 - 1] : [-128, 127]
  const x = (value: number) => (high === low ? 0 : Math.min(Math.max((value - low) / (high - low), 0), 1) * small.width)
  const [from, to] = [x((least - zeroPoint) * scale), x((most - zeroPoint) * scale)]
  return `<svg width="${small.width}" viewBox="0 0 ${small.width} ${small.height}" role="img" aria-label="histogram"><g fill="#4878a8">${bars.join('')}</g><rect x="${fixed(from)}" y="${small.height - 3}" width="${fixed(to - from)}" height="3" fill="#8c6d1f"/></svg><br>${number(low)} … ${number(high)}`
}

function fixed(value: number): string {
  return value.toFixed(1)
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
