/** Which importer reads a model file: the one list of file formats of the command line. */
import { dirname, extname } from 'node:path'
import type { Imported } from '../../runtime/import/artifact.ts'
import type { Rounding } from '../../runtime/model/types.ts'
import { UsageError } from './errors.ts'

export interface FileOptions {
  rounding: Rounding
  /** Tensors to end the model at. */
  end?: readonly string[]
  /** Shapes of inputs that the file leaves open, `name=1,3,224,224`. */
  shape?: readonly string[]
  allowInexact?: boolean
}

interface Importer {
  /** Options that only this format has a meaning for. */
  options: readonly (keyof FileOptions)[]
  read(bytes: Uint8Array, path: string, options: FileOptions): Promise<Imported>
}

const importers: Readonly<Record<string, Importer>> = {
  '.tflite': {
    options: [],
    async read(bytes, _, { rounding }) {
      const { importTflite } = await import('../../runtime/import/tflite/import.ts')
      return importTflite(bytes, { rounding })
    },
  },
  '.onnx': {
    options: ['end', 'shape', 'allowInexact'],
    async read(bytes, path, { rounding, end, shape = [], allowInexact = false }) {
      const [{ importOnnx }, { externalFiles }] = await Promise.all([
        import('../../runtime/import/onnx/import.ts'),
        import('../../runtime/import/onnx/external.ts'),
      ])
      const outputs = end === undefined ? {} : { outputs: end }
      const shapes = Object.fromEntries(shape.map(parseShape))
      return importOnnx(bytes, { rounding, external: externalFiles(dirname(path)), allowInexact, shapes, ...outputs })
    },
  },
}

const flags: Readonly<Partial<Record<keyof FileOptions, string>>> = { end: '--end', shape: '--shape', allowInexact: '--allow-inexact' }

/** @throws UsageError for a file of another type, and for options that mean nothing for its type */
export function importerOf(path: string, options: FileOptions): Importer {
  const format = extname(path).toLowerCase()
  const importer = importers[format]
  const known = Object.keys(importers)
  if (importer === undefined)
    throw new UsageError(`${path}: files of type ${format || '(none)'} cannot be imported; wanted ${known.join(' or ')}`)
  for (const [option, flag] of Object.entries(flags) as [keyof FileOptions, string][])
    if (options[option] !== undefined && !importer.options.includes(option))
      throw new UsageError(
        `${flag} is for ${known.filter((other) => importers[other]?.options.includes(option)).join(' and ')} files, not for ${format}`,
      )
  return importer
}

/** `NAME=SIZE,SIZE,…`. @throws UsageError */
export function parseShape(text: string): [name: string, sizes: number[]] {
  const at = text.lastIndexOf('=')
  const sizes = text
    .slice(at + 1)
    .split(',')
    .map(Number)
  if (at < 1 || sizes.some((size) => !Number.isInteger(size) || size < 1))
    throw new UsageError(`--shape ${text}: wanted NAME=SIZE,SIZE,… with sizes of 1 or more`)
  return [text.slice(0, at), sizes]
}
