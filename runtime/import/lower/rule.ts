/**
 * How an operator of the graph becomes operators of the artifact. A rule is two functions over one node: `check` tells every reason why
 * the node cannot be lowered, without stopping at the first; `lower` runs only when no node of the graph had one.
 */
import type { Rounding } from '../../model/types.ts'
import type { Problem } from '../errors.ts'
import { elementCount, type Graph, type GraphNode, type GraphTensor, type GraphType } from '../graph.ts'
import { sameAffine } from './affine.ts'
import type { Builder } from './builder.ts'

export type Rule = {
  check(node: NodeView): void
  lower(node: NodeView, builder: Builder): void
}

/** What the checks of one graph have found. */
export type Problems = { readonly list: Problem[]; readonly seen: Set<GraphTensor> }

/** A tensor without scale or zero point where one is needed counts as this until its check has told. */
const absent: GraphTensor = { name: '(left out)', type: 'other', shape: [] }

/** One node with its tensors, and where its problems go. */
export class NodeView {
  readonly node: GraphNode
  readonly rounding: Rounding
  readonly #graph: Graph
  readonly #problems: Problems

  constructor(graph: Graph, node: GraphNode, rounding: Rounding, problems: Problems) {
    this.#graph = graph
    this.node = node
    this.rounding = rounding
    this.#problems = problems
  }

  refuse(problem: string, nearest?: string): void {
    this.#problems.list.push({ node: this.node.name, problem, ...(nearest === undefined ? {} : { nearest }) })
  }

  /** Whether a tensor is looked at for the first time: what is wrong with it is told once, at its first node. */
  isNew(tensor: GraphTensor): boolean {
    if (this.#problems.seen.has(tensor)) return false
    this.#problems.seen.add(tensor)
    return true
  }

  has(operand: number): boolean {
    return (this.node.inputs[operand] ?? -1) >= 0
  }

  /** An operand; where it is left out a placeholder, which `check` functions refuse by its type. */
  input(operand: number): GraphTensor {
    return this.#graph.tensors[this.node.inputs[operand] ?? -1] ?? absent
  }

  inputIndex(operand: number): number {
    return this.node.inputs[operand]!
  }

  output(result = 0): GraphTensor {
    return this.#graph.tensors[this.node.outputs[result] ?? -1] ?? absent
  }

  outputIndex(result = 0): number {
    return this.node.outputs[result]!
  }

  number(option: string, otherwise = 0): number {
    const value = this.node.options[option]
    return typeof value === 'number' ? value : otherwise
  }

  flag(option: string): boolean {
    return this.node.options[option] === true
  }

  text(option: string, otherwise: string): string {
    const value = this.node.options[option]
    return typeof value === 'string' ? value : otherwise
  }
}

/** Refuses all but `inputs` operands (of which the first `needed` must be there) and one result. */
export function checkOperands(view: NodeView, needed: number, most: number): void {
  const { inputs, outputs } = view.node
  if (outputs.length !== 1) view.refuse(`it has ${outputs.length} results, wanted 1`)
  if (inputs.length > most) view.refuse(`it has ${inputs.length} operands, at most ${most} are known`)
  for (let operand = 0; operand < needed; operand += 1) if (!view.has(operand)) view.refuse(`operand ${operand} is missing`)
}

/** Types of activations, and their values. */
const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  int8: [-128, 127],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
}

/** Refuses what is no tensor of one of `types`, with one scale and a zero point of its type; that of int16 is 0. */
export function checkActivation(view: NodeView, tensor: GraphTensor, types: readonly GraphType[] = ['int8']): void {
  checkNumbers(view, tensor, types)
  const zero = tensor.quantization?.zeroPoints[0] ?? 0
  if (tensor.type === 'int16' && types.includes('int16') && zero !== 0)
    view.refuse(`tensor "${tensor.name}" has the zero point ${zero}`, '0, as int16 activations have it')
}

/** As checkActivation, with any zero point. */
export function checkNumbers(view: NodeView, tensor: GraphTensor, types: readonly GraphType[]): void {
  const where = `tensor "${tensor.name}"`
  if (tensor === absent) return
  const { type, quantization } = tensor
  // Another node may take the type that this one does not.
  const isKnown = type in ranges && types.includes(type)
  if (!isKnown && type in ranges) view.refuse(`${where} is ${type}`, types.join(', '))
  if ((!isKnown && type in ranges) || !view.isNew(tensor)) return
  checkShape(view, tensor)
  if (!isKnown) {
    view.refuse(
      `${where} is ${type}`,
      type.startsWith('float') ? 'the model quantized to int8 (full integer quantization)' : types.join(', '),
    )
    return
  }
  const [least, most] = ranges[type]!
  if (quantization === undefined) view.refuse(`${where} has no scale`, `${type} with one scale and zero point`)
  else if (quantization.scales.length !== 1)
    view.refuse(`${where} has ${quantization.scales.length} scales`, 'one scale for the whole tensor')
  else if (!usableScale(quantization.scales[0]!))
    view.refuse(`${where} has the scale ${quantization.scales[0]}`, 'a positive normal float32')
  else if (!(quantization.zeroPoints[0]! >= least && quantization.zeroPoints[0]! <= most))
    view.refuse(`${where} has the zero point ${quantization.zeroPoints[0]}`, `${least} … ${most}`)
}

/** Refuses tensors of different integer types. */
export function checkSameType(view: NodeView, ...tensors: readonly GraphTensor[]): void {
  const types = new Set(tensors.map(({ type }) => type).filter((type) => type in ranges))
  if (types.size > 1) view.refuse(`its operands and result are ${[...types].join(' and ')}`, 'one type for all')
}

const carried: readonly string[] = ['int8', 'uint8', 'int16', 'int32']

/** Refuses what the operators that only move values cannot carry: a type that the artifact does not have, or several scales. */
export function checkMovable(view: NodeView, tensor: GraphTensor): void {
  const { name, type, quantization } = tensor
  if (tensor === absent) return
  if (type === 'int8' && quantization !== undefined) {
    checkActivation(view, tensor)
    return
  }
  const scales = quantization?.scales ?? []
  const isUsable = scales.length < 2 && scales.every(usableScale)
  if ((carried.includes(type) && isUsable && hasUsableShape(tensor)) || !view.isNew(tensor)) return
  checkShape(view, tensor)
  if (type.startsWith('float')) view.refuse(`tensor "${name}" is ${type}`, 'the model quantized to int8 (full integer quantization)')
  else if (!carried.includes(type)) view.refuse(`tensor "${name}" is ${type}`, carried.join(', '))
  else if (!isUsable) view.refuse(`tensor "${name}" has the scales ${scales.join()}`, 'one positive normal float32, or none')
}

/** An operator that only moves values: `y` is of x's type, scale and zero point. */
export function checkMove(view: NodeView, x: GraphTensor, y: GraphTensor): void {
  checkMovable(view, x)
  checkMovable(view, y)
  if (x.type !== y.type) view.refuse(`it makes ${y.type} of ${x.type}`)
  else if (!sameAffine(x, y)) view.refuse('its operand and result differ in scale or zero point')
}

/** Scales between 2^-100 and 2^100: products and quotients of them stay normal. */
export function usableScale(scale: number): boolean {
  return scale >= 2 ** -100 && scale <= 2 ** 100
}

export function checkShape(view: NodeView, { name, shape }: GraphTensor): void {
  if (shape.length > 6) view.refuse(`tensor "${name}" has rank ${shape.length}`, 'rank 6 or less')
  else if (!hasUsableShape({ shape })) view.refuse(`tensor "${name}" has the shape [${shape}]`, 'a fixed shape of at most 2^26 elements')
}

function hasUsableShape({ shape }: Pick<GraphTensor, 'shape'>): boolean {
  return shape.length <= 6 && shape.every((dimension) => dimension >= 1 && dimension <= 2 ** 24) && elementCount(shape) <= 2 ** 26
}

/** Refuses what is no rank-4 tensor. */
export function checkRank4(view: NodeView, tensor: GraphTensor): void {
  checkRank(view, tensor, 4, 'rank 4 (NHWC)')
}

export function checkRank(view: NodeView, tensor: GraphTensor, rank: number, wanted = `rank ${rank}`): void {
  if (tensor !== absent && tensor.shape.length !== rank) view.refuse(`tensor "${tensor.name}" has rank ${tensor.shape.length}`, wanted)
}
