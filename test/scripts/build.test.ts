import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { buildContracts } from '../../scripts/build-contracts.ts'
import { compileAssembly, hashDifferences } from '../../scripts/build-wasm.ts'
import { hashSources, parts, staleParts, stampPart } from '../../scripts/stamp.mjs'

function tree(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'infernode-build-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) write(root, path, text)
  return root
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const contract = (name: string, body = '') => `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\ncontract ${name} { ${body} }\n`

test('compiles contracts that import each other, whatever their comments the same', (t) => {
  const files = {
    'contracts/A.sol': contract('A', 'function one() external pure returns (uint256) { return 1; }'),
    'contracts/deep/B.sol': contract('B is A').replace('contract', `import "../A.sol";\ncontract`),
  }
  const root = tree(t, files)
  assert.equal(buildContracts(root), 2)
  const first = readFileSync(join(root, 'build/contracts.json'), 'utf8')
  const { A, B } = JSON.parse(first)
  assert.equal(A.abi[0].name, 'one')
  assert.match(B.deployedBytecode, /^0x[0-9a-f]+$/)

  write(root, 'contracts/A.sol', `// Says nothing new.\n${files['contracts/A.sol']}`)
  buildContracts(root)
  assert.equal(readFileSync(join(root, 'build/contracts.json'), 'utf8'), first)
})

test('writes an empty list where there are no contracts', (t) => {
  const root = tree(t, {})
  assert.equal(buildContracts(root), 0)
  assert.equal(readFileSync(join(root, 'build/contracts.json'), 'utf8'), '{}\n')
})

test('refuses two contracts of one name', (t) => {
  const root = tree(t, { 'contracts/a/A.sol': contract('A'), 'contracts/b/A.sol': contract('A') })
  assert.throws(() => buildContracts(root), /two contracts are named A: one in contracts\/a\/A\.sol, one in contracts\/b\/A\.sol/)
})

test("tells solc's errors and fails", (t) => {
  const said = t.mock.method(console, 'error', () => {})
  const root = tree(t, { 'contracts/A.sol': contract('A', 'uint256 x = "one";') })
  assert.throws(() => buildContracts(root), /solc refused the contracts/)
  assert.match(String(said.mock.calls[0]?.arguments[0]), /TypeError: .*not implicitly convertible[\s\S]*contracts\/A\.sol:3/)
})

test('says that assembly/index.ts is missing', async (t) => {
  const root = tree(t, {})
  await assert.rejects(compileAssembly(root, 'simd', join(root, 'a.wasm')), /assembly\/index\.ts does not exist/)
})

test('names each module whose hash is not the committed one', () => {
  assert.deepEqual(hashDifferences({ 'a.wasm': '11', 'b.wasm': '22' }, { 'a.wasm': '11', 'b.wasm': '23' }), [
    'b.wasm: assembly/modules.json has 22, the build gives 23',
  ])
  assert.deepEqual(hashDifferences({}, { 'a.wasm': '11' }), ['a.wasm: assembly/modules.json has no hash, the build gives 11'])
})

test('a part is stale after its sources changed or an output is gone, and only then', (t) => {
  const root = tree(t, { 'assembly/index.ts': 'export const a = 1', 'contracts/A.sol': contract('A') })
  assert.deepEqual(staleParts(root), ['wasm', 'contracts'])
  for (const [name, { outputs }] of Object.entries(parts)) {
    for (const output of outputs) write(root, output, '')
    stampPart(root, name, hashSources(root, name))
  }
  assert.deepEqual(staleParts(root), [])
  write(root, 'assembly/README.md', 'no source')
  assert.deepEqual(staleParts(root), [])
  write(root, 'contracts/B.sol', contract('B'))
  assert.deepEqual(staleParts(root), ['contracts'])
  rmSync(join(root, 'build/infernode.scalar.wasm'))
  assert.deepEqual(staleParts(root), ['wasm', 'contracts'])
})
