import type { GraphTensor } from '../graph.ts'

/** Where an int8 tensor's numbers lie: real = scale · (q − zero). */
export type Affine = { readonly scale: number; readonly zero: number }

export function affine(tensor: GraphTensor): Affine {
  return { scale: tensor.quantization?.scales[0] ?? 1, zero: tensor.quantization?.zeroPoints[0] ?? 0 }
}

export function sameAffine(a: GraphTensor, b: GraphTensor): boolean {
  return affine(a).scale === affine(b).scale && affine(a).zero === affine(b).zero
}
