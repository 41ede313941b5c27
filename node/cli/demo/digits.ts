/** The model that the package brings along (examples/digits): its files, and what TFLite answers to its pictures. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Rounding } from '../../../runtime/model/types.ts'
import { InputFileError } from '../inputs/errors.ts'

export interface DemoFiles {
  model: string
  /** One file a sample, or one file of samples. */
  inputs: string[]
  /** What the source framework gives for the samples, back to back. */
  expected: string | undefined
  /** The right class of each sample, where it is known. */
  labels: number[] | undefined
}

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
/** Which of TFLite's builds rounds so. */
const expectedFile: Record<Rounding, string> = { fp32: 'out0.xnnpack.bin', single: 'out0.single.bin', double: 'out0.double.bin' }

export function digitsFiles(rounding: Rounding): DemoFiles {
  const folder = findExamples()
  return {
    model: join(folder, 'digits.tflite'),
    inputs: digits.map((digit) => join(folder, 'pictures', `${digit}.png`)),
    // Its first ten samples are the pictures.
    expected: join(folder, 'expected', expectedFile[rounding]),
    labels: digits,
  }
}

/** The output of sample `index`, or undefined past the end of the file. */
export function expectedOutput(path: string, index: number, outputBytes: number): Uint8Array | undefined {
  const bytes = readFileSync(path).subarray(index * outputBytes, (index + 1) * outputBytes)
  return bytes.length === outputBytes ? bytes : undefined
}

function findExamples(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, 'examples', 'digits')
    if (existsSync(found)) return found
  }
  throw new InputFileError('INPUT_UNREADABLE', 'the digits example is not there; give --model and --input')
}
