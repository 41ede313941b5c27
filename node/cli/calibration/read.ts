/** Samples for a float model from whatever they come in. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Sample } from '../../../runtime/quantize/samples.ts'
import { InputFileError } from '../inputs/errors.ts'
import { arrayFormat, type NumberArray, readArray, readNpz } from './arrays.ts'
import { type Normalization, normalized, pngBytes } from './pictures.ts'

/** An input of the model, its sizes fixed. */
export interface FloatInput {
  name: string
  type: string
  shape: readonly number[]
}

/**
 * `path`: a .npz with an array for each input, by name, of N samples; a .npy, .bin or idx file of N samples; or a folder of such files and
 * .png, taken by name in the order of the alphabet. A model of several inputs takes a .npz, or a folder with a folder for each input.
 * @throws InputFileError
 */
export function readCalibration(path: string, inputs: readonly FloatInput[], pixels: Normalization): Sample[] {
  const columns = path.endsWith('.npz') ? npzColumns(path, inputs, pixels) : fileColumns(path, inputs, pixels)
  const counts = [...new Set(columns.map(({ length }) => length))]
  if (counts.length > 1)
    throw new InputFileError('INPUT_LENGTH', `${path}: its inputs have different numbers of samples: ${counts.join(', ')}`)
  return Array.from({ length: counts[0]! }, (_, sample) => Object.fromEntries(inputs.map(({ name }, at) => [name, columns[at]![sample]!])))
}

/** A number for each sample: .npy, idx or .bin. @throws InputFileError */
export function readLabels(path: string, samples: number): number[] {
  const { data } = readArray(path)
  if (data.length < samples) throw new InputFileError('INPUT_LENGTH', `${path}: ${data.length} labels for ${samples} samples`)
  return Array.from({ length: samples }, (_, at) => data[at]!)
}

type Column = ArrayLike<number>[]

function npzColumns(path: string, inputs: readonly FloatInput[], pixels: Normalization): Column[] {
  const arrays = readNpz(path)
  const [only] = arrays.values()
  return inputs.map((input) => {
    const array = arrays.get(input.name) ?? (inputs.length === 1 && arrays.size === 1 ? only : undefined)
    if (array === undefined)
      throw new InputFileError(
        'INPUT_FORMAT',
        `${path}: it has the arrays ${[...arrays.keys()].join(', ')}, and none for the model's input ${input.name}`,
      )
    return samplesOf(array, input, pixels, path)
  })
}

function fileColumns(path: string, inputs: readonly FloatInput[], pixels: Normalization): Column[] {
  const isFolder = statOf(path).isDirectory()
  if (inputs.length === 1) return [isFolder ? folderColumn(path, inputs[0]!, pixels) : fileColumn(path, inputs[0]!, pixels)]
  if (!isFolder)
    throw new InputFileError(
      'INPUT_FORMAT',
      `${path}: the model has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}); give a .npz with an array for each, or a folder with a folder for each`,
    )
  return inputs.map((input) => folderColumn(join(path, input.name), input, pixels))
}

function folderColumn(folder: string, input: FloatInput, pixels: Normalization): Column {
  statOf(folder)
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.png') || arrayFormat(name) !== undefined)
    .sort((a, b) => (a < b ? -1 : 1))
  if (names.length === 0) throw new InputFileError('INPUT_FORMAT', `${folder}: no .npy, .bin, .png or idx file is in it`)
  return names.flatMap((name) => fileColumn(join(folder, name), input, pixels))
}

function fileColumn(path: string, input: FloatInput, pixels: Normalization): Column {
  if (!path.endsWith('.png')) return samplesOf(readArray(path), input, pixels, path)
  return samplesOf({ data: pngBytes(path, input.shape), shape: undefined, isBytes: true }, input, pixels, path)
}

/** Bytes for a float input are a picture's. */
function samplesOf({ data, shape, isBytes }: NumberArray, input: FloatInput, pixels: Normalization, path: string): Column {
  const each = input.shape.reduce((count, size) => count * size, 1)
  if (data.length === 0 || data.length % each !== 0)
    throw new InputFileError(
      'INPUT_LENGTH',
      `${basename(path)}: ${data.length} numbers${shape === undefined ? '' : ` [${shape}]`} are no whole number of samples of ${input.type} [${input.shape}]`,
    )
  const numbers = isBytes && input.type === 'float32' ? normalized(data, input.shape, pixels) : Float64Array.from(data)
  return Array.from({ length: data.length / each }, (_, at) => numbers.subarray(at * each, (at + 1) * each))
}

function statOf(path: string) {
  try {
    return statSync(path)
  } catch (cause) {
    throw new InputFileError('INPUT_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}
