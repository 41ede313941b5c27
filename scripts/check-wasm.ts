/** npm run check:wasm: rebuilds the module from the sources in a folder of its own and compares it with assembly/modules.json. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildModules, hashDifferences, readCommittedHashes } from './build-wasm.ts'

const root = dirname(import.meta.dirname)
const folder = mkdtempSync(join(tmpdir(), 'infernode-wasm-'))
try {
  const built = await buildModules(root, folder)
  const differences = hashDifferences(readCommittedHashes(root), built)
  for (const [file, hash] of Object.entries(built)) console.log(`${file}  sha256 ${hash}`)
  if (differences.length > 0) {
    console.error(`${differences.join('\n')}\nWhere the change is meant: npm run build -- --update-hash`)
    process.exitCode = 1
  } else console.log('The sources give the committed modules.')
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
