/** What RNN, GRU and LSTM share: their steps one after the other, for each direction. */
import type { CompositeNode } from './composite.ts'

/** Values of [batch, units]; undefined before the first step, where they are 0. */
export type State = { readonly hidden: string | undefined; readonly cell: string | undefined }

/** One direction of a layer. `matrices`: the columns of a gate are neighbours in [features, gates · units]. */
export type Direction = {
  readonly index: number
  readonly units: number
  readonly batch: number
  /** Of the input, and of the hidden state. */
  readonly bias: readonly [readonly number[], readonly number[]]
  readonly recurrent: readonly number[]
  /** Names of the operators in the order of the standard. */
  readonly activations: readonly string[]
}

/** `x`: [batch, gates · units] of this step with the input's weights and, of the gates named by `addsRecurrentBias`, both biases. */
export type Step = (
  node: CompositeNode,
  direction: Direction,
  x: string,
  state: State,
) => { readonly hidden: string; readonly cell?: string }

/** Every step is its own operators: a longer layer makes too many. */
const mostSteps = 256

/**
 * `gates`: of the weights. `defaults`: activations of a direction. `addsRecurrentBias`: whether the gate's biases are one sum.
 * Gives Y, Y_h and, where the step has one, Y_c.
 */
export function unrolled(
  node: CompositeNode,
  gates: number,
  defaults: readonly string[],
  step: Step,
  addsRecurrentBias: (gate: number) => boolean = () => true,
): string[] {
  const isBatchFirst = node.int('layout', 0) === 1
  const shape = node.shape(0)
  const [steps, batch] = isBatchFirst ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!]
  const [features, units] = [shape[2]!, node.shape(2)[2]!]
  if (steps > mostSteps) node.refuse(`it has ${steps} steps`, `at most ${mostSteps}`)
  if (node.has(4) && node.numbers(4).some((length) => length !== steps))
    node.refuse('its sequences have lengths of their own', `${steps} steps each`)
  const names = directionNames(node)
  const x = isBatchFirst ? node.transpose(node.input(0), [1, 0, 2]) : node.input(0)
  const runs = names.map((name, index) => {
    const direction = directionOf(node, index, names.length, { gates, units, batch, defaults })
    const weights = part(node.numbers(1), index, names.length)
    const bias = direction.bias[0].map((value, at) => value + (addsRecurrentBias(Math.floor(at / units)) ? direction.bias[1][at]! : 0))
    const product = node.emit('MatMul', [x, node.floats(transposed(weights, gates * units, features), [features, gates * units])])
    const projected = node.emit('Add', [product, node.floats(bias, [gates * units])])
    return run(
      node,
      direction,
      name === 'reverse',
      (at) => node.reshape(node.slice(projected, 0, at, at + 1), [batch, gates * units]),
      steps,
      step,
    )
  })
  const joined = (parts: readonly string[], axis: number) => (parts.length === 1 ? parts[0]! : node.emit('Concat', parts, { axis }))
  // [steps, directions, batch, units], or [batch, steps, directions, units].
  const y = joined(
    Array.from({ length: steps }, (_, at) => {
      const all = joined(
        runs.map(({ hiddens }) => node.reshape(hiddens[at]!, isBatchFirst ? [batch, 1, 1, units] : [1, 1, batch, units])),
        isBatchFirst ? 2 : 1,
      )
      return all
    }),
    isBatchFirst ? 1 : 0,
  )
  const last = (of: (run: (typeof runs)[number]) => string) =>
    joined(
      runs.map((one) => node.reshape(of(one), isBatchFirst ? [batch, 1, units] : [1, batch, units])),
      isBatchFirst ? 1 : 0,
    )
  const cells = runs.every(({ state }) => state.cell !== undefined) ? [last(({ state }) => state.cell!)] : []
  return [y, last(({ state }) => state.hidden!), ...cells]
}

function run(node: CompositeNode, direction: Direction, isReverse: boolean, input: (at: number) => string, steps: number, step: Step) {
  const hiddens: string[] = []
  let state: State = { hidden: initial(node, 5, direction), cell: initial(node, 6, direction) }
  for (let count = 0; count < steps; count += 1) {
    const at = isReverse ? steps - 1 - count : count
    const { hidden, cell } = step(node, direction, input(at), state)
    state = { hidden, cell }
    hiddens[at] = hidden
  }
  return { hiddens, state }
}

/** The state before the first step, undefined where there is none or it is 0. */
function initial(node: CompositeNode, index: number, direction: Direction): string | undefined {
  if (!node.has(index)) return undefined
  const found = node.value(index)
  if (found.kind === 'constant' && node.numbers(index).every((value) => value === 0)) return undefined
  const axis = node.int('layout', 0) === 1 ? 1 : 0
  return node.reshape(node.slice(node.input(index), axis, direction.index, direction.index + 1), [direction.batch, direction.units])
}

function directionNames(node: CompositeNode): ('forward' | 'reverse')[] {
  const direction = node.text('direction', 'forward')
  if (direction === 'bidirectional') return ['forward', 'reverse']
  return [direction === 'reverse' ? 'reverse' : 'forward']
}

type Sizes = { readonly gates: number; readonly units: number; readonly batch: number; readonly defaults: readonly string[] }

function directionOf(node: CompositeNode, index: number, count: number, { gates, units, batch, defaults }: Sizes): Direction {
  const all = node.has(3) ? part(node.numbers(3), index, count) : new Array<number>(2 * gates * units).fill(0)
  const named = node.texts('activations')
  const activations = named === undefined ? defaults : named.slice(index * defaults.length, (index + 1) * defaults.length)
  const unknown = activations.find((name) => !simpleActivations.includes(name))
  if (unknown !== undefined) node.refuse(`its activation is ${unknown}`, simpleActivations.join(', '))
  return {
    index,
    units,
    batch,
    bias: [all.slice(0, gates * units), all.slice(gates * units)],
    recurrent: part(node.numbers(2), index, count),
    activations,
  }
}

/** Those without parameters. */
const simpleActivations: readonly string[] = ['Sigmoid', 'Tanh', 'Relu', 'Softplus', 'Softsign']

function part(values: readonly number[], index: number, count: number): readonly number[] {
  const size = values.length / count
  return values.slice(index * size, (index + 1) * size)
}

function transposed(values: readonly number[], rows: number, columns: number): number[] {
  return Array.from({ length: values.length }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!)
}

/** hidden · Rᵀ of the gates from `first` on, [batch, count · units]; undefined where hidden is 0. `bias`: is added. */
export function recurrence(
  node: CompositeNode,
  { units, recurrent }: Direction,
  hidden: string | undefined,
  first: number,
  count: number,
  bias?: readonly number[],
): string | undefined {
  if (hidden === undefined) return bias === undefined ? undefined : node.floats(bias, [1, bias.length])
  const rows = recurrent.slice(first * units * units, (first + count) * units * units)
  const product = node.emit('MatMul', [hidden, node.floats(transposed(rows, count * units, units), [units, count * units])])
  return bias === undefined ? product : node.emit('Add', [product, node.floats(bias, [bias.length])])
}

export function sumOf(node: CompositeNode, a: string, b: string | undefined): string {
  return b === undefined ? a : node.emit('Add', [a, b])
}

/** Gates `first` to `first + count − 1` of [batch, gates · units]. */
export function gatesOf(node: CompositeNode, { units }: Direction, x: string, first: number, count = 1): string {
  return node.slice(x, 1, first * units, (first + count) * units)
}

/** An activation of the direction, its operand within ±clip. */
export function activated(node: CompositeNode, { activations }: Direction, index: number, x: string): string {
  const clip = node.float('clip', 0)
  const bounded = clip === 0 ? x : node.emit('Max', [node.emit('Min', [x, node.floats([clip], [])]), node.floats([-clip], [])])
  return node.emit(activations[index]!, [bounded])
}
