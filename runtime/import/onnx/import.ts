/**
 * importOnnx(bytes, { rounding: 'fp32', … }): a quantized .onnx model to its artifact, with the bytes that onnxruntime gives on a CPU.
 *
 * Stages: parse (parse.ts) → the nodes that an output needs (needed.ts) → their evaluation, all problems told at once (evaluate.ts) → ports
 * (ports.ts) → clamps fused (fuse.ts) → canonical order and bytes (../artifact.ts). The same file and options give the same bytes on every
 * machine.
 */
import type { Rounding } from '../../model/types.ts'
import { finish, type Imported } from '../artifact.ts'
import { ImportError, type Problem } from '../errors.ts'
import { isClassical } from './classical/rules.ts'
import { malformed, noExternalFiles, type ReadExternal } from './constant.ts'
import type { Emitter } from './emitter.ts'
import { evaluate, type Options } from './evaluate.ts'
import { fuseClamps } from './fuse.ts'
import { quantizedOperators } from './names.ts'
import { neededNodes } from './needed.ts'
import { type OnnxGraph, type OnnxNode, parseOnnx } from './parse.ts'
import { describePort, distinctOutputs, inputPlaces, outputPlace, type PortPlace, portNotes } from './ports.ts'

export type OnnxOptions = {
  /** onnxruntime computes as fp32 does; any other mode is refused. */
  rounding: Rounding
  /** Reads data that lie beside the model's file (external.ts). */
  external?: ReadExternal
  /** Tensors that the artifact gives instead of the model's own outputs. */
  outputs?: readonly string[]
  /** Take operators whose integer form can differ from onnxruntime; the notes name them. */
  allowInexact?: boolean
  /** Inexact forms as well, and no operators that only put right where the artifact would be one off from onnxruntime. */
  plainest?: boolean
  /** Shapes of inputs by name, for dimensions that the file leaves open. */
  shapes?: Readonly<Record<string, readonly number[]>>
}

/** @throws ImportError `malformed`, `rounding`, or `unsupported` with every problem */
export function importOnnx(bytes: Uint8Array, options: OnnxOptions): Imported {
  const { rounding, external = noExternalFiles } = options
  if (rounding !== 'fp32')
    throw new ImportError(
      'rounding',
      `an ONNX model has the rounding fp32, which is onnxruntime's; ${rounding} is for TensorFlow Lite models`,
    )
  const file = parseOnnx(bytes, external)
  if (isFloat(file) && !isClassical(file))
    throw new ImportError(
      'unsupported',
      'the model computes in float32; it must be quantized first: infernode quantize model.onnx --calibrate samples',
    )
  return importGraph(file, options)
}

/** As importOnnx, of a graph that is read already. */
export function importGraph(file: OnnxGraph, options: Omit<OnnxOptions, 'rounding' | 'external'>): Imported {
  const { outputs, allowInexact = false, plainest = false, shapes = {} } = options
  const graph = outputs === undefined ? file : { ...file, outputs: endingAt(file, outputs) }
  if (graph.outputs.length === 0) throw malformed('it has no outputs')
  const { emitter, problems, notes, given, results } = arranged(graph, neededNodes(graph), {
    allowInexact: allowInexact || plainest,
    plainest,
    shapes,
  })
  for (const [what, count] of [
    ['inputs', given.length],
    ['outputs', graph.outputs.length],
  ] as const)
    if (count > 16) problems.push({ node: `model ${what}`, problem: `there are ${count}`, nearest: 'at most 16' })
  const found = problems.length
  if (found > 0) throw new ImportError('unsupported', `the model has ${found} unsupported ${found === 1 ? 'place' : 'places'}:`, problems)
  const produced = distinctOutputs(emitter, results)
  const [inputPorts, outputPorts] = [given.map(describePort), produced.map(describePort)]
  const model = emitter.builder.model(
    given.map(({ placed }, index) => ({ tensor: placed.tensor, scale: inputPorts[index]!.scale, zeroPoint: inputPorts[index]!.zeroPoint })),
    produced.map(({ placed }, index) => ({
      tensor: placed.tensor,
      scale: outputPorts[index]!.scale,
      zeroPoint: outputPorts[index]!.zeroPoint,
    })),
  )
  const fused = fuseClamps(model, emitter.builder.operatorNames)
  return finish({
    format: 'ONNX',
    model: { ...model, operators: fused.operators },
    tensorNames: emitter.builder.tensorNames,
    operatorNames: fused.names,
    inputs: inputPorts,
    outputs: outputPorts,
    sourceOperators: file.nodes.map(({ op }) => op),
    notes: [
      ...inputPorts.flatMap((port) => portNotes('input', port)),
      ...outputPorts.flatMap((port) => portNotes('output', port)),
      ...notes,
    ],
  })
}

/** No operator of the model makes, reads or computes with integers of a scale. */
function isFloat({ nodes, inputs }: OnnxGraph): boolean {
  return inputs.some(({ type }) => /^float(16|32|64)$/.test(type)) && !nodes.some(({ op }) => quantizedOperators.test(op))
}

function endingAt(graph: OnnxGraph, names: readonly string[]): OnnxGraph['outputs'] {
  const computed = new Set(graph.nodes.flatMap((node) => node.outputs))
  return names.map((name) => {
    if (!computed.has(name)) throw new ImportError('unsupported', `no node of the model gives a tensor "${name}"`)
    return { name, type: '', shape: undefined }
  })
}

type Attempt = {
  readonly emitter: Emitter
  readonly problems: Problem[]
  readonly notes: readonly string[]
  readonly given: readonly PortPlace[]
  readonly results: readonly PortPlace[]
  /** The less the better, the first before the next: nodes without a result, operators. */
  readonly cost: readonly number[]
}

/** Inputs as the graph has them, or with the channels last where that saves operators. */
function arranged(graph: OnnxGraph, nodes: readonly OnnxNode[], options: Omit<Options, 'channelsLast'>): Attempt {
  let chosen: ReadonlySet<string> = new Set()
  let best = attempt(graph, nodes, { ...options, channelsLast: chosen })
  for (const { name, shape } of graph.inputs) {
    const moves = best.emitter.builder.operators.some((operator) => operator.name === 'reshape' || operator.name === 'transpose')
    if (!moves) break
    if (shape === undefined || shape.length < 3 || shape.length > 4) continue
    const tried = new Set([...chosen, name])
    const other = attempt(graph, nodes, { ...options, channelsLast: tried })
    const at = other.cost.findIndex((mark, index) => mark !== best.cost[index])
    if (at >= 0 && other.cost[at]! < best.cost[at]!) [chosen, best] = [tried, other]
  }
  return best
}

function attempt(graph: OnnxGraph, nodes: readonly OnnxNode[], options: Options): Attempt {
  const evaluation = evaluate(graph, nodes, options)
  const problems = [...evaluation.problems]
  const places = graph.outputs.map(({ name }) => outputPlace(evaluation, name, problems))
  const results = places.filter((place) => place !== undefined)
  const notes = [...evaluation.notes]
  const given = inputPlaces(evaluation, results, (text) => notes.push(text))
  const lost = evaluation.lost + places.length - results.length
  return { emitter: evaluation.emitter, problems, notes, given, results, cost: [lost, evaluation.emitter.builder.operators.length] }
}
