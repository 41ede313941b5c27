import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'

const root = dirname(dirname(import.meta.dirname))

/** A checkout without sources and packages, in which nothing is left to set up. Removed after the test. */
function tree(t: TestContext, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'infernode-with-node-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  // One package, which comes from a folder: npm needs no network for it.
  const dependencies = { local: 'file:local' }
  const packages = {
    '': { name: 'tree', dependencies },
    local: { version: '1.0.0' },
    'node_modules/local': { resolved: 'local', link: true },
  }
  const lock = JSON.stringify({ name: 'tree', lockfileVersion: 3, packages })
  const all = {
    'package.json': JSON.stringify({ name: 'tree', dependencies }),
    'local/package.json': JSON.stringify({ name: 'local', version: '1.0.0' }),
    'package-lock.json': lock,
    'node_modules/.package-lock.json': lock,
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  mkdirSync(join(folder, 'scripts'), { recursive: true })
  for (const name of ['with-node.mjs', 'stamp.mjs']) copyFileSync(join(root, 'scripts', name), join(folder, 'scripts', name))
  return folder
}

const withNode = (folder: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(folder, 'scripts/with-node.mjs'), ...args], { cwd: folder, encoding: 'utf8' })

test('gives the command its arguments, its stdout and its exit status, and adds nothing', (t) => {
  const folder = tree(t, { 'command.mjs': 'console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exit(7)' })
  const { stdout, stderr, status } = withNode(folder, '--no-build', 'command.mjs', 'two words', '--build', '')
  assert.equal(stdout, '["two words","--build",""]\n')
  assert.equal(stderr, '')
  assert.equal(status, 7)
})

test('installs the packages where node_modules is not what the lock says, and says so on stderr', (t) => {
  const folder = tree(t, { 'command.mjs': `console.log('ran')` })
  rmSync(join(folder, 'node_modules'), { recursive: true })
  const first = withNode(folder, '--no-build', 'command.mjs')
  assert.match(first.stderr, /^infernode: installing the packages of package-lock\.json \(npm ci\) … \d+\.\d s\n$/)
  assert.equal(first.stdout, 'ran\n')
  assert.deepEqual(withNode(folder, '--no-build', 'command.mjs').stderr, '')
  assert.ok(!existsSync(join(folder, '.node/lock')))
})

test('tells why the packages cannot be installed and does not run the command', (t) => {
  const folder = tree(t, { 'command.mjs': `console.log('ran')`, 'package.json': '{"name":"tree","dependencies":{"ms":"2.1.3"}}' })
  rmSync(join(folder, 'node_modules'), { recursive: true })
  const { stdout, stderr, status } = withNode(folder, '--no-build', 'command.mjs')
  assert.match(stderr, /Missing: ms@2\.1\.3 from lock file/)
  assert.equal(stdout, '')
  assert.equal(status, 1)
})

test('builds stale parts first and tells why a build fails', (t) => {
  const folder = tree(t, { 'command.mjs': `console.log('ran')`, 'scripts/build.ts': `console.error('no such operator'); process.exit(1)` })
  const { stdout, stderr, status } = withNode(folder, 'command.mjs')
  assert.match(
    stderr,
    /^infernode: building the WebAssembly module and the contracts … failed\ninfernode: that step ended with status 1:\nno such operator\n$/,
  )
  assert.equal(stdout, '')
  assert.equal(status, 1)
})

test('takes over a lock whose process has ended', (t) => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const folder = tree(t, { 'command.mjs': `console.log('ran')`, '.node/lock': String(pid) })
  rmSync(join(folder, 'node_modules'), { recursive: true })
  assert.equal(withNode(folder, '--no-build', 'command.mjs').stdout, 'ran\n')
})

test('ends the command when it is told to end', { skip: process.platform === 'win32' && 'Windows has no signals' }, async (t) => {
  const folder = tree(t, { 'command.mjs': 'setInterval(() => {}, 1000)\nconsole.log(process.pid)' })
  const child = spawn(process.execPath, [join(folder, 'scripts/with-node.mjs'), '--no-build', 'command.mjs'], { cwd: folder })
  const [pid] = (await child.stdout.setEncoding('utf8').take(1).toArray()) as string[]
  child.kill('SIGTERM')
  const signal = await new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)))
  assert.equal(signal, 'SIGTERM')
  assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' })
})
