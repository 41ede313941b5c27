/** docs/pytorch-to-solidity.md: its commands run, its code runs from top to bottom and prints what it says, its excerpts are in their files. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { codeBlocks } from './docs.ts'
import { type ClientNode, startClientNode } from './support.ts'

const root = join(import.meta.dirname, '../..')
const page = join(root, 'docs/pytorch-to-solidity.md')
const run = promisify(execFile)

let folder: string
let started: ClientNode
before(async () => {
  mkdirSync(join(root, 'build'), { recursive: true })
  // In the checkout, so that its packages are found.
  folder = mkdtempSync(join(root, 'build/page-'))
  cpSync(join(root, 'examples/transformer'), join(folder, 'examples/transformer'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/infernode'), 'junction')
  started = await startClientNode()
})
after(async () => {
  await started.node.close()
  rmSync(folder, { recursive: true, force: true })
})

const blocks = codeBlocks(page)
const texts = (language: string) =>
  blocks.filter((block) => block.language === language && block.file === undefined).map(({ text }) => text)
const here = (text: string) => text.replaceAll('http://127.0.0.1:8545', started.url)

test('the page’s commands and code run from top to bottom and print what it says', async () => {
  const printed: string[] = []
  for (const line of texts('sh').join('').trim().split('\n')) {
    const [program, ...args] = here(line).split(' ')
    assert.equal(program, 'infernode')
    printed.push((await run(process.execPath, [join(root, 'node/cli/main.ts'), ...args], { cwd: folder })).stdout)
  }
  for (const line of texts('text').join('').trim().split('\n')) assert.ok(printed[0]!.includes(line), line)
  assert.match(printed.at(-1)!, /active now/)
  const code = here(texts('ts').join('\n')).replace("'infernode/viem'", JSON.stringify(join(root, 'node/client/viem.ts')))
  writeFileSync(join(folder, 'page.ts'), code)
  const { stdout } = await run(process.execPath, ['page.ts'], { cwd: folder })
  const said = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text)
  assert.equal(said.length, 1)
  assert.deepEqual(stdout.trim().split('\n'), said)
})

test('what the page shows of files is in them', () => {
  const excerpts = blocks.filter(({ file }) => file !== undefined)
  assert.ok(excerpts.length > 0)
  for (const { file, text } of excerpts) assert.ok(readFileSync(join(root, file!), 'utf8').includes(text), file)
  for (const text of texts('python')) assert.ok(readFileSync(join(root, 'examples/transformer/train.py'), 'utf8').includes(text))
})
