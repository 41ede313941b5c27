/** One node while it is evaluated: its operands as the kinds of value that a rule asks for, its attributes, and where operators go. */
import type { Emitter } from './emitter.ts'
import { NodeOperands } from './operands.ts'
import type { OnnxNode } from './parse.ts'
import { Refusal } from './refusal.ts'
import type { Activation, Quantization, Real, Stored, Value, Weights } from './value.ts'

/** `plainest`: no operators for a last difference to onnxruntime. `inexact`: tells of a node whose integer form can differ from onnxruntime; throws where such nodes are refused. */
export type Scope = {
  readonly emitter: Emitter
  readonly opset: number
  readonly plainest: boolean
  readonly inexact: (node: OnnxNode, why: string, nearest: string) => void
  /** A line of the report, once. */
  readonly note: (text: string) => void
}

/** Gives the node's values in the order of its outputs, or the one value of its first. */
export type Rule = (node: NodeView) => Value | readonly Value[]

export class NodeView extends NodeOperands {
  readonly scope: Scope

  constructor(node: OnnxNode, scope: Scope, values: readonly (Value | undefined)[]) {
    super(node, scope.opset, values)
    this.scope = scope
  }

  get emitter(): Emitter {
    return this.scope.emitter
  }

  /** Operators to come are this node's. */
  begin(): Emitter {
    this.emitter.node = this.node.name
    return this.emitter
  }

  inexact(why: string, nearest: string): void {
    this.scope.inexact(this.node, why, nearest)
  }

  /** A note on this node. */
  tell(text: string): void {
    this.scope.note(`${this.node.name}: ${text}`)
  }

  /** A note that several nodes may have cause for. */
  tellOnce(text: string): void {
    this.scope.note(text)
  }

  activation(index: number): Activation {
    const value = this.value(index)
    if (value.kind === 'activation') return value
    throw new Refusal(`operand ${index}${this.named(index)} is ${describe(value)}`, 'an int8 or uint8 tensor that the graph computes')
  }

  real(index: number): Real {
    const value = this.value(index)
    if (value.kind === 'real') return value
    throw new Refusal(
      `operand ${index}${this.named(index)} is ${describe(value)}`,
      'a float32 tensor between DequantizeLinear and QuantizeLinear',
    )
  }

  /** A Real that is DequantizeLinear of an int8 or uint8 tensor. */
  plain(index: number): { x: Activation; quantization: Quantization } {
    const { table } = this.real(index)
    if (table?.plain !== undefined) return { x: table.of, quantization: table.plain }
    throw new Refusal(
      `operand ${index}${this.named(index)} is float32 that no DequantizeLinear gives`,
      'QuantizeLinear and DequantizeLinear before it (static quantization)',
    )
  }

  weights(index: number): Weights {
    const value = this.value(index)
    if (value.kind === 'weights') return value
    throw new Refusal(`operand ${index}${this.named(index)} is ${describe(value)}`, 'quantized constants under DequantizeLinear')
  }

  /** Positive float32 scales. */
  scales(index: number): number[] {
    const scales = this.numbers(index).map(Math.fround)
    const wrong = scales.find((scale) => !(scale >= 2 ** -100 && scale <= 2 ** 100))
    if (scales.length === 0 || wrong !== undefined)
      throw new Refusal(`operand ${index}${this.named(index)} has the scale ${wrong}`, 'positive scales between 2^-100 and 2^100')
    return scales
  }

  /** One scale and zero point, the operands `index` and the one after it. */
  quantization(index: number, zeroIndex = index + 1): Quantization {
    const scales = this.scales(index)
    if (scales.length !== 1)
      throw new Refusal(`operand ${index}${this.named(index)} has ${scales.length} scales`, 'one scale for the whole tensor')
    if (!this.has(zeroIndex)) return { scale: scales[0]!, zero: 0, stored: 'uint8' }
    return { scale: scales[0]!, zero: this.number(zeroIndex), stored: this.stored(zeroIndex) }
  }

  /** The type of a constant zero point. */
  stored(index: number): Stored {
    const { type, typeName } = this.constant(index)
    if (type === 'int8' || type === 'uint8' || type === 'int16') return type
    throw new Refusal(`its zero point "${this.node.inputs[index]}" is ${typeName}`, 'int8, uint8 or int16')
  }
}

/** The standard's name of a value's type. */
export function typeNameOf(value: Value): string {
  if (value.kind === 'constant') return value.typeName
  if (value.kind === 'activation') return value.stored
  return value.kind === 'accumulator' ? value.source : 'float32'
}

export function describe(value: Value): string {
  switch (value.kind) {
    case 'constant':
      return `a constant of ${value.typeName}`
    case 'weights':
      return 'a dequantized constant'
    case 'activation':
      return `a computed tensor of ${value.stored}`
    case 'accumulator':
      return `a computed tensor of ${value.source}`
    case 'real':
    case 'floats':
      return 'a computed tensor of float32'
    case 'unknown':
      return 'unknown'
  }
}
