/** Files of models: trained ones, and artifacts. */
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { Imported } from '../../../runtime/import/artifact.ts'
import type { Rounding } from '../../../runtime/model/types.ts'

/** @throws ImportError; whatever reading the file throws. */
export async function importFile(root: string, path: string, rounding: Rounding = 'fp32'): Promise<Imported> {
  const { importTflite } = await import('../../../runtime/import/tflite/import.ts')
  return importTflite(await readModelFile(root, path), { rounding })
}

/**
 * The artifact in a file, or the one that a trained model becomes; the consensus module has found nothing wrong with it.
 * @throws ImportError, ModelError; whatever reading the file throws.
 */
export async function readArtifact(root: string, path: string, rounding?: Rounding): Promise<Uint8Array> {
  const isArtifact = extname(path).toLowerCase() === '.infer'
  if (isArtifact && rounding !== undefined)
    throw new TypeError(`${path}: an artifact has its rounding mode; the option rounding is for .tflite files`)
  const bytes = isArtifact ? await readModelFile(root, path) : (await importFile(root, path, rounding)).bytes
  const [{ createHost }, { loadModule }] = await Promise.all([
    import('../../../runtime/host/host.ts'),
    import('../../../runtime/host/load-module.ts'),
  ])
  createHost({ wasm: loadModule() }).plan(bytes)
  return bytes
}

async function readModelFile(root: string, path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(resolve(root, path)))
}
