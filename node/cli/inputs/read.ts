import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { InputFileError } from './errors.ts'
import { readNpy } from './npy.ts'
import { readPng } from './png.ts'
import { type InputPort, portBytes, portText } from './port.ts'
import { readWav } from './wav.ts'

const readers: Record<string, (file: Uint8Array, port: InputPort, name: string) => Uint8Array> = {
  '.png': readPng,
  '.wav': readWav,
  '.npy': readNpy,
}

/**
 * Reads the samples in `paths`: either one .bin of whole samples back to back (a sample is all inputs concatenated), or one file for
 * each input of the model in its order, each of N samples. Returns the input bytes of each sample.
 */
export function readSamples(paths: readonly string[], ports: readonly InputPort[]): Uint8Array[] {
  const wanted = ports.map(portText).join(', ')
  const only = paths[0]
  if (paths.length === 1 && only !== undefined && !(extname(only).toLowerCase() in readers))
    return split(open(only), sum(ports.map(portBytes)), only, wanted)
  if (paths.length !== ports.length)
    throw new InputFileError('INPUT_LENGTH', `${paths.length} input files for the model's ${ports.length} inputs (${wanted})`)
  const perInput = paths.map((path, i) => {
    const port = ports[i] as InputPort
    const read = readers[extname(path).toLowerCase()]
    const file = open(path)
    return split(read ? read(file, port, path) : file, portBytes(port), path, portText(port))
  })
  const counts = new Set(perInput.map((samples) => samples.length))
  if (counts.size > 1)
    throw new InputFileError('INPUT_LENGTH', `the input files hold different numbers of samples: ${[...counts].join(', ')}`)
  return (perInput[0] ?? []).map((_, sample) => Buffer.concat(perInput.map((samples) => samples[sample] as Uint8Array)))
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
