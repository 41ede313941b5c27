/** Models that keep state between runs, on the command line: import writes what goes round, run carries it from a sample to the next. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pc from 'picocolors'
import type { Io } from '../../node/cli/io.ts'
import { runCli } from '../../node/cli/main.ts'
import { sliding } from '../import/stateful.ts'
import { writeTflite } from '../import/write-tflite.ts'

const digits = new URL('../../examples/digits/digits.tflite', import.meta.url).pathname

let folder: string
const path = (name: string) => join(folder, name)
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infernode-state-'))
  await writeFile(path('window.tflite'), writeTflite(sliding('int8', [7, 8, 9])))
  await writeFile(path('samples.bin'), Uint8Array.of(1, 2, 3, 4, 5, 6))
})
after(() => rm(folder, { recursive: true, force: true }))

async function infernode(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' }
  const io: Io = {
    out: (line) => {
      text.out += `${line}\n`
    },
    err: (line) => {
      text.err += `${line}\n`
    },
    stdout: process.stdout,
    stderr: process.stderr,
    isInteractive: false,
    colors: pc.createColors(false),
    stopSignal: () => new AbortController().signal,
  }
  return { code: await runCli(args, io), ...text }
}

const importWindow = () => infernode('import', path('window.tflite'), '-r', 'double', '-o', path('window.infer'))

test('a sequence of samples goes through a model with its state', async () => {
  const imported = await importWindow()
  assert.equal(imported.code, 0, imported.err)
  assert.match(imported.err, /window\.states\.json, 1 state/)
  const ran = await infernode('run', path('window.infer'), '-i', path('samples.bin'), '-o', path('out.bin'), '--json')
  assert.equal(ran.code, 0, ran.err)
  assert.deepEqual(JSON.parse(ran.out).outputs, [[[7, 8, 9, 1, 2]], [[9, 1, 2, 3, 4]], [[2, 3, 4, 5, 6]]])
  assert.deepEqual([...(await readFile(path('out.bin')))], [7, 8, 9, 1, 2, 9, 1, 2, 3, 4, 2, 3, 4, 5, 6])
})

test('the state may begin anywhere: another file names it', async () => {
  await importWindow()
  const { states } = JSON.parse(await readFile(path('window.states.json'), 'utf8'))
  await writeFile(path('later.json'), JSON.stringify({ states: [{ ...states[0], initial: '010203' }] }))
  const ran = await infernode('run', path('window.infer'), '-i', path('samples.bin'), '--states', path('later.json'), '--json')
  assert.deepEqual(JSON.parse(ran.out).outputs[0], [[1, 2, 3, 1, 2]])
})

test('a file of states that does not fit the model is one line that says why', async () => {
  await importWindow()
  const state = { name: 'w', input: 1, output: 1, initial: '070809' }
  for (const [content, message] of [
    ['{ "states": ', /is not JSON/],
    [JSON.stringify({ states: [{ ...state, initial: 'zz' }] }), /states\.0\.initial/],
    [JSON.stringify({ states: [{ ...state, output: 0 }] }), /joins output 0 to input 1/],
    [JSON.stringify({ states: [{ ...state, input: 2 }] }), /joins output 1 to input 2/],
    [JSON.stringify({ states: [state, state] }), /two states have one input/],
  ] as const) {
    await writeFile(path('wrong.json'), content)
    const { code, err } = await infernode('run', path('window.infer'), '-i', path('samples.bin'), '--states', path('wrong.json'))
    assert.equal(code, 1)
    assert.match(err, message)
    assert.match(err, /^error\[USAGE\]/)
  }
  const missing = await infernode('run', path('window.infer'), '-i', path('samples.bin'), '--states', path('none.json'))
  assert.match(missing.err, /^error\[INPUT_UNREADABLE\]/)
})

test('a model without state leaves no file of states', async () => {
  await importWindow()
  const { code } = await infernode('import', digits, '-o', path('window.infer'))
  assert.equal(code, 0)
  assert.equal(existsSync(path('window.states.json')), false)
})
