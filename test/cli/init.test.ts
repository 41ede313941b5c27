/** `infernode init`: the files that it writes. test/clients/init.client.ts installs and runs what they make. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { initProject, type Template, templates } from '../../node/cli/init.ts'
import { modelId } from '../../runtime/model/types.ts'

let parent: string
before(() => {
  parent = mkdtempSync(join(tmpdir(), 'infernode-init-'))
})
after(() => rmSync(parent, { recursive: true, force: true }))

const common = ['.gitignore', 'README.md', 'models/digits.tflite', 'models/pictures.bin', 'package.json']
const own: Record<Template, string[]> = {
  hardhat: ['contracts/Scoreboard.sol', 'hardhat.config.ts', 'test/Scoreboard.ts', 'tsconfig.json'],
  viem: ['compile.ts', 'contracts/Scoreboard.sol', 'deploy.ts', 'test/node.ts', 'test/scoreboard.test.ts', 'tsconfig.json'],
  foundry: [
    'foundry.toml',
    'models/digits.infer',
    'remappings.txt',
    'script/Deploy.s.sol',
    'src/Models.sol',
    'src/Scoreboard.sol',
    'test/Scoreboard.t.sol',
  ],
}

for (const template of templates)
  test(`init writes a project for ${template}, named after its folder`, async () => {
    const folder = join(parent, `My Board ${template}`)
    const { files, next } = await initProject({ folder, template, packageSpec: '1.2.3' })
    assert.deepEqual(files, [...common, ...own[template]].sort())
    assert.deepEqual(next.slice(0, 1), ['npm install'])
    const { name, dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    assert.equal(name, `my-board-${template}`)
    assert.equal({ ...dependencies, ...devDependencies }.infernode, '1.2.3')
    assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), new RegExp(`^# my-board-${template}\n`))
    assert.equal(readFileSync(join(folder, 'models/pictures.bin')).length, 7840)
  })

test('the foundry project names the model by the root of its artifact', async () => {
  const folder = join(parent, 'names')
  await initProject({ folder, template: 'foundry', packageSpec: '1.2.3' })
  const artifact = new Uint8Array(readFileSync(join(folder, 'models/digits.infer')))
  assert.ok(readFileSync(join(folder, 'src/Models.sol'), 'utf8').includes(`bytes32 constant DIGITS = ${modelId(artifact)};`))
})

test('init refuses a folder that holds something, and leaves it as it was', async () => {
  const folder = mkdtempSync(join(parent, 'used-'))
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  await assert.rejects(initProject({ folder, template: 'viem', packageSpec: '1.2.3' }), { code: 'FOLDER_NOT_EMPTY' })
  assert.deepEqual(readdirSync(folder), ['notes.txt'])
})

test('what init copies is in the package', () => {
  const root = join(import.meta.dirname, '../..')
  const { files }: { files: string[] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const path of ['node/cli/templates/shared/gitignore', 'examples/digits/digits.tflite', 'examples/digits/expected/in0.bin']) {
    assert.ok(existsSync(join(root, path)))
    assert.ok(
      files.some((entry) => path === entry || path.startsWith(`${entry}/`)),
      `package.json's files leave ${path} out`,
    )
  }
})
