/** npm run dist: emits the package's JavaScript and types into dist/. `npm pack` runs it first. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
rmSync(join(root, 'dist'), { recursive: true, force: true })

const tsc = join(root, 'node_modules/.bin/tsc')
// The Hardhat plugin is emitted unchecked: Hardhat's types come with test/clients alone, where npm run test:clients checks it.
for (const project of ['tsconfig.dist.json', 'tsconfig.hardhat.json']) {
  const { status } = spawnSync(tsc, ['-p', project], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

/** Every file that package.json promises. */
const { bin, exports, files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const promised = [bin, exports].flatMap(function paths(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value as object).flatMap(paths)
})
const missing = [...promised, ...files].filter((path) => !path.includes('*') && !existsSync(join(root, path)))
for (const path of missing) console.error(`package.json names ${path}, which does not exist`)
for (const path of Object.values<string>(bin)) if (existsSync(join(root, path))) chmodSync(join(root, path), 0o755)
process.exitCode = missing.length > 0 ? 1 : 0
