import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { portBytes, portText, type TensorPort } from '../../client/tensors.ts'
import { InputFileError } from './errors.ts'
import { readNpy } from './npy.ts'
import { readPng } from './png.ts'
import { readWav } from './wav.ts'

const readers: Record<string, (file: Uint8Array, port: TensorPort, name: string) => Uint8Array> = {
  '.png': readPng,
  '.wav': readWav,
  '.npy': readNpy,
}

/** `name`: of its file, with its place where the file holds several. `bytes`: all inputs of the model, concatenated. */
export interface Sample {
  name: string
  bytes: Uint8Array
}

/**
 * Reads samples. A model of one input: any number of files, each of one or several samples. A model of several inputs: either one .bin of
 * whole samples back to back, or one file for each input in the model's order, each of N samples.
 * @throws InputFileError
 */
export function readSamples(paths: readonly string[], ports: readonly TensorPort[]): Sample[] {
  const [port] = ports
  if (ports.length === 1 && port !== undefined) return paths.flatMap((path) => named(path, readPort(path, port)))
  const [only] = paths
  if (paths.length === 1 && only !== undefined && !(extname(only).toLowerCase() in readers))
    return named(only, split(open(only), sum(ports.map(portBytes)), only, ports.map(portText).join(', ')))
  if (paths.length !== ports.length)
    throw new InputFileError(
      'INPUT_LENGTH',
      `${paths.length} input files for the model's ${ports.length} inputs (${ports.map(portText).join(', ')})`,
    )
  const perInput = paths.map((path, i) => readPort(path, ports[i] as TensorPort))
  const counts = [...new Set(perInput.map((samples) => samples.length))]
  if (counts.length > 1) throw new InputFileError('INPUT_LENGTH', `the input files hold different numbers of samples: ${counts.join(', ')}`)
  return named(
    only as string,
    (perInput[0] ?? []).map((_, sample) => Buffer.concat(perInput.map((samples) => samples[sample] as Uint8Array))),
  )
}

/** One or several samples of one input. */
function readPort(path: string, port: TensorPort): Uint8Array[] {
  const read = readers[extname(path).toLowerCase()]
  const file = open(path)
  return split(read ? read(file, port, path) : file, portBytes(port), path, portText(port))
}

function named(path: string, samples: Uint8Array[]): Sample[] {
  const name = basename(path)
  return samples.map((bytes, index) => ({ name: samples.length > 1 ? `${name}[${index}]` : name, bytes }))
}

function open(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new InputFileError('INPUT_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

function split(bytes: Uint8Array, sampleBytes: number, name: string, wanted: string): Uint8Array[] {
  if (bytes.length === 0 || bytes.length % sampleBytes !== 0)
    throw new InputFileError(
      'INPUT_LENGTH',
      `${name}: ${bytes.length} bytes are no whole number of samples of ${sampleBytes} bytes (${wanted})`,
    )
  return Array.from({ length: bytes.length / sampleBytes }, (_, i) => bytes.subarray(i * sampleBytes, (i + 1) * sampleBytes))
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
