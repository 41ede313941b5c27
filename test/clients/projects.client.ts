/**
 * What `infernode init` writes, installed and run by the very commands of the pages docs/using-with-*.md, from top to bottom, with the packed package.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { codeBlocks, pages } from '../client/docs.ts'

const root = join(import.meta.dirname, '../..')
const cli = join(root, 'node/cli/main.ts')

let parent: string
let tarball: string
before(() => {
  parent = mkdtempSync(join(tmpdir(), 'infernode-projects-'))
  const listing = execFileSync('npm', ['pack', '--json', '--pack-destination', parent, '--loglevel=error'], { cwd: root, encoding: 'utf8' })
  // What the build prints may come before the listing.
  const [{ filename }] = JSON.parse(listing.slice(listing.search(/^\[/m)))
  tarball = join(parent, filename)
})
after(() => rmSync(parent, { recursive: true, force: true }))

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/**
 * `infernode` and `npm` as the pages call them: init asks for the packed package, install takes what the cache has, and ports are free ones.
 * @returns a folder to put first on PATH
 */
function commands(port: number): string {
  const folder = mkdtempSync(join(parent, 'bin-'))
  const script = (name: string, lines: string[]) => {
    writeFileSync(join(folder, name), ['#!/bin/bash', 'set -e', ...lines, ''].join('\n'))
    chmodSync(join(folder, name), 0o755)
  }
  const npm = execFileSync('which', ['npm'], { encoding: 'utf8' }).trim()
  script('infernode', [
    'extra=()',
    `if [ "$1" = init ]; then extra=(--package "file:${tarball}"); fi`,
    `"${process.execPath}" "${cli}" "$@" "\${extra[@]}"`,
    `if [ "$1" = init ]; then grep -rlI 8545 "$2" | xargs -r sed -i "s/8545/${port}/g"; fi`,
  ])
  script('npm', [
    'extra=()',
    'if [ "$1" = install ]; then extra=(--prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error); fi',
    `"${npm}" "$@" "\${extra[@]}"`,
  ])
  return folder
}

/** Runs the page's commands in one shell. A node that they put into the background is waited for, and ends with the shell. */
async function runPage(script: string, cwd: string, path: string, port: number): Promise<string> {
  const wait = `for i in $(seq 300); do (: < /dev/tcp/127.0.0.1/${port}) 2>/dev/null && break; sleep 0.1; done`
  const text = script.replaceAll('8545', `${port}`).replace(/ &$/gm, ` >node.log 2>&1 &\n${wait}`)
  // Of this test: node --test would believe itself to be one of its files.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn('bash', ['-euo', 'pipefail', '-c', text], {
    cwd,
    // A group of its own, so that all of it can be ended.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...env,
      PATH: [path, join(import.meta.dirname, 'node_modules/.bin'), env.PATH].join(delimiter),
      FOUNDRY_SOLC: join(import.meta.dirname, 'forge-solc.mjs'),
      FOUNDRY_OFFLINE: 'true',
      NO_COLOR: '1',
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (output += piece))
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve))
  try {
    process.kill(-child.pid!, 'SIGTERM')
  } catch {
    // Nothing of the group is left.
  }
  assert.equal(code, 0, output)
  return output
}

const tsc = join(root, 'node_modules/typescript/bin/tsc')

/** What shows that the page's tests have run and passed, and that its calls were answered. */
const proof = {
  hardhat: [/4 passing/],
  viem: [/pass 3\n/, /fail 0\n/],
  foundry: [/3 tests passed, 0 failed/, /active now/, /ONCHAIN EXECUTION COMPLETE & SUCCESSFUL/, /^7$/m, /^status +1 \(success\)$/m],
}

for (const { template, path } of pages)
  test(`the ${template} page’s commands run from top to bottom`, async () => {
    const folder = join(parent, template)
    mkdirSync(folder)
    const port = await freePort()
    const blocks = codeBlocks(path)
    const script = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
    const output = await runPage(script.join('\n'), folder, commands(port), port)
    for (const line of proof[template]) assert.match(output, line)
    const project = join(folder, 'board')
    if (!readdirSync(project).includes('tsconfig.json')) return
    // With the types that a user of the package sees. The page's code is one module.
    const code = blocks.filter(({ language, file }) => language === 'ts' && file === undefined).map(({ text }) => text)
    if (code.length > 0) writeFileSync(join(project, 'page.ts'), code.join('\n'))
    execFileSync(process.execPath, [tsc, '-p', project, '--noEmit'], { stdio: 'inherit' })
  })
