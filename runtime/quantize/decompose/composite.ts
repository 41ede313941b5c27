/** A composite operator's node while it is rewritten into simpler float operators. */
import { type Constant, constantOf } from '../../import/onnx/constant.ts'
import { NodeOperands } from '../../import/onnx/operands.ts'
import type { Attribute, OnnxNode } from '../../import/onnx/parse.ts'
import { Refusal } from '../../import/onnx/refusal.ts'
import { unknown } from '../../import/onnx/value.ts'

/**
 * Rewrites one node: emits simpler ones and gives the names of the values that stand for its results, in their order; one name where only
 * the first is given; nothing where the node is simple as it is. Throws Refusal for a form that has no rewriting.
 */
export type Decompose = (node: CompositeNode) => string | readonly string[] | undefined

/** Numbers are integers; float32 is said so. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>

/** What is known of a value without running the model again. */
export type Known = { readonly type: string; readonly shape: readonly number[]; readonly constant: Constant | undefined }

/** Attributes and constant operands are read as in the importer's rules; an operand that is computed is `unknown` there. */
export class CompositeNode extends NodeOperands {
  readonly emitted: OnnxNode[] = []
  readonly constants = new Map<string, Constant>()
  readonly #known: (name: string) => Known
  readonly #fresh: (suffix: string) => string

  /** `fresh` gives names that no value of the graph has. */
  constructor(node: OnnxNode, opset: number, known: (name: string) => Known, fresh: (suffix: string) => string) {
    super(
      node,
      opset,
      node.inputs.map((name) => (name === '' ? undefined : (known(name).constant ?? unknown))),
    )
    this.#known = known
    this.#fresh = fresh
  }

  /** The name of an operand. */
  input(index: number): string {
    this.value(index)
    return this.node.inputs[index]!
  }

  /** An operand's shape. */
  shape(index: number): readonly number[] {
    return this.#known(this.input(index)).shape
  }

  /** The standard's name of an operand's type. */
  type(index: number): string {
    return this.#known(this.input(index)).type
  }

  /** The shape of a result. */
  resultShape(index = 0): readonly number[] {
    return this.#known(this.node.outputs[index]!).shape
  }

  /** Adds a node of one result; gives its name. An empty name leaves an operand out. */
  emit(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.emitAll(op, inputs, 1, attributes)[0]!
  }

  /** Adds a node; gives the names of its results. */
  emitAll(op: string, inputs: readonly string[], results: number, attributes: Attributes = {}): string[] {
    const outputs = Array.from({ length: results }, () => this.#fresh(op))
    const isFloat = (value: Attributes[string]) => typeof value === 'object' && 'float' in value
    const entries = Object.entries(attributes)
    this.emitted.push({
      op,
      name: `${op} "${outputs[0]}"`,
      inputs,
      outputs,
      attributes: new Map(entries.map(([name, value]): [string, Attribute] => [name, isFloat(value) ? value.float : value])),
      floats: new Set(entries.filter(([, value]) => isFloat(value)).map(([name]) => name)),
    })
    return outputs
  }

  /** A float32 constant. */
  floats(values: readonly number[], shape: readonly number[]): string {
    return this.#constant('float32', shape, values)
  }

  /** An int64 constant of one dimension. */
  integers(values: readonly number[]): string {
    return this.#constant('int64', [values.length], values)
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.emit('Reshape', [x, this.integers(shape)])
  }

  transpose(x: string, permutation: readonly number[]): string {
    return this.emit('Transpose', [x], { perm: permutation })
  }

  /** Indices start to end − 1 of one dimension. */
  slice(x: string, axis: number, start: number, end: number): string {
    // Operator set 10 made the bounds operands.
    if (this.opset < 10) return this.emit('Slice', [x], { axes: [axis], starts: [start], ends: [end] })
    return this.emit('Slice', [x, this.integers([start]), this.integers([end]), this.integers([axis])])
  }

  refuse(problem: string, nearest?: string): never {
    throw new Refusal(problem, nearest)
  }

  #constant(type: 'float32' | 'int64', shape: readonly number[], values: readonly number[]): string {
    const name = this.#fresh('constant')
    this.constants.set(name, constantOf(name, type, shape, values))
    return name
  }
}
