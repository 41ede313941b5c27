/** docs/solidity.md: its contracts compile as a user of the package would compile them, its commands and links are there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import solc from 'solc'
import { codeBlocks } from '../client/docs.ts'

const root = join(import.meta.dirname, '../..')
const path = join(root, 'docs/solidity.md')
const text = readFileSync(path, 'utf8')

test('every contract compiles', () => {
  const blocks = codeBlocks(path).filter(({ language }) => language === 'solidity')
  assert.ok(blocks.length >= 2)
  for (const { text: block } of blocks) {
    const content = `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n${block}`
    const settings = { evmVersion: 'cancun', outputSelection: { '*': { '*': ['abi'] } } }
    const input = { language: 'Solidity', sources: { 'page.sol': { content } }, settings }
    const imports = (name: string) => {
      const file = name.startsWith('infernode/') ? join(root, name.slice('infernode/'.length)) : join(root, 'node_modules', name)
      return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: 'not found' }
    }
    const { errors = [] } = JSON.parse(solc.compile(JSON.stringify(input), { import: imports }))
    assert.deepEqual(
      errors.filter(({ severity }: { severity: string }) => severity === 'error').map((error: { message: string }) => error.message),
      [],
    )
  }
})

test('every npm command is one of the project, every link leads somewhere, every helper exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [, name = ''] of text.matchAll(/`npm run ([\w:]+)`/g)) assert.ok(name in scripts, name)
  for (const [, link = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) assert.ok(existsSync(join(root, 'docs', link)), link)
  const library = readFileSync(join(root, 'contracts/libraries/Tensor.sol'), 'utf8')
  const table = text.slice(text.indexOf('## Tensor.sol'), text.indexOf('## Tests without'))
  const helpers = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  assert.ok(helpers.length > 15)
  for (const name of helpers) assert.match(library, new RegExp(`function ${name}\\(`))
})
