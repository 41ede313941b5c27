/**
 * Walks the nodes once, in order: each rule turns its operands' values into its results' and adds what the artifact computes to the emitter.
 * Shapes, constants and fusing need no passes of their own. What a rule refuses is collected, its results are unknown, and only the names of
 * the operators that read those are still looked at.
 */
import { ImportError, type Problem } from '../errors.ts'
import { classicalRules, isClassical } from './classical/rules.ts'
import { checkSize, Emitter } from './emitter.ts'
import { floatCodes } from './float8.ts'
import { folded } from './fold.ts'
import { channelsLast, permutedLayout, straight } from './layout.ts'
import { wholeTypes } from './names.ts'
import { NodeView, type Rule, type Scope } from './node.ts'
import { storedAs, wholeResult } from './operators/whole.ts'
import type { OnnxGraph, OnnxNode, OnnxPort } from './parse.ts'
import { Refusal } from './refusal.ts'
import { nearestOperator, rules } from './rules.ts'
import {
  type Activation,
  type Floats,
  type Placed,
  type Quantization,
  real,
  sameQuantization,
  tensorType,
  tooDeep,
  unknown,
  type Value,
} from './value.ts'

export type Options = {
  /** Take operators whose integer form can differ from onnxruntime, each told in the notes. */
  readonly allowInexact: boolean
  /** Leave out operators that only put right where the artifact would be one off from onnxruntime. */
  readonly plainest: boolean
  /** Shapes of inputs by name, for dimensions that the file leaves open. */
  readonly shapes: Readonly<Record<string, readonly number[]>>
  /** Inputs that lie in memory with their second dimension, the channels, last. */
  readonly channelsLast: ReadonlySet<string>
}

/** What an input is in the artifact. `isBits`: the int32 are the bits of float32. */
export type InputTensor = {
  readonly placed: Placed
  readonly type: 'int8' | 'int16' | 'int32'
  readonly quantization: Quantization | undefined
  readonly isBits?: true
}

/** `place`: the artifact's tensor, once something reads it. */
export type InputPlace = { readonly port: OnnxPort; readonly place: () => InputTensor | undefined }

export type Evaluation = {
  readonly emitter: Emitter
  readonly values: ReadonlyMap<string, Value>
  readonly inputs: readonly InputPlace[]
  readonly problems: readonly Problem[]
  readonly notes: readonly string[]
  /** How many nodes gave nothing. */
  readonly lost: number
}

export function evaluate(graph: OnnxGraph, nodes: readonly OnnxNode[], options: Options): Evaluation {
  const emitter = new Emitter()
  const problems: Problem[] = []
  const notes: string[] = []
  let lost = 0
  const tell = (name: string, error: unknown): void => {
    if (error instanceof Refusal) {
      const { problem, nearest } = error
      if (!problems.some((known) => known.node === name && known.problem === problem))
        problems.push({ node: name, problem, ...(nearest === undefined ? {} : { nearest }) })
    } else if (error instanceof ImportError && error.problems.length > 0) problems.push(...error.problems)
    else throw error
  }
  const note = (text: string): void => {
    if (!notes.includes(text)) notes.push(text)
  }
  const scope: Scope = {
    emitter,
    opset: graph.opset,
    plainest: options.plainest,
    inexact(node, why, nearest) {
      if (!options.allowInexact) throw new Refusal(why, `${nearest}; --allow-inexact takes it as it is`)
      note(`${node.name} can differ from onnxruntime: ${why}`)
    },
    note,
  }
  const values = new Map<string, Value>(graph.constants)
  const classical = isClassical(graph)
  const read = new Set(nodes.flatMap((node) => node.inputs))
  const inputs = graph.inputs.flatMap((port) => {
    try {
      const place = (classical ? classicalInput : inputValue)(port, emitter, options, notes)
      values.set(port.name, place.value)
      return [place]
    } catch (error) {
      values.set(port.name, unknown)
      if (read.has(port.name)) tell(`model input "${port.name}"`, error)
      return []
    }
  })
  for (const node of nodes) {
    emitter.node = node.name
    const rule = (classical ? classicalRules[node.op] : undefined) ?? rules[node.op]
    const operands = node.inputs.map((input) => (input === '' ? undefined : values.get(input)))
    const missing = node.inputs.find((input) => input !== '' && !values.has(input))
    if (missing !== undefined)
      throw new ImportError('malformed', `not a usable ONNX file: ${node.name} reads "${missing}", which nothing before it gives`)
    let results: readonly Value[] = []
    try {
      if (rule === undefined) throw new Refusal(`the operator ${node.op} is not supported`, nearestOperator(node.op))
      if (!operands.some((operand) => operand?.kind === 'unknown')) {
        checkAge(node, graph.opset)
        results = resultsOf(rule, node, scope, operands)
        if (results.some((value) => value.kind === 'real' && tooDeep(value)))
          throw new Refusal('more than 64 float operators lie between two quantized tensors')
      }
    } catch (error) {
      tell(rule === undefined ? node.name : emitter.builder.nodeName, error)
    }
    if (results.length === 0) lost += 1
    for (const [index, output] of node.outputs.entries()) if (output !== '') define(values, output, results[index] ?? unknown, node)
  }
  return { emitter, values, inputs, problems, notes, lost }
}

/** What older operator sets say in another way than the rules read it. */
function checkAge({ op, attributes }: OnnxNode, opset: number): void {
  if (opset < 7 && attributes.get('broadcast') === 1) throw new Refusal('it broadcasts by an axis', 'operator set 7 or newer')
  if (opset < 7 && (op === 'BatchNormalization' || op === 'Dropout') && attributes.get('is_test') !== 1)
    throw new Refusal('it is in training mode', 'is_test = 1')
  if (opset < 4 && op === 'Concat' && !attributes.has('axis')) throw new Refusal('it names no axis', 'operator set 4 or newer')
}

/** A rule's values; where all of its operands are constant, what it makes of them is computed at once. */
function resultsOf(rule: Rule, node: OnnxNode, scope: Scope, operands: readonly (Value | undefined)[]): readonly Value[] {
  const isConstant = operands.every((operand) => operand === undefined || operand.kind === 'constant')
  const emitter = isConstant ? new Emitter() : scope.emitter
  emitter.node = node.name
  const result = rule(new NodeView(node, { ...scope, emitter }, operands))
  const results = 'kind' in result ? [result] : result
  return isConstant ? folded(results, emitter) : results
}

function define(values: Map<string, Value>, name: string, value: Value, node: OnnxNode): void {
  if (values.has(name)) throw new ImportError('malformed', `not a usable ONNX file: ${node.name} gives "${name}", which is there already`)
  values.set(name, value)
}

function inputValue(port: OnnxPort, emitter: Emitter, options: Options, notes: string[]): InputPlace & { value: Value } {
  const shape = fixedShape(port, options.shapes[port.name], notes)
  checkSize(shape)
  if (shape.length > 6) throw new Refusal(`it has rank ${shape.length}`, 'rank 6 or less')
  const permutation = options.channelsLast.has(port.name) ? channelsLast(shape.length) : straight(shape.length)
  const place = (type: 'int8' | 'int16' | 'int32'): Placed => emitter.place(port.name, type, shape, permutation)
  if (port.type === 'int8' || port.type === 'uint8') {
    const activation: Activation = { kind: 'activation', ...place('int8'), stored: port.type, meaning: {} }
    return { port, value: activation, place: () => ({ placed: activation, type: 'int8', quantization: activation.meaning.quantization }) }
  }
  const whole = wholeTypes.find((name) => name === port.type)
  if (whole !== undefined) {
    const type = storedAs(whole)
    const placed = place(type)
    return { port, value: wholeResult(whole, placed), place: () => ({ placed, type, quantization: undefined }) }
  }
  const codes = floatCodes(port.type)
  if (codes !== undefined) return codedInput(port, codes, place('int8'))
  if (port.type !== 'float32') throw new Refusal(`it is ${port.type}`, 'whole numbers or bool, or float32 under QuantizeLinear')
  let made: Activation | undefined
  let bits: Placed | undefined
  const twice = () => new Refusal(`the model input "${port.name}" is quantized with two scales or zero points`, 'one QuantizeLinear')
  const quantize = (to: Quantization): Activation => {
    if (bits !== undefined || (made !== undefined && !sameQuantization(made.meaning.quantization!, to))) throw twice()
    made ??= { kind: 'activation', ...place(tensorType(to.stored)), stored: to.stored, meaning: { quantization: to } }
    return { ...made, stored: to.stored, shape, layout: permutedLayout(shape, permutation) }
  }
  const asBits = (): Floats => {
    if (made !== undefined) throw twice()
    bits ??= place('int32')
    return { kind: 'floats', ...bits }
  }
  return {
    port,
    value: real(shape, [], quantize, { bits: asBits }),
    place: () => {
      if (bits !== undefined) return { placed: bits, type: 'int32', quantization: undefined, isBits: true }
      return made && { placed: made, type: tensorType(made.stored), quantization: made.meaning.quantization }
    },
  }
}

/** A number of 8 bits or less that stands for a float: the table of its codes. */
function codedInput(port: OnnxPort, codes: Float32Array, placed: Placed): InputPlace & { value: Value } {
  const of: Activation = { kind: 'activation', ...placed, stored: 'uint8', meaning: {} }
  const value = real(
    placed.shape,
    [],
    () => {
      throw new Refusal(`it is ${port.type}`, 'DequantizeLinear behind it')
    },
    { table: { of, values: codes } },
  )
  return { port, value, place: () => ({ placed, type: 'int8', quantization: undefined }) }
}

/** Numbers of a classical model: float32 as bits, everything else as in other models. */
function classicalInput(port: OnnxPort, emitter: Emitter, options: Options, notes: string[]): InputPlace & { value: Value } {
  if (port.type !== 'float32' && port.type !== 'float64') return inputValue(port, emitter, options, notes)
  const shape = fixedShape(port, options.shapes[port.name], notes)
  checkSize(shape)
  if (shape.length > 6) throw new Refusal(`it has rank ${shape.length}`, 'rank 6 or less')
  const placed = emitter.place(port.name, 'int32', shape, straight(shape.length))
  return { port, value: { kind: 'floats', ...placed }, place: () => ({ placed, type: 'int32', quantization: undefined, isBits: true }) }
}

/** The batch, dimension 0, is 1 where it is open and nobody gives it a size. */
function fixedShape({ name, shape }: OnnxPort, given: readonly number[] | undefined, notes: string[]): number[] {
  if (given !== undefined) {
    const fits =
      shape === undefined ||
      (shape.length === given.length && shape.every((size, axis) => typeof size === 'string' || size === given[axis]))
    if (!fits) throw new Refusal(`it has the shape [${shape}]; [${given}] was given`, 'sizes for its open dimensions')
    return [...given]
  }
  if (shape === undefined) throw new Refusal('the file does not tell its shape', 'a shape given at the import (--shape)')
  return shape.map((size, axis) => {
    if (typeof size === 'number') return size
    if (axis > 0)
      throw new Refusal(
        `its dimension ${axis}${size === '' ? '' : ` ("${size}")`} has no fixed size`,
        'a shape given at the import (--shape)',
      )
    notes.push(`dimension 0 of input "${name}" is open${size === '' ? '' : ` ("${size}")`}: the artifact takes 1`)
    return 1
  })
}
