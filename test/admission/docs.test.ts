/** docs/free-gas.md: its configuration is one, and its code finds stamps that the node takes. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { concat, keccak256, pad, toHex } from 'viem'
import { grantedGas } from '../../node/admission/proof-of-work.ts'
import { loadConfig } from '../../node/config.ts'
import { config, temporaryDirectory } from '../node/harness.ts'

const text = readFileSync(new URL('../../docs/free-gas.md', import.meta.url), 'utf8')
const block = (language: string): string => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)![1]!

test('the configuration shown is valid and names every key', (t) => {
  const path = join(temporaryDirectory(t), 'chain.json')
  writeFileSync(path, block('json'))
  const { admission } = loadConfig({ env: {}, file: path })
  assert.equal(admission.gasPerWindow, 20_000_000n)
  const keys = Object.keys(config().admission)
  for (const key of keys) assert.match(text, new RegExp(`\`${key}\``), key)
})

test('the code for pages finds a stamp', () => {
  const source = block('js')
    .replace(/^import .*$/m, '')
    .replace('export ', '')
  const stampGasPrice = new Function('concat', 'keccak256', 'pad', 'toHex', `${source}; return stampGasPrice`)(
    concat,
    keccak256,
    pad,
    toHex,
  )
  const sender = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
  const price = stampGasPrice(sender, 3n, 200n, 2n)
  assert.ok(grantedGas(sender, 3n, price, 2n) >= 200n)
})
