/**
 * Runs a command of this checkout with all that it needs set up first, from a machine with only Node >= 20 and npm:
 *
 *   node scripts/with-node.mjs [--no-build] COMMAND [ARGUMENT...]
 *
 * COMMAND is a script (.ts, .mjs, .js) or the name of a tool in node_modules/.bin. Before it runs:
 *   1. Node: where the machine's is older than the project needs, a pinned one comes from the registry into .node/;
 *   2. packages: `npm ci` under that Node, where node_modules is not what package-lock.json says;
 *   3. build: the parts of build/ whose sources have changed (left out with --no-build).
 * Where nothing has to be done this costs some milliseconds and prints nothing. What it says goes to stderr: stdout is the command's own.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { staleParts } from './stamp.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinnedNode = '24.21.0'
const oldestNode = { major: 22, minor: 19 } // of package.json's engines
const parent = process.ppid
const waitForLockMs = 15 * 60_000
const handOnAfterMs = 500

function main() {
  const words = process.argv.slice(2)
  const build = words[0] !== '--no-build'
  const [command, ...args] = build ? words : words.slice(1)
  if (command === undefined) return fail('usage: node scripts/with-node.mjs [--no-build] COMMAND [ARGUMENT...]')

  const node = locked(nodeToUse, bringNode)
  const env = environment(node)
  locked(
    () => packagesAreInstalled() || undefined,
    () => installPackages(node, env),
  )
  if (build)
    locked(
      () => staleParts(root).length === 0 || undefined,
      () => buildParts(node, env, staleParts(root)),
    )

  if (/\.(ts|mjs|js)$/.test(command)) run(node, [join(root, command), ...args], env)
  else run(join(root, 'node_modules', '.bin', command), args, env)
}

// --- Node ---------------------------------------------------------------------------------------

/** The Node of the registry's package for this machine, as the `node` package itself would choose it. */
function nodePackage() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  return `${prefix}-${platform}-${process.arch}`
}

const nodeFolder = () => join(root, '.node', `v${pinnedNode}`)

const nodeBinary = () => join(nodeFolder(), 'node_modules', nodePackage(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** The path of a Node that is new enough, or undefined where none is here yet. */
function nodeToUse() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor)) return process.execPath
  return existsSync(nodeBinary()) ? nodeBinary() : undefined
}

function bringNode() {
  const name = nodePackage()
  step(
    `Node ${process.versions.node} is older than ${oldestNode.major}.${oldestNode.minor}: bringing Node ${pinnedNode} into .node/`,
    () => {
      // Installed aside and renamed: a folder of the final name is always complete.
      const aside = `${nodeFolder()}.partial`
      rmSync(aside, { recursive: true, force: true })
      mkdirSync(aside, { recursive: true })
      writeFileSync(join(aside, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: pinnedNode } }))
      check(spawnSync(process.execPath, [npmCli(), 'install', ...quietly], { cwd: aside, env: childEnvironment(), encoding: 'utf8' }))
      rmSync(nodeFolder(), { recursive: true, force: true })
      renameSync(aside, nodeFolder())
    },
  )
}

// --- Packages -----------------------------------------------------------------------------------

/** No package's install script is needed: native ones bring their binaries as packages. */
const quietly = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']

/** @typedef {{ version: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockEntry */

/** Whether node_modules holds exactly what package-lock.json asks for on this machine, by npm's own record of the last complete install. */
function packagesAreInstalled() {
  const wanted = readLock('package-lock.json')
  const installed = readLock('node_modules/.package-lock.json')
  if (!wanted || !installed) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true // the project itself
    const found = installed[path]
    if (found) return found.version === entry.version && found.integrity === entry.integrity
    return entry.optional === true && !isForThisMachine(entry)
  })
}

/**
 * Whether an optional package is one of the native ones of this platform. Optional packages of no platform follow those.
 * @param {LockEntry} entry
 */
function isForThisMachine({ os, cpu, libc }) {
  if (!os?.includes(process.platform) || !(cpu?.includes(process.arch) ?? true)) return false
  return libc === undefined || libc.includes(machineLibc())
}

function machineLibc() {
  Object.assign(process.report, { excludeNetwork: true }) // its look-ups can take seconds
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  return header.glibcVersionRuntime ? 'glibc' : 'musl'
}

/** @param {string} name @returns {Record<string, LockEntry> | undefined} */
function readLock(name) {
  try {
    return JSON.parse(readFileSync(join(root, name), 'utf8')).packages
  } catch {
    return undefined
  }
}

/** @param {string} node @param {NodeJS.ProcessEnv} env */
function installPackages(node, env) {
  step('installing the packages of package-lock.json (npm ci)', () => {
    check(spawnSync(node, [npmCli(), 'ci', ...quietly], { cwd: root, env, encoding: 'utf8' }))
  })
}

/** npm's script, to be run by a Node of our choice: of the npm that runs us, else of the one on PATH, where it is a link to it or, on Windows, beside it. */
function npmCli() {
  const running = process.env.npm_execpath
  if (running && basename(running) === 'npm-cli.js') return running
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const beside = join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')
    if (existsSync(beside)) return beside
    const npm = join(folder, 'npm')
    if (existsSync(npm) && basename(realpathSync(npm)) === 'npm-cli.js') return realpathSync(npm)
  }
  return fail('npm was not found: it is needed to bring the packages')
}

// --- Build --------------------------------------------------------------------------------------

/** @param {string} node @param {NodeJS.ProcessEnv} env @param {string[]} stale */
function buildParts(node, env, stale) {
  /** @type {Record<string, string>} */
  const names = { wasm: 'the WebAssembly module', contracts: 'the contracts' }
  step(`building ${stale.map((part) => names[part]).join(' and ')}`, () => {
    check(spawnSync(node, [join(root, 'scripts', 'build.ts'), ...stale], { cwd: root, env, encoding: 'utf8' }))
  })
}

// --- Running ------------------------------------------------------------------------------------

/** npm's own variables without those that would bind a nested npm to the outer command. */
function childEnvironment() {
  const env = { ...process.env }
  for (const name of ['npm_config_local_prefix', 'npm_config_prefix', 'npm_config_global_prefix']) delete env[name]
  return env
}

/** @param {string} node */
function environment(node) {
  const env = childEnvironment()
  env.PATH = [dirname(node), join(root, 'node_modules', '.bin'), env.PATH ?? ''].join(delimiter)
  env.NODE = node
  env.npm_node_execpath = node
  return env
}

/**
 * Runs the command in our place: its streams, its signals, its exit status.
 * @param {string} file @param {string[]} args @param {NodeJS.ProcessEnv} env
 */
function run(file, args, env) {
  const child = spawn(file, args, { stdio: 'inherit', env })
  let isTold = false
  /**
   * A signal to the whole group, Ctrl-C for one, has reached the child already, and a second one would mean "at once" to it: it is handed on
   * only where the child goes on for a while.
   * @param {NodeJS.Signals} signal
   */
  const handOn = (signal) => {
    if (!isTold) setTimeout(() => child.kill(signal), handOnAfterMs)
    isTold = true
  }
  process.on('SIGINT', process.stdin.isTTY ? () => {} : handOn)
  process.on('SIGTERM', handOn)
  process.on('SIGHUP', handOn)
  // npm hands a signal to its shell, and many a shell ends without handing it on: then the shell's end is the signal.
  setInterval(() => process.ppid === parent || handOn('SIGTERM'), 250)
  child.on('error', (error) => {
    process.stderr.write(`infernode: cannot run ${file}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

// --- Saying and failing -------------------------------------------------------------------------

/** @param {string} text @param {() => void} work */
function step(text, work) {
  process.stderr.write(`infernode: ${text} … `)
  const start = performance.now()
  try {
    work()
  } catch (error) {
    process.stderr.write('failed\n')
    throw error
  }
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`)
}

/** @param {import('node:child_process').SpawnSyncReturns<string>} result */
function check({ status, error, stdout, stderr }) {
  if (status === 0) return
  throw error ?? new Error(`that step ended with status ${status}:\n${stdout ?? ''}${stderr ?? ''}`.trimEnd())
}

/** @param {string} text @returns {never} */
function fail(text) {
  throw new Error(text)
}

/**
 * What `ready` answers, after `work` where it answered undefined. One process at a time works: another waits for it, looks again and finds it done.
 * A lock whose process has ended is taken over.
 * @template T
 * @param {() => T | undefined} ready
 * @param {() => void} work
 */
function locked(ready, work) {
  const found = ready()
  if (found !== undefined) return found
  const lock = join(root, '.node', 'lock')
  mkdirSync(dirname(lock), { recursive: true })
  takeLock(lock)
  try {
    if (ready() === undefined) work()
    return ready() ?? fail('the step above ended well, but what it should have brought is not there')
  } finally {
    rmSync(lock, { force: true })
  }
}

/** @param {string} lock */
function takeLock(lock) {
  const start = performance.now()
  let said = false
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    if (!isHeld(lock)) {
      rmSync(lock, { force: true })
      continue
    }
    if (!said) process.stderr.write('infernode: waiting for another process that is setting this checkout up\n')
    said = true
    if (performance.now() - start > waitForLockMs) fail(`another process has held ${lock} for 15 minutes`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
}

/** @param {string} lock */
function isHeld(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code

try {
  main()
} catch (error) {
  process.stderr.write(`infernode: ${/** @type {Error} */ (error).message}\n`)
  process.exitCode = 1
}
