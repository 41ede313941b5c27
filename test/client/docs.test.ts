/**
 * The pages for contract authors show code that works: TypeScript runs here from top to bottom, with what it is said to print; excerpts are what `infernode init` writes.
 * The commands and those projects run in test/clients/projects.client.ts.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { initProject } from '../../node/cli/init.ts'
import { codeBlocks, pages } from './docs.ts'
import { type ClientNode, startClientNode } from './support.ts'

const root = join(import.meta.dirname, '../..')
/** Where the sources are of what users import. */
const sources: Record<string, string> = { 'infernode/viem': join(root, 'node/client/viem.ts') }

let parent: string
let started: ClientNode
before(async () => {
  mkdirSync(join(root, 'build'), { recursive: true })
  // In the checkout, so that its packages are found.
  parent = mkdtempSync(join(root, 'build/docs-'))
  started = await startClientNode()
})
after(async () => {
  await started.node.close()
  rmSync(parent, { recursive: true, force: true })
})

for (const { template, path } of pages)
  test(`what the ${template} page shows of files is in them`, async () => {
    const project = join(parent, template)
    await initProject({ folder: project, template, packageSpec: '1.2.3' })
    const excerpts = codeBlocks(path).filter(({ file }) => file !== undefined)
    for (const { file, text } of excerpts) {
      const whole = readFileSync(join(project, file!), 'utf8')
      assert.ok(whole.includes(text), `${path} shows lines that are not in ${file}:\n${text}`)
    }
    assert.ok(template === 'viem' || excerpts.length > 0)
  })

test('the viem page’s code runs from top to bottom and prints what it says', async () => {
  const project = join(parent, 'page')
  await initProject({ folder: project, template: 'viem', packageSpec: '1.2.3' })
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(root, join(project, 'node_modules/infernode'), 'junction')
  const page = pages.find(({ template }) => template === 'viem')!.path
  const code = codeBlocks(page)
    .filter(({ language, file }) => language === 'ts' && file === undefined)
    .map(({ text }) => text)
    .join('\n')
    .replaceAll('http://127.0.0.1:8545', started.url)
    .replace(/'(infernode\/\w+)'/g, (_, name: string) => JSON.stringify(sources[name]))
  writeFileSync(join(project, 'page.ts'), code)
  const { stdout } = await promisify(execFile)(process.execPath, ['page.ts'], { cwd: project })
  const said = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text)
  assert.deepEqual(stdout.trim().split('\n'), said)
})
