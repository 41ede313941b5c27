/** Bytes of pictures as the numbers that a float model takes. */
import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { InputFileError } from '../inputs/errors.ts'

/** value = (pixel / 255 · white − mean) / std; one mean and std, or one for each channel. */
export interface Normalization {
  white: number
  mean: readonly number[]
  std: readonly number[]
}

/** Which dimension of a model's input counts a picture's channels, 1 or 3 of them; undefined where it takes no pictures. */
export function channelAxis(shape: readonly number[]): number | undefined {
  const isChannels = (size: number | undefined) => size === 1 || size === 3
  if (shape.length !== 4 || shape[0] !== 1) return undefined
  return isChannels(shape[1]) ? 1 : isChannels(shape[3]) ? 3 : undefined
}

/** Numbers of bytes that lie as the input does; back to back, where there are several samples. */
export function normalized(bytes: ArrayLike<number>, shape: readonly number[], { white, mean, std }: Normalization): Float32Array {
  const axis = channelAxis(shape)
  const channels = axis === undefined ? 1 : shape[axis]!
  const inner = axis === 1 ? shape[2]! * shape[3]! : 1
  return Float32Array.from({ length: bytes.length }, (_, at) => {
    const channel = Math.floor(at / inner) % channels
    return ((bytes[at]! / 255) * white - mean[mean.length === 1 ? 0 : channel]!) / std[std.length === 1 ? 0 : channel]!
  })
}

/** A .png as the bytes of an input [1, C, H, W] or [1, H, W, C]; colours become grey by the Rec. 601 luma. @throws InputFileError */
export function pngBytes(path: string, shape: readonly number[]): Uint8Array {
  const axis = channelAxis(shape)
  if (axis === undefined) throw new InputFileError('INPUT_TYPE', `${path}: the model's input [${shape}] takes no pictures`)
  const channels = shape[axis]!
  const [height, width] = axis === 1 ? [shape[2]!, shape[3]!] : [shape[1]!, shape[2]!]
  const picture = readPng(path)
  if (picture.width !== width || picture.height !== height)
    throw new InputFileError(
      'INPUT_LENGTH',
      `${path}: the picture is ${picture.width}×${picture.height}, the model wants ${width}×${height}`,
    )
  const bytes = new Uint8Array(channels * height * width)
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    const colours = picture.data.subarray(4 * pixel, 4 * pixel + 3)
    const grey = Math.floor((colours[0]! * 299 + colours[1]! * 587 + colours[2]! * 114 + 500) / 1000)
    for (let channel = 0; channel < channels; channel += 1)
      bytes[axis === 1 ? channel * height * width + pixel : pixel * channels + channel] = channels === 1 ? grey : colours[channel]!
  }
  return bytes
}

function readPng(path: string): PNG {
  try {
    return PNG.sync.read(readFileSync(path))
  } catch (cause) {
    throw new InputFileError('INPUT_FORMAT', `${path}: not a readable PNG (${(cause as Error).message})`, { cause })
  }
}
