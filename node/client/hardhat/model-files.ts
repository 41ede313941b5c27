/** Files of models: trained ones, and artifacts. */
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { Imported } from '../../../runtime/import/artifact.ts'
import { importerOf } from '../../cli/importers.ts'
import type { ModelFileOptions } from './types.ts'

/** @throws UsageError for a file of another kind; ImportError; whatever reading the file throws. */
export async function importFile(root: string, path: string, { rounding = 'fp32', ...given }: ModelFileOptions): Promise<Imported> {
  const options = { rounding, ...given }
  const importer = importerOf(path, options)
  return importer.read(await readModelFile(root, path), resolve(root, path), options)
}

/**
 * The artifact in a file, or the one that a trained model becomes; the consensus module has found nothing wrong with it.
 * @throws UsageError, ImportError, ModelError; whatever reading the file throws.
 */
export async function readArtifact(root: string, path: string, options: ModelFileOptions): Promise<Uint8Array> {
  const isArtifact = extname(path).toLowerCase() === '.infer'
  const [option] = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (isArtifact && option !== undefined)
    throw new TypeError(`${path}: the option ${option} is for trained models, and this is an artifact`)
  const bytes = isArtifact ? await readModelFile(root, path) : (await importFile(root, path, options)).bytes
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
