/** `infernode/viem` is for pages too: nothing that it loads, early or late, may need Node. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { test } from 'node:test'
import { parseSync } from 'oxc-parser'

const root = join(import.meta.dirname, '../..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

/** What a file loads when it runs: types are gone by then. */
function loads(path: string): string[] {
  const { module } = parseSync(path, textOf(path))
  const isType = (entries: readonly { isType: boolean }[]) => entries.length > 0 && entries.every((entry) => entry.isType)
  const early = module.staticImports.filter(({ entries }) => !isType(entries)).map(({ moduleRequest }) => moduleRequest.value)
  const passedOn = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ isType, moduleRequest }) => (isType || !moduleRequest ? [] : [moduleRequest.value]))
  const late = module.dynamicImports.map(({ moduleRequest: { start, end } }) => textOf(path).slice(start + 1, end - 1))
  return [...new Set([...early, ...passedOn, ...late])]
}

/** Every file that the entry reaches, with what each loads. */
function reachedFrom(entry: string): Map<string, string[]> {
  const reached = new Map<string, string[]>()
  const visit = (path: string) => {
    if (reached.has(path)) return
    const specifiers = loads(path)
    reached.set(path, specifiers)
    for (const specifier of specifiers) if (specifier.startsWith('.')) visit(posix.join(posix.dirname(path), specifier))
  }
  visit(entry)
  return reached
}

const reached = reachedFrom('node/client/viem.ts')

test('the viem entry reaches no module of Node', () => {
  assert.ok(reached.has('runtime/import/tflite/import.ts'), 'imports that are made late are followed')
  const found = [...reached].flatMap(([path, specifiers]) =>
    specifiers.filter((specifier) => specifier.startsWith('node:')).map((specifier) => `${path} loads ${specifier}`),
  )
  assert.deepEqual(found, [])
})

test('the viem entry uses no Buffer', () =>
  assert.deepEqual(
    [...reached.keys()].filter((path) => /\bBuffer\.(from|alloc|concat)\b/.test(textOf(path))),
    [],
  ))
