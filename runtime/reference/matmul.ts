import { layerOutput, wideOutput } from './arithmetic.ts'
import { elements, type Invocation, type ValueTensor } from './tensor.ts'

/** a […,M,K] · b […,K,N] → […,M,N]; the dimensions before broadcast. */
export function matmul({ attributes, scales, operands: [a, b], result }: Invocation): void {
  const { aZero, bZero } = attributes as Record<string, number>
  const [rows, columns] = result.shape.slice(-2) as [number, number]
  const depth = a!.shape.at(-1)!
  const output = a!.type === 'int16' ? wideOutput(scales, attributes) : layerOutput(scales, attributes)
  for (let at = 0; at < result.values.length; at += 1) {
    const product = Math.floor(at / (rows * columns))
    const row = matrixAt(a!, result, product) + (Math.floor(at / columns) % rows) * depth
    const column = matrixAt(b!, result, product) + (at % columns)
    let sum = 0
    for (let k = 0; k < depth; k += 1) sum += (a!.values[row + k]! - aZero!) * (b!.values[column + k * columns]! - bZero!)
    result.values[at] = output(sum, 0)
  }
}

/** Where an operand's matrix of the result's `product`-th begins. */
function matrixAt({ shape }: ValueTensor, result: ValueTensor, product: number): number {
  let step = elements(shape.slice(-2))
  let position = 0
  let rest = product
  for (let axis = 3; axis <= result.shape.length; axis += 1) {
    const own = shape.at(-axis) ?? 1
    const size = result.shape.at(-axis)!
    if (own > 1) position += (rest % size) * step
    step *= own
    rest = Math.floor(rest / size)
  }
  return position
}
