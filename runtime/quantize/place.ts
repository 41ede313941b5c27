/**
 * Where tensors are quantized: as few as the operators allow, so that a chain of them rounds once. A convolution, its clamp and its pool give
 * one quantized tensor; any chain of functions of one number is one table.
 *
 * A value is, on the way from one quantized tensor to the next,
 *   plain   quantized
 *   table   a function of one number of the quantized tensor `root`, in the same place
 *   real    what a layer gives: it waits for a scale. `like`: the scale that it must have
 *   other   no float32
 */
import { elementCount } from '../import/graph.ts'
import type { OnnxGraph, OnnxNode } from '../import/onnx/parse.ts'
import { kindOf } from './kinds.ts'

/** A tensor of the same scale, or what softmax always gives. */
export type Like = { readonly tensor: string } | 'softmax'

type Form =
  | { readonly kind: 'plain' }
  | { readonly kind: 'table'; readonly root: string; readonly steps: readonly OnnxNode[] }
  | { readonly kind: 'real'; readonly like?: Like; readonly steps: readonly OnnxNode[] }
  | { readonly kind: 'other' }

/** `steps`: the nodes from the quantized tensors before it to this one, the last first. `isTable`: it is a function of one number of another. */
export type QuantizedTensor = {
  readonly name: string
  readonly like: Like | undefined
  readonly steps: readonly OnnxNode[]
  readonly isTable: boolean
}

/** Quantized tensors in an execution order. `isFloat`: of a value that is computed. */
export function placeScales(graph: OnnxGraph, isFloat: (name: string) => boolean): QuantizedTensor[] {
  const demanded = new Set<string>()
  for (;;) {
    const before = demanded.size
    const placed = pass(graph, isFloat, demanded)
    if (demanded.size === before) return placed
  }
}

/** One walk over the nodes; what has to be quantized for them joins `demanded`, for the next walk to know. */
function pass(graph: OnnxGraph, isFloat: (name: string) => boolean, demanded: Set<string>): QuantizedTensor[] {
  const forms = new Map<string, Form>()
  const placed: QuantizedTensor[] = []
  const readers = new Map<string, number>()
  for (const input of graph.nodes.flatMap(({ inputs }) => [...new Set(inputs)])) readers.set(input, (readers.get(input) ?? 0) + 1)
  const define = (name: string, form: Form) => {
    if (form.kind === 'real' && form.like === undefined && (readers.get(name) ?? 0) > 1) demanded.add(name)
    if (!demanded.has(name) || form.kind === 'other') forms.set(name, form)
    else {
      forms.set(name, { kind: 'plain' })
      const like = form.kind === 'real' ? form.like : undefined
      placed.push({ name, like, steps: form.kind === 'plain' ? [] : form.steps, isTable: form.kind === 'table' })
    }
  }
  for (const { name } of graph.inputs) {
    if (isFloat(name)) demanded.add(name)
    define(name, isFloat(name) ? { kind: 'real', steps: [] } : { kind: 'other' })
  }
  for (const node of graph.nodes) {
    const form = formOf(node, graph, forms, demanded)
    for (const output of node.outputs) if (output !== '') define(output, isFloat(output) ? form : { kind: 'other' })
  }
  for (const { name } of graph.outputs) if (isFloat(name)) demanded.add(name)
  return placed
}

function formOf(node: OnnxNode, graph: OnnxGraph, forms: ReadonlyMap<string, Form>, demanded: Set<string>): Form {
  const computed = node.inputs.filter((input) => forms.has(input) && forms.get(input)!.kind !== 'other')
  const demand = (...names: string[]) => names.forEach((name) => void demanded.add(name))
  const [first = ''] = computed
  const input = forms.get(first)
  const steps = [node, ...(input !== undefined && 'steps' in input ? input.steps : [])]
  const layer = (): Form => {
    demand(...computed.filter((name) => forms.get(name)!.kind !== 'plain'))
    return { kind: 'real', steps: [node] }
  }
  const table = (): Form => {
    if (input?.kind === 'plain') return { kind: 'table', root: first, steps }
    if (input?.kind === 'table') return { ...input, steps }
    return layer()
  }
  if (input === undefined) return layer()
  switch (kindOf(node.op)) {
    case 'clamp':
      return input.kind === 'real' && input.like === undefined ? { kind: 'real', steps } : table()
    case 'function':
      return table()
    case 'pair': {
      if (computed.length === 1 && new Set(node.inputs).size > 1) return isNumber(graph, node) ? table() : layer()
      const [a, b] = node.inputs.map((name) => rootOf(name, forms))
      const bothPlain = node.inputs.every((name) => forms.get(name)?.kind === 'plain')
      return a !== undefined && a === b && !bothPlain ? { kind: 'table', root: a, steps: [node, ...longestSteps(node, forms)] } : layer()
    }
    case 'move':
    case 'pad':
      if (input.kind === 'plain') return { kind: 'real', like: { tensor: first }, steps }
      return input.kind === 'real' ? { ...input, steps } : { kind: 'real', steps }
    case 'join':
      if (computed.length === 1 && isNumber(graph, node))
        return input.kind === 'real' && input.like === undefined ? { kind: 'real', steps } : table()
      return { kind: 'real', steps: [node] }
    case 'layer': {
      const form = layer()
      if (form.kind !== 'real') return form
      if (node.op === 'Softmax') return { ...form, like: 'softmax' }
      return isPartialAverage(node) ? { ...form, like: { tensor: first } } : form
    }
  }
}

function longestSteps({ inputs }: OnnxNode, forms: ReadonlyMap<string, Form>): readonly OnnxNode[] {
  const all = inputs.map((name) => forms.get(name)).map((form) => (form?.kind === 'table' ? form.steps : []))
  return all.reduce((longest, steps) => (steps.length > longest.length ? steps : longest))
}

function rootOf(name: string, forms: ReadonlyMap<string, Form>): string | undefined {
  const form = forms.get(name)
  return form?.kind === 'table' ? form.root : form?.kind === 'plain' ? name : undefined
}

/** Every constant operand is one number. */
function isNumber({ constants }: OnnxGraph, { inputs }: OnnxNode): boolean {
  return inputs.every((input) => !constants.has(input) || elementCount(constants.get(input)!.shape) === 1)
}

/** Averages over fewer elements at the border have the scale of their operand. */
function isPartialAverage({ op, attributes }: OnnxNode): boolean {
  if (op !== 'AveragePool' || attributes.get('count_include_pad')) return false
  const pads = attributes.get('pads')
  const automatic = attributes.get('auto_pad') ?? 'NOTSET'
  return (
    (Array.isArray(pads) && pads.some((size) => size !== 0)) ||
    (automatic !== 'NOTSET' && automatic !== 'VALID') ||
    Boolean(attributes.get('ceil_mode'))
  )
}
