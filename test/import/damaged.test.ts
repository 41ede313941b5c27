import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ImportError } from '../../runtime/import/errors.ts'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { roundings } from '../../runtime/model/types.ts'
import { int8Data, tensor, writeTflite } from './write-tflite.ts'

const digits = new Uint8Array(readFileSync(new URL('../../examples/digits/digits.tflite', import.meta.url)))
const layer = writeTflite({
  tensors: [
    tensor('int8', [1, 2], { scales: [1], zeros: [0] }),
    tensor('int8', [3, 2], { scales: [1, 2, 3], zeros: [0, 0, 0], data: int8Data([1, 2, 3, 4, 5, 6]) }),
    tensor('int8', [1, 3], { scales: [9], zeros: [-4] }),
  ],
  nodes: [{ op: 'FULLY_CONNECTED', inputs: [0, 1, -1], outputs: [2] }],
  inputs: [0],
  outputs: [2],
})

/** Numbers below n from a seed (xorshift32). */
function random(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
}

/** Imports, or is refused with a code and a sentence; nothing else may come out. */
function importOrRefuse(bytes: Uint8Array, rounding: (typeof roundings)[number]): 'imported' | 'malformed' | 'unsupported' {
  try {
    importTflite(bytes, { rounding })
    return 'imported'
  } catch (error) {
    assert.ok(error instanceof ImportError, `${error instanceof Error ? error.stack : error}`)
    assert.ok(error.code === 'malformed' || error.code === 'unsupported')
    assert.ok(error.message.length > 20)
    return error.code
  }
}

test('every truncation of a file is refused as malformed, or leaves out only what is not read', () => {
  for (let length = 0; length < layer.length; length += 1) importOrRefuse(layer.subarray(0, length), 'double')
  for (const length of [0, 1, 4, 8, 15, 16]) assert.equal(importOrRefuse(layer.subarray(0, length), 'double'), 'malformed')
})

test('2,000 damaged files are imported or refused with a code, none hangs or crashes', () => {
  const next = random(20261122)
  const extremes = [0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 0x10000000, 0xfffffffc]
  const outcomes = { imported: 0, malformed: 0, unsupported: 0 }
  for (let round = 0; round < 2000; round += 1) {
    const source = next(2) === 0 ? digits : layer
    const bytes = next(4) === 0 ? source.slice(0, next(source.length)) : source.slice()
    const view = new DataView(bytes.buffer)
    for (let count = next(4); count >= 0; count -= 1) {
      // Tables and offsets lie at the file's end, weights before them.
      const at = Math.max(bytes.length - 4 - next(Math.min(bytes.length, 6000)), 0)
      if (bytes.length < 4) continue
      const kind = next(3)
      if (kind === 0) bytes[at]! ^= 1 << next(8)
      else if (kind === 1) bytes[at] = next(256)
      else view.setUint32(at, extremes[next(extremes.length)]!, true)
    }
    outcomes[importOrRefuse(bytes, roundings[next(3)]!)] += 1
  }
  for (const [outcome, count] of Object.entries(outcomes)) assert.ok(count > 20, `${outcome}: ${count}`)
})

test('a text file and an empty one are told to be no TFLite file', () => {
  for (const bytes of [new Uint8Array(), new TextEncoder().encode('a text that is longer than a header')])
    assert.throws(
      () => importTflite(bytes, { rounding: 'double' }),
      (error) => error instanceof ImportError && /identifier TFL3/.test(error.message),
    )
})
