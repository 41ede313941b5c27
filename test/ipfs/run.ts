/** Installs helia into this folder, then runs the tests with it: `npm run test:ipfs`. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const cwd = import.meta.dirname
const run = (command: string, args: readonly string[]): void => {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

// `npm ci` would want the optional native packages of every platform in the lock.
run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'])
run(process.execPath, ['--test', ...readdirSync(cwd).filter((name) => name.endsWith('.ipfs.ts'))])
