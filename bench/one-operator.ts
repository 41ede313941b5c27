/** Models of one operator, for the benches. */
import type { OperatorName } from '../runtime/model/operators.ts'
import { elementBytes, encodeModel, floatBits, type Rounding, type TensorType } from '../runtime/model/types.ts'

/** `data`: of a constant. */
type Operand = { shape: readonly number[]; type?: TensorType; data?: Uint8Array }

export type OneOperator = {
  operator: OperatorName
  rounding: Rounding
  operands: readonly Operand[]
  result: Operand
  furtherResults?: readonly Operand[]
  attributes?: readonly number[]
  multipliers?: readonly number[]
  shifts?: readonly number[]
}

/** The artifact of this operator alone: operands without data are its inputs. */
export function oneOperator({
  operator,
  rounding,
  operands,
  result,
  furtherResults = [],
  attributes = [],
  multipliers = [],
  shifts = [],
}: OneOperator): Uint8Array {
  const inputs = operands.filter(({ data }) => data === undefined)
  const order = [...inputs, ...operands.filter(({ data }) => data !== undefined), result, ...furtherResults]
  const port = (operand: Operand) => ({ tensor: order.indexOf(operand), scale: 0, zeroPoint: 0 })
  return encodeModel({
    rounding,
    tensors: order.map(({ type = 'int8', shape, data = new Uint8Array() }) => ({ type, shape: [...shape], data })),
    operators: [
      {
        name: operator,
        inputs: operands.map((operand) => order.indexOf(operand)),
        outputs: [result, ...furtherResults].map((operand) => order.indexOf(operand)),
        attributes: [...attributes],
        multipliers: [...multipliers],
        shifts: [...shifts],
      },
    ],
    inputs: inputs.map(port),
    outputs: [result, ...furtherResults].map(port),
  })
}

/** `constant`: filled with random bytes. `data`: a constant of these. `requantizations`: how many; their values are made up by the mode. */
export type BenchCase = {
  /** The shapes as a table names them. */
  name: string
  operands: readonly { shape: readonly number[]; type?: TensorType; constant?: true; data?: Uint8Array }[]
  result: { shape: readonly number[]; type?: TensorType }
  /** Behind the first. */
  furtherResults?: readonly { shape: readonly number[]; type?: TensorType }[]
  attributes?: readonly number[]
  requantizations?: number
  /** In integer form in every mode: softmax and the activations. */
  multipliers?: readonly number[]
  shifts?: readonly number[]
}

/** What bench/ops/<operator>.ts exports. */
export type OperatorBench = { operator: OperatorName; cases: readonly BenchCase[] }

export function benchArtifact(operator: OperatorName, rounding: Rounding, bench: BenchCase): { artifact: Uint8Array; input: Uint8Array } {
  const { operands, result, furtherResults, attributes, requantizations = 0 } = bench
  const random = randomBytes()
  const bytes = ({ shape, type = 'int8' }: { shape: readonly number[]; type?: TensorType }) =>
    shape.reduce((product, size) => product * size, elementBytes[type])
  const made = <T>(value: T): T[] => Array.from({ length: requantizations }, () => value)
  const scales =
    bench.multipliers !== undefined
      ? { multipliers: bench.multipliers, shifts: bench.shifts ?? [] }
      : rounding !== 'fp32'
        ? { multipliers: made(1518500250), shifts: made(-8) }
        : operator === 'add' || operator === 'sub'
          ? { multipliers: [1 << 20, 1 << 20], shifts: [21] }
          : { multipliers: made(floatBits(0.0021)), shifts: [] }
  const artifact = oneOperator({
    operator,
    rounding,
    operands: operands.map(({ constant, ...operand }) => ({ ...operand, ...(constant ? { data: random(bytes(operand)) } : {}) })),
    result,
    ...(furtherResults ? { furtherResults } : {}),
    ...(attributes ? { attributes } : {}),
    ...scales,
  })
  return { artifact, input: random(operands.reduce((sum, operand) => sum + (operand.constant || operand.data ? 0 : bytes(operand)), 0)) }
}

/** Bytes of a linear congruential generator, always the same. */
export function randomBytes(): (count: number) => Uint8Array {
  let state = 0x2545f491
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return state >>> 24
    })
}
