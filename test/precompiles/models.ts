/** Small models for tests. */
import { encodeModel, type Model } from '../../runtime/index.ts'
import type { Tensor } from '../../runtime/model/types.ts'

/** Deterministic bytes: xorshift32. */
export function randomBytes(length: number, seed: number): Uint8Array {
  let state = seed >>> 0 || 1
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  })
}

/** x [1,inputs] → fullyConnected → clamp → [1,outputs], int8. The weights make the artifact inputs · outputs bytes and a little more. */
export function denseModel(inputs: number, outputs: number, seed = 1): Model {
  const bytes = randomBytes(inputs * outputs, seed).map((byte) => byte & 0x0f)
  return {
    rounding: 'double',
    tensors: [
      { type: 'int8', shape: [1, inputs], data: new Uint8Array() },
      { type: 'int8', shape: [outputs, inputs], data: bytes },
      { type: 'int8', shape: [1, outputs], data: new Uint8Array() },
      { type: 'int8', shape: [1, outputs], data: new Uint8Array() },
    ],
    operators: [
      { name: 'fullyConnected', inputs: [0, 1], outputs: [2], attributes: [0, 0, 0, -128, 127], multipliers: [1073741824], shifts: [-7] },
      { name: 'clamp', inputs: [2], outputs: [3], attributes: [-100, 100], multipliers: [], shifts: [] },
    ],
    inputs: [{ tensor: 0, scale: 0.5, zeroPoint: 0 }],
    outputs: [{ tensor: 3, scale: 0.25, zeroPoint: 3 }],
  }
}

/** x [1,width] through `layers` fully connected layers that all read the same weights. */
export function tiedArtifact(width: number, layers: number): Uint8Array {
  const activation = (): Tensor => ({ type: 'int8', shape: [1, width], data: new Uint8Array() })
  const weights: Tensor = { type: 'int8', shape: [width, width], data: new Uint8Array(width * width).fill(1) }
  return encodeModel({
    rounding: 'double',
    tensors: [activation(), weights, ...Array.from({ length: layers }, activation)],
    operators: Array.from({ length: layers }, (_, layer) => ({
      name: 'fullyConnected',
      inputs: [layer === 0 ? 0 : layer + 1, 1],
      outputs: [layer + 2],
      attributes: [0, 0, 0, -128, 127],
      multipliers: [2 ** 30],
      shifts: [-7],
    })),
    inputs: [{ tensor: 0, scale: 1, zeroPoint: 0 }],
    outputs: [{ tensor: layers + 1, scale: 1, zeroPoint: 0 }],
  })
}

export function denseArtifact(inputs: number, outputs: number, seed = 1): Uint8Array {
  return encodeModel(denseModel(inputs, outputs, seed))
}
