/** What `infernode inspect` shows of an artifact: a row a layer, and totals. */
import { genesisPrices, priceVector } from '../../precompiles/gas.ts'
import { operatorRow } from '../../runtime/model/operators.ts'
import type { Model, Operator } from '../../runtime/model/types.ts'
import { openArtifact, portLine, portsOf, tensorAt } from './artifact.ts'
import type { Colors } from './io.ts'
import { byteSize, grouped, table } from './table.ts'

export interface LayerReport {
  index: number
  operator: string
  inputs: number[][]
  output: number[]
  quantization: string
  macs: number
  /** Of its constants. */
  bytes: number
  /** At the built-in prices, without the base price of a call. */
  gas: number
}

export interface InspectReport {
  id: string
  rounding: string
  inputs: string[]
  outputs: string[]
  layers: LayerReport[]
  macs: number
  bytes: number
  pages: number
  /** At the built-in prices: the first run in a transaction, and each further one. */
  gasFirst: number
  gasAgain: number
  activationGas: number
}

export function inspectArtifact(path: string): InspectReport {
  const { bytes, model, host } = openArtifact(path)
  const { work, pages } = host.plan(bytes)
  const prices = priceVector(genesisPrices)
  const pricesWithoutBase = prices.with(0, 0n)
  const running = host.open(bytes)
  const layers = model.operators.map((operator, index): LayerReport => {
    const layerWork = running.operatorWork(index)
    const shapes = variable(model, operator).map((tensor) => tensorAt(model, tensor).shape)
    return {
      index,
      operator: operator.name,
      inputs: shapes,
      output: tensorAt(model, operator.outputs[0] as number).shape,
      quantization: quantizationText(operator),
      macs: Number(layerWork[0]),
      bytes: operator.inputs.reduce((sum, tensor) => sum + tensorAt(model, tensor).data.length, 0),
      gas: Number(host.gas(layerWork, pricesWithoutBase, false)),
    }
  })
  return {
    id: host.identify(bytes),
    rounding: model.rounding,
    inputs: portsOf(model, model.inputs).map(portLine),
    outputs: portsOf(model, model.outputs).map(portLine),
    layers,
    macs: Number(work[0]),
    bytes: bytes.length,
    pages,
    gasFirst: Number(host.gas(work, prices, true)),
    gasAgain: Number(host.gas(work, prices, false)),
    activationGas: Number(host.activationGas(bytes.length, prices)),
  }
}

export function reportText(report: InspectReport, colors: Colors): string {
  const { bold, dim } = colors
  const rows = report.layers.map(({ index, operator, inputs, output, quantization, macs, bytes, gas }) => [
    `${index}`,
    operator,
    inputs.map(shapeText).join(' '),
    shapeText(output),
    quantization,
    macs === 0 ? '' : grouped(macs),
    bytes === 0 ? '' : grouped(bytes),
    grouped(gas),
  ])
  const totals = [
    '',
    'total',
    '',
    '',
    '',
    grouped(report.macs),
    grouped(report.layers.reduce((sum, { bytes }) => sum + bytes, 0)),
    grouped(report.gasAgain),
  ]
  return [
    `${bold('model')}     ${report.id}`,
    `${bold('rounding')}  ${report.rounding}`,
    ...report.inputs.map((line) => `${bold('input')}     ${line}`),
    ...report.outputs.map((line) => `${bold('output')}    ${line}`),
    '',
    table(['#', 'operator', 'input', 'output', 'quantization', 'MACs', 'bytes', 'gas'], [...rows, totals], [0, 5, 6, 7]),
    '',
    `artifact ${byteSize(report.bytes)}, memory ${byteSize(report.pages * 65536)}`,
    `gas of a run ${grouped(report.gasFirst)} at first use in a transaction, then ${grouped(report.gasAgain)}; of activation ${grouped(report.activationGas)}`,
    dim('Gas at the built-in prices; the base price of a call is in the total. A chain may set others.'),
  ].join('\n')
}

function variable(model: Model, operator: Operator): number[] {
  return operator.inputs.filter((tensor) => tensorAt(model, tensor).data.length === 0)
}

function shapeText(shape: readonly number[]): string {
  return shape.join('×')
}

function quantizationText({ name, attributes, multipliers }: Operator): string {
  const names: readonly string[] = operatorRow(name).attributes
  const value = (attribute: string) => {
    const index = names.indexOf(attribute)
    return index < 0 || index >= attributes.length ? undefined : attributes[index]
  }
  const zeros = ['xZero', 'aZero', 'bZero', 'yZero'].flatMap((attribute) => {
    const zero = value(attribute)
    return zero === undefined ? [] : [`${attribute[0]} ${zero}`]
  })
  const low = value('yMin')
  const bounds = low === undefined || (low === -128 && value('yMax') === 127) ? [] : [`clamp ${low}…${value('yMax')}`]
  const scales = multipliers.length === 0 ? [] : [multipliers.length === 1 ? 'per tensor' : `${multipliers.length} scales`]
  return [...scales, zeros.join(' '), ...bounds].filter((part) => part !== '').join(', ')
}
