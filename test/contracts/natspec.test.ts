/** Whoever calls a contract reads in its source what each part does: a line of NatSpec stands over all that can be seen from outside. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
/** Examples and benches are read from their first line to their last. */
const paths = globSync('contracts/{*,interfaces/*,governance/*,libraries/*,testing/*,foundry/*}.sol', { cwd: root }).sort()
const declared = /^\s*(function|event|error|struct|enum|contract|library|interface|abstract contract|mapping\(.*\) public|\w+ public)\b/

for (const path of paths)
  test(path, () => {
    const lines = readFileSync(join(root, path), 'utf8').split('\n')
    const bare = lines.filter((line, index) => {
      if (!declared.test(line)) return false
      const previous = lines[index - 1]!.trim()
      if (
        /\b(private|internal)\b|\boverride\b/.test(
          lines
            .slice(index, index + 8)
            .join(' ')
            .split(/[;{]/)[0]!,
        )
      )
        return false
      return !previous.startsWith('///')
    })
    assert.deepEqual(bare, [])
  })
