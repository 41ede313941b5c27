/**
 * npm run models: brings the public models that tests and benches name into models/, each from its repository at a fixed commit, checked by its
 * sha256. Files that are there already and right are left alone. `-- --base URL` takes another server that has the same paths.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

export interface PublicModel {
  /** Under models/. */
  file: string
  repository: string
  commit: string
  path: string
  licence: string
  bytes: number
  sha256: string
}

const root = join(import.meta.dirname, '..')

export const publicModels = JSON.parse(readFileSync(join(import.meta.dirname, 'models.json'), 'utf8')) as PublicModel[]

/** Where a repository's files are served at a commit. */
export const publicBase = 'https://raw.githubusercontent.com'

/** @returns what was fetched; files that were right already are not. @throws Error naming the model that could not be had */
export async function fetchModels(
  models: readonly PublicModel[],
  folder: string,
  base: string,
  say: (line: string) => void,
): Promise<string[]> {
  const fetched: string[] = []
  for (const model of models) {
    const target = join(folder, model.file)
    if (existsSync(target) && sha256(readFileSync(target)) === model.sha256) continue
    const url = `${base}/${model.repository}/${model.commit}/${model.path}`
    say(`${model.file} (${model.bytes} bytes, ${model.licence}) from ${url}`)
    const bytes = await download(url)
    const got = sha256(bytes)
    if (got !== model.sha256) throw new Error(`${url} gave a file with sha256 ${got}, wanted ${model.sha256}; nothing was written`)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, bytes)
    fetched.push(model.file)
  }
  return fetched
}

async function download(url: string): Promise<Uint8Array> {
  let response: Response
  try {
    response = await fetch(url)
  } catch (cause) {
    throw new Error(`${url} cannot be reached: ${(cause as Error).message}`, { cause })
  }
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

if (import.meta.main) {
  const { base } = parseArgs({ options: { base: { type: 'string', default: publicBase } } }).values
  try {
    const fetched = await fetchModels(publicModels, join(root, 'models'), base, console.log)
    console.log(`${fetched.length} of ${publicModels.length} models fetched into models/, the others were there`)
  } catch (error) {
    console.error(`error[MODEL_UNAVAILABLE]: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
