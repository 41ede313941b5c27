/** What `infernode quantize` prints of a report. */
import type { OutputAgreement } from '../../runtime/quantize/agreement.ts'
import type { LayerReport, Report } from '../../runtime/quantize/report.ts'
import type { Colors } from './io.ts'
import { plural, table } from './table.ts'

const worstShown = 3

export function quantizationText({ samples, method, layers, outputs, notes }: Report, { bold, dim, yellow }: Colors): string {
  const rows = layers.map((layer) => [
    shortened(layer.name),
    operatorsText(layer),
    layer.type,
    `${number(layer.low)} … ${number(layer.high)}`,
    decibelsText(layer.sqnr),
    decibelsText(layer.roundingSqnr),
    percent(layer.saturation),
  ])
  const head = ['tensor', 'of', 'type', 'float values', 'SQNR', 'own rounding', 'saturated']
  const worst = layers
    .filter(({ sqnr }) => Number.isFinite(sqnr))
    .sort((a, b) => a.sqnr - b.sqnr)
    .slice(0, worstShown)
  return [
    table(head, rows, [4, 5, 6]),
    '',
    `${bold('worst')}     ${worst.map((layer) => `${shortened(layer.name)} ${decibelsText(layer.sqnr)}`).join(', ') || 'none: every tensor is exact'}`,
    ...outputs.map((output) => `${bold('agreement')} ${agreementText(output)}`),
    ...notes.map((note) => yellow(`note: ${note}`)),
    dim(`against the float model over ${plural(samples, 'sample')}, ranges by ${method}`),
  ].join('\n')
}

/** `top-1 99.50 %, cosine 0.99994, largest error 0.21, SQNR 44.5 dB, accuracy 99.0 % (float 99.0 %)`. */
export function agreementText({ name, top1, cosine, maxError, sqnr, accuracy }: OutputAgreement): string {
  const parts = [
    ...(top1 === undefined ? [] : [`top-1 ${percent(top1)}`]),
    `cosine ${cosine.toFixed(5)}`,
    `largest error ${number(maxError)}`,
    `SQNR ${decibelsText(sqnr)}`,
    ...(accuracy === undefined ? [] : [`accuracy ${percent(accuracy.quantized)} (float ${percent(accuracy.float)})`]),
  ]
  return `${shortened(name)}: ${parts.join(', ')}`
}

export function operatorsText({ operators }: LayerReport): string {
  return operators.length === 0 ? 'input' : operators.join(' · ')
}

export function decibelsText(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio.toFixed(1)} dB` : 'exact'
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`
}

export function number(value: number): string {
  return Number(value.toPrecision(3)).toString()
}

const longest = 36

function shortened(name: string): string {
  return name.length <= longest ? name : `…${name.slice(1 - longest)}`
}
