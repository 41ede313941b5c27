/**
 * Rebuilds runtime/import/tflite/generated/ from schema.fbs with `flatc` (Debian: apt-get install flatbuffers-compiler; written with 2.0.8).
 * flatc writes extensionless imports across a namespace folder; here each file imports its neighbours by their full names.
 * `--check` compares instead of writing and fails where the committed files differ.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = new URL('../runtime/import/tflite/', import.meta.url).pathname
const generated = join(folder, 'generated')
const scratch = mkdtempSync(join(tmpdir(), 'infernode-flatc-'))
const check = process.argv.includes('--check')

try {
  execFileSync('flatc', ['--ts', '-o', scratch, join(folder, 'schema.fbs')], { stdio: 'inherit' })
  const files = new Map(
    readdirSync(join(scratch, 'tflite')).map((name) => {
      const source = readFileSync(join(scratch, 'tflite', name), 'utf8')
      return [name, source.replaceAll(/from '\.\.\/tflite\/([^']+)'/g, "from './$1.ts'").replaceAll(/[ \t]+$/gm, '')]
    }),
  )
  const committed = readdirSync(generated)
  if (check) {
    const stale = [...files].filter(([name, source]) => !committed.includes(name) || readFileSync(join(generated, name), 'utf8') !== source)
    const extra = committed.filter((name) => !files.has(name))
    const names = [...stale.map(([name]) => name), ...extra]
    if (names.length > 0) throw new Error(`generated files differ from schema.fbs: ${names.join(', ')}; run npm run generate:tflite`)
  } else {
    for (const name of committed) rmSync(join(generated, name))
    for (const [name, source] of files) writeFileSync(join(generated, name), source)
  }
} finally {
  rmSync(scratch, { recursive: true })
}
