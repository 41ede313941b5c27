/** Compiles assembly/index.ts into the two builds of the consensus module, by the targets of asconfig.json. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The builds: the target of asconfig.json and the file in build/. */
export const builds = [
  { target: 'simd', file: 'infernode.wasm' },
  { target: 'scalar', file: 'infernode.scalar.wasm' },
] as const

/** SHA-256 of each build, by file name: what assembly/modules.json commits to. */
export type ModuleHashes = Record<string, string>

const run = promisify(execFile)

/**
 * Runs the AssemblyScript compiler for one target of asconfig.json.
 * @throws Error with the compiler's own words.
 */
export async function compileAssembly(root: string, target: string, outFile: string, options: string[] = []): Promise<void> {
  if (!existsSync(join(root, 'assembly', 'index.ts')))
    throw new Error('assembly/index.ts does not exist: it is the export list that the module is built from')
  const asc = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js')
  try {
    const { stderr } = await run(process.execPath, [asc, '--target', target, '--outFile', outFile, '--noColors', ...options], { cwd: root })
    if (stderr) console.error(stderr.trimEnd())
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`asc refused assembly/ for the target ${target}:\n${stdout}${stderr}`.trimEnd())
  }
}

/** Builds both modules into `outFolder` and answers their hashes. */
export async function buildModules(root: string, outFolder: string): Promise<ModuleHashes> {
  mkdirSync(outFolder, { recursive: true })
  const hashes = await Promise.all(
    builds.map(async ({ target, file }) => {
      const aside = join(outFolder, `${process.pid}.${file}`)
      await compileAssembly(root, target, aside)
      renameSync(aside, join(outFolder, file))
      return [file, sha256(join(outFolder, file))] as const
    }),
  )
  return Object.fromEntries(hashes)
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

const committedFile = 'assembly/modules.json'

/** The hashes that the sources are committed with; empty where the file is missing. */
export function readCommittedHashes(root: string): ModuleHashes {
  const file = join(root, committedFile)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

export function writeCommittedHashes(root: string, hashes: ModuleHashes): void {
  writeFileSync(join(root, committedFile), `${JSON.stringify(hashes, null, 2)}\n`)
}

/** One line for each build whose hash is not the committed one. */
export function hashDifferences(committed: ModuleHashes, built: ModuleHashes): string[] {
  return Object.keys({ ...committed, ...built })
    .filter((file) => committed[file] !== built[file])
    .map((file) => `${file}: ${committedFile} has ${committed[file] ?? 'no hash'}, the build gives ${built[file] ?? 'no such file'}`)
}
