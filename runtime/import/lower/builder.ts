/**
 * Collects the artifact's tensors and operators while nodes are lowered. Tensors of the graph keep their index here as keys, so that the
 * order of lowering does not matter; canonical order comes afterwards.
 */
import { type OperatorName, operatorRow } from '../../model/operators.ts'
import type { Model, Operator, Port, Rounding, Tensor, TensorType } from '../../model/types.ts'
import { ImportError } from '../errors.ts'
import type { Graph, GraphTensor } from '../graph.ts'
import {
  type Entries,
  type IntegerScale,
  integerEntries,
  quantizeMultiplier,
  type RealScale,
  scaleEntries,
  scaleProblem,
} from '../scales.ts'
import { affine } from './affine.ts'

const none: Entries = { multipliers: [], shifts: [] }
const tensorTypes: readonly string[] = ['int8', 'uint8', 'int16', 'int32'] satisfies TensorType[]

export class Builder {
  readonly rounding: Rounding
  readonly tensors: Tensor[] = []
  readonly operators: Operator[] = []
  /** Names for people: of each tensor, and of the node that each operator came from. */
  readonly tensorNames: string[] = []
  readonly operatorNames: string[] = []
  /** The node being lowered. */
  nodeName = ''
  readonly #graph: Graph
  readonly #indices = new Map<number, number>()

  constructor(graph: Graph, rounding: Rounding) {
    this.#graph = graph
    this.rounding = rounding
  }

  /** The artifact's tensor of a graph tensor, with its data where it is constant. */
  tensor(graphIndex: number): number {
    const known = this.#indices.get(graphIndex)
    if (known !== undefined) return known
    const { name, type, shape, data } = this.#graph.tensors[graphIndex]!
    const index = this.#push(name, artifactType(type), shape, data)
    this.#indices.set(graphIndex, index)
    return index
  }

  /** A constant of the importer's own making. */
  constant(name: string, type: TensorType, shape: readonly number[], data: Uint8Array): number {
    return this.#push(name, type, shape, data)
  }

  /** An intermediate result that the graph has no tensor for. */
  intermediate(name: string, type: TensorType, shape: readonly number[]): number {
    return this.#push(name, type, shape, undefined)
  }

  operator(
    name: OperatorName,
    inputs: number[],
    output: number | number[],
    attributes: Readonly<Record<string, number>> = {},
    entries: Entries = none,
  ): void {
    const row = operatorRow(name)
    const names = row.fixedPoint && this.tensors[inputs[0]!]!.type !== 'int8' ? [] : row.attributes
    const values = names.map((attribute) => attributes[attribute]!)
    const repeated = row.perDimension ?? []
    for (let axis = 0; repeated.length > 0 && `${repeated[0]}${axis}` in attributes; axis += 1)
      values.push(...repeated.map((attribute) => attributes[`${attribute}${axis}`]!))
    this.operators.push({
      name,
      inputs,
      outputs: [output].flat(),
      attributes: values,
      multipliers: entries.multipliers,
      shifts: entries.shifts,
    })
    this.operatorNames.push(this.nodeName)
  }

  /** Requantization entries in the model's mode. @throws ImportError `unsupported` where the artifact has no room for a scale. */
  entries(scales: readonly RealScale[]): Entries {
    for (const scale of scales) this.#check(scaleProblem(this.rounding, scale))
    // One entry says the same as many alike.
    const first = scales[0]!
    const alike = scales.every(({ exact, single }) => exact === first.exact && single === first.single)
    return scaleEntries(this.rounding, alike ? [first] : scales)
  }

  /** As entries, in integer form whatever the model's mode. */
  wholeEntries(scales: readonly number[]): Entries {
    for (const exact of scales) this.#check(scaleProblem('double', { exact, single: exact }))
    return integerEntries((scales.every((scale) => scale === scales[0]) ? scales.slice(0, 1) : scales).map(quantizeMultiplier))
  }

  integerEntries(scales: readonly IntegerScale[]): Entries {
    return integerEntries(scales)
  }

  port(graphIndex: number): Port {
    const tensor = this.#graph.tensors[graphIndex]!
    const { scale, zero } = tensor.quantization === undefined ? { scale: 0, zero: 0 } : affine(tensor)
    return { tensor: this.tensor(graphIndex), scale, zeroPoint: zero }
  }

  model(inputs: Port[], outputs: Port[]): Model {
    return { rounding: this.rounding, tensors: this.tensors, operators: this.operators, inputs, outputs }
  }

  #check(problem: string | undefined): void {
    if (problem !== undefined)
      throw new ImportError('unsupported', 'the model has a layer that cannot be expressed:', [{ node: this.nodeName, problem }])
  }

  #push(name: string, type: TensorType, shape: readonly number[], data: Uint8Array | undefined): number {
    this.tensors.push({ type, shape: shape.length === 0 ? [1] : [...shape], data: data ?? new Uint8Array() })
    this.tensorNames.push(name)
    return this.tensors.length - 1
  }
}

function artifactType(type: GraphTensor['type']): TensorType {
  if (!tensorTypes.includes(type)) throw new Error(`no artifact type for ${type}: a rule's check has let it through`)
  return type as TensorType
}
