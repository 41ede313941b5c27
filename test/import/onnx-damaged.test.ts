import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImportError } from '../../runtime/import/errors.ts'
import { importOnnx } from '../../runtime/import/onnx/import.ts'
import { onnxCases } from '../suites/onnx-bytes.ts'

const changed = 2000
/** Far above what a small file takes, so that a slow machine passes and a file that hangs does not. */
const mostMs = 5000

/** Numbers from 0 to bound − 1, the same in every run (xorshift32). */
function numbers(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

/** One file changed: bytes flipped, a piece cut out, repeated, or the end cut off. */
function damaged(bytes: Uint8Array, next: (bound: number) => number): Uint8Array {
  const at = next(bytes.length)
  const length = 1 + next(16)
  switch (next(4)) {
    case 0: {
      const flipped = bytes.slice()
      for (let count = 1 + next(4); count > 0; count -= 1) flipped[next(bytes.length)]! ^= 1 << next(8)
      return flipped
    }
    case 1:
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]))
    case 2:
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]))
    default:
      return bytes.slice(0, at)
  }
}

test(`${changed} damaged files are imported or refused with an ImportError`, () => {
  const files = onnxCases().map(({ model }) => model)
  const next = numbers(2463534242)
  let refused = 0
  for (let index = 0; index < changed; index += 1) {
    const bytes = damaged(files[index % files.length]!, next)
    const started = performance.now()
    try {
      importOnnx(bytes, { rounding: 'fp32', allowInexact: index % 2 === 0 })
    } catch (error) {
      assert.ok(error instanceof ImportError, `file ${index}: ${error instanceof Error ? error.stack : error}`)
      refused += 1
    }
    assert.ok(performance.now() - started < mostMs, `file ${index} takes too long`)
  }
  assert.ok(refused > changed / 4, `${refused} of ${changed} were refused`)
})
