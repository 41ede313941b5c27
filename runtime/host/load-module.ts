import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NodeFault } from './errors.ts'

export type ModuleName = 'infernode.wasm' | 'infernode.scalar.wasm'

/**
 * The bytes of the consensus module: of a file, or the one that came with this package (`build/` of a checkout or of the installed package).
 * @throws NodeFault `module` where there is none.
 */
export function loadModule(path: string = findModule('infernode.wasm')): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw new NodeFault('module', `cannot read the consensus module ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** Path of a build of the module: looked for from this file's folder up to the package's root. */
export function findModule(name: ModuleName): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    for (const path of [join(folder, 'build', name), join(folder, name)]) if (existsSync(path)) return path
    const parent = dirname(folder)
    if (existsSync(join(folder, 'package.json')) || parent === folder)
      throw new NodeFault('module', `no ${name} in ${join(folder, 'build')}: build it first (npm run build)`)
    folder = parent
  }
}
