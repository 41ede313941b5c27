/** The clients of package.json, installed into this folder where they are not: ethers, hardhat, forge and cast are no dependencies of the project. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const read = (name: string) => (existsSync(`${folder}${name}`) ? readFileSync(`${folder}${name}`, 'utf8') : undefined)

/** Runs a command to its end, and ends with it where it fails. */
export function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** npm's hidden lock file lists what is installed; the versions of our own dependencies are what matters. */
function isInstalled(): boolean {
  const wanted = JSON.parse(read('package-lock.json') ?? '{}').packages ?? {}
  const found = JSON.parse(read('node_modules/.package-lock.json') ?? '{}').packages ?? {}
  return Object.keys(JSON.parse(read('package.json') ?? '{}').dependencies ?? {}).every((name) => {
    const path = `node_modules/${name}`
    return wanted[path] !== undefined && wanted[path].version === found[path]?.version
  })
}

export function installClients(): void {
  if (isInstalled()) return
  console.log('installing ethers, hardhat, forge and cast into test/clients (about 270 MB) …')
  // Native parts come as optional packages: no install script is needed. `npm ci` would want those of every platform in the lock file;
  // `npm install` takes one that is not there by the exact version that its parent asks for.
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const npm = process.env.npm_execpath
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args])
  else run('npm', args)
}
