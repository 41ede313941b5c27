/** A node's operands and attributes as whoever reads nodes asks for them. */
import { type Constant, numbersOf } from './constant.ts'
import type { OnnxNode } from './parse.ts'
import { Refusal } from './refusal.ts'
import type { Value } from './value.ts'

export class NodeOperands {
  readonly node: OnnxNode
  /** Of the graph: the version of the standard's own operators. */
  readonly opset: number
  readonly #values: readonly (Value | undefined)[]

  constructor(node: OnnxNode, opset: number, values: readonly (Value | undefined)[]) {
    this.node = node
    this.opset = opset
    this.#values = values
  }

  get operands(): number {
    return this.#values.length
  }

  has(index: number): boolean {
    return this.#values[index] !== undefined
  }

  value(index: number): Value {
    const value = this.#values[index]
    if (value === undefined) throw new Refusal(`operand ${index} is missing`)
    return value
  }

  constant(index: number): Constant {
    const value = this.value(index)
    if (value.kind === 'constant') return value
    throw new Refusal(`operand ${index}${this.named(index)} is not constant`, 'a constant')
  }

  numbers(index: number): number[] {
    const constant = this.constant(index)
    const numbers = numbersOf(constant)
    if (numbers === undefined) throw new Refusal(`operand ${index}${this.named(index)} has elements of ${constant.typeName}`)
    return numbers
  }

  number(index: number): number {
    const numbers = this.numbers(index)
    if (numbers.length !== 1) throw new Refusal(`operand ${index}${this.named(index)} has ${numbers.length} elements`, 'one')
    return numbers[0]!
  }

  int(name: string, otherwise: number): number {
    const value = this.node.attributes.get(name)
    return typeof value === 'number' ? value : otherwise
  }

  float(name: string, otherwise: number): number {
    return Math.fround(this.int(name, otherwise))
  }

  text(name: string, otherwise: string): string {
    const value = this.node.attributes.get(name)
    return typeof value === 'string' ? value : otherwise
  }

  ints(name: string): number[] | undefined {
    const value = this.node.attributes.get(name)
    return Array.isArray(value) ? [...(value as readonly number[])] : undefined
  }

  texts(name: string): string[] | undefined {
    const value = this.node.attributes.get(name)
    return Array.isArray(value) ? (value as readonly unknown[]).map(String) : undefined
  }

  /** An attribute that a later operator set made an operand. */
  listed(name: string, index: number): number[] | undefined {
    return this.has(index) ? this.numbers(index) : this.ints(name)
  }

  /** A dimension counted from the front. */
  axis(axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis
    if (!(Number.isInteger(counted) && counted >= 0 && counted < Math.max(rank, 1)))
      throw new Refusal(`its axis is ${axis} of rank ${rank}`)
    return counted
  }

  /** How messages name an operand. */
  protected named(index: number): string {
    return ` ("${this.node.inputs[index]}")`
  }
}
