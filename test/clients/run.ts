/** Installs the clients in this folder, then tries each against a running node: `npm run test:clients [-- NAME]`. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const read = (name: string) => (existsSync(`${folder}${name}`) ? readFileSync(`${folder}${name}`, 'utf8') : undefined)

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
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

if (!isInstalled()) {
  console.log('installing ethers, hardhat and cast into test/clients (about 270 MB) …')
  // Native parts come as optional packages: no install script is needed. `npm ci` would want those of every platform in the lock file;
  // `npm install` takes one that is not there by the exact version that its parent asks for.
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const npm = process.env.npm_execpath
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args])
  else run('npm', args)
}

const wanted = process.argv.slice(2)
const files = readdirSync(folder).filter(
  (name) => name.endsWith('.client.ts') && (wanted.length === 0 || wanted.includes(name.split('.')[0]!)),
)
if (files.length === 0) throw new Error(`no client of that name: ${wanted.join(', ')}`)
// The Hardhat plugin among them: Hardhat's types are installed nowhere else.
run(process.execPath, [fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url)), '-p', '.', '--noEmit'])
run(process.execPath, ['--test', ...files])
