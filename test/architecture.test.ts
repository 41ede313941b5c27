import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { rules } from './architecture/rules.ts'
import { readSourceFiles } from './architecture/source-files.ts'

const root = dirname(import.meta.dirname)
const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const packages = new Set(Object.keys({ ...dependencies, ...peerDependencies }))
const files = readSourceFiles(root)

/** For each rule, trees that break it: the files to write and what the rule says of them. */
const planted: Record<string, { files: Record<string, string>; says: string[] }[]> = {
  'a folder imports only the folders below it': [
    {
      files: { 'runtime/a.ts': `import { b } from '../node/b.ts'`, 'node/b.ts': 'export const b = 1' },
      says: ['runtime/a.ts imports node/b.ts: runtime may import nothing but itself'],
    },
    {
      files: { 'precompiles/a.ts': `import type { B } from '../node/b.ts'`, 'node/b.ts': 'export type B = 1' },
      says: ['precompiles/a.ts imports node/b.ts: precompiles may import runtime'],
    },
    {
      files: {
        'assembly/a.ts': `@inline\nexport function a(): i32 { return 1 }\nexport { b } from '../runtime/b'`,
        'runtime/b.ts': 'export const b = 1',
      },
      says: ['assembly/a.ts imports runtime/b.ts: assembly may import nothing but itself'],
    },
    {
      files: { 'node/a.ts': `export type B = import('../test/b.ts').B`, 'test/b.ts': 'export type B = 1' },
      says: ['node/a.ts imports test/b.ts: node may import precompiles, runtime'],
    },
    {
      files: { 'test/a.ts': `await import('../bench/b.ts')`, 'bench/b.ts': 'export const b = 1' },
      says: ['test/a.ts imports bench/b.ts: test may import runtime, precompiles, node, scripts, examples'],
    },
    {
      files: { 'examples/a.ts': `import { b } from '../runtime/b.ts'`, 'runtime/b.ts': 'export const b = 1' },
      says: ['examples/a.ts imports runtime/b.ts: examples may import nothing but itself'],
    },
  ],
  'ethereumjs packages are imported only by precompiles/ethereumjs.ts and node': [
    {
      files: {
        'precompiles/a.ts': `import { hexToBytes } from '@ethereumjs/util'`,
        'precompiles/ethereumjs.ts': `import { createEVM } from '@ethereumjs/evm'`,
        'node/a.ts': `import { createVM } from '@ethereumjs/vm'`,
      },
      says: ['precompiles/a.ts imports @ethereumjs/util'],
    },
  ],
  'published code imports only the packages that are installed with it': [
    {
      files: { 'node/a.ts': `import solc from 'solc'\nimport pino from 'pino'\nimport { join } from 'node:path'` },
      says: ['node/a.ts imports solc, which is not among the dependencies'],
    },
    { files: { 'assembly/a.ts': `import { a } from 'viem'` }, says: ['assembly/a.ts imports viem, which is not among the dependencies'] },
  ],
  'imports make no circle': [
    {
      files: { 'runtime/a.ts': `import './b.ts'`, 'runtime/b.ts': `import './c.ts'`, 'runtime/c.ts': `import type { A } from './a.ts'` },
      says: ['runtime/a.ts → runtime/b.ts → runtime/c.ts → runtime/a.ts'],
    },
  ],
  'process.env is read only in node/config.ts': [
    {
      files: {
        'node/config.ts': 'export const home = process.env.HOME',
        'node/a.ts': `export const home = process['env'].HOME`,
        'node/b.ts': 'const { env } = process',
        'runtime/c.ts': `import { env } from 'node:process'`,
        'runtime/d.ts': '// process.env\nexport const d = process.pid',
      },
      says: ['node/a.ts reads the environment', 'node/b.ts reads the environment', 'runtime/c.ts reads the environment'],
    },
  ],
  'nothing is exported by default': [
    {
      files: {
        'node/a.ts': 'export default 1',
        'node/b.ts': 'const b = 1\nexport { b as default }',
        'test/kernels/c.config.js': 'export default {}',
      },
      says: ['node/a.ts has a default export', 'node/b.ts has a default export'],
    },
  ],
}

for (const rule of rules) {
  test(rule.name, () => assert.deepEqual(rule.violations(files, packages), []))

  for (const { files, says } of planted[rule.name] ?? [])
    test(`${rule.name}: a planted violation in ${Object.keys(files)[0]} is found`, () =>
      inTree(files, (root) => assert.deepEqual(rule.violations(readSourceFiles(root), packages), says)))
}

test('every rule has a planted violation', () =>
  assert.deepEqual(
    Object.keys(planted),
    rules.map(({ name }) => name),
  ))

test('the rules see the tree', () => assert.ok(files.length > 50 && files.some(({ imports }) => imports.length > 0)))

function inTree(files: Record<string, string>, use: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'infernode-architecture-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    use(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
