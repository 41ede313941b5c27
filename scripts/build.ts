/**
 * npm run build [-- wasm] [-- contracts] [-- --update-hash]: builds the named parts of build/, or all.
 * With --update-hash the module's hashes are written to assembly/modules.json, to be committed with the sources.
 */
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildContracts } from './build-contracts.ts'
import { buildModules, hashDifferences, readCommittedHashes, writeCommittedHashes } from './build-wasm.ts'
import { hashSources, stampPart } from './stamp.mjs'

const root = dirname(import.meta.dirname)
const options = process.argv.slice(2)
const named = options.filter((option) => !option.startsWith('--'))

const build: Record<string, () => Promise<void>> = {
  async wasm() {
    const built = await buildModules(root, join(root, 'build'))
    for (const [file, hash] of Object.entries(built)) {
      const { size } = statSync(join(root, 'build', file))
      console.log(`build/${file}  ${(size / 1024).toFixed(1)} KiB  sha256 ${hash}`)
    }
    if (options.includes('--update-hash')) writeCommittedHashes(root, built)
    const differences = hashDifferences(readCommittedHashes(root), built)
    if (differences.length > 0) console.log('assembly/modules.json names other hashes: npm run build -- --update-hash')
  },
  async contracts() {
    console.log(`build/contracts.json  ${buildContracts(root)} contracts`)
  },
}

try {
  for (const part of named.length > 0 ? named : Object.keys(build)) {
    const hash = hashSources(root, part)
    await build[part]?.()
    stampPart(root, part, hash)
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
