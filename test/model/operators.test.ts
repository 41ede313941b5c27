import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { operatorByCode, operatorRow, operators } from '../../runtime/model/operators.ts'

const page = readFileSync(new URL('../../docs/model-format.md', import.meta.url), 'utf8')

/** Cells of the operator table's rows. */
const rows = [...page.matchAll(/^\| (\d+) \| (\w+) \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, code, name, operands, attributes, scales]) => ({
    code: Number(code),
    name,
    operands: operands!,
    attributes: attributes!,
    scales: scales!,
  }),
)

test('docs/model-format.md has the same operators and codes', () =>
  assert.deepEqual(
    rows.map(({ code, name }) => ({ code, name })),
    operators.map(({ code, name }) => ({ code, name })),
  ))

for (const { code, name } of operators)
  test(`docs/model-format.md names the attributes and operands of ${name} in order`, () => {
    const row = operatorRow(name)
    const documented = rows.find((candidate) => candidate.name === name)!
    const words = documented.attributes.match(/[a-z]\w*/gi) ?? []
    const mentioned = words.filter((word) => (row.attributes as readonly string[]).includes(word))
    assert.deepEqual([...new Set(mentioned)], row.attributes)
    for (const operand of row.operands) assert.match(documented.operands, row.variadic ? /operands/ : new RegExp(`\\b${operand}\\b`))
    assert.equal(/q\(/.test(documented.scales) || /multipliers/.test(documented.scales), row.requantization !== 'none')
    assert.equal(operatorByCode(code), row)
  })

test('an unknown code has no row', () =>
  assert.equal(operatorByCode(0) ?? operatorByCode(Math.max(...operators.map(({ code }) => code)) + 1), undefined))
