/** Decompositions are held to onnxruntime: the graph before and after must give the same numbers. */

import assert from 'node:assert/strict'
import { noExternalFiles } from '../../runtime/import/onnx/constant.ts'
import { parseOnnx } from '../../runtime/import/onnx/parse.ts'
import type { Known } from '../../runtime/quantize/decompose/composite.ts'
import { rewrite } from '../../runtime/quantize/decompose/rewrite.ts'
import { type FloatTensor, openFloatModel } from '../../runtime/quantize/float-runtime.ts'
import { inspect } from '../../runtime/quantize/inspect.ts'
import { type OnnxFile, writeOnnx } from '../import/write-onnx.ts'

/** Pseudo-random numbers around 0, the same each time. */
export function noise(count: number, seed = 1): Float32Array {
  let state = seed
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/**
 * Rewrites the file's graph until nothing is composite and compares its outputs for random inputs; gives the operators that are left.
 * `tolerance`: of the difference, in units of the outputs' largest magnitude.
 */
export async function assertDecomposed(file: OnnxFile, tolerance = 1e-5): Promise<string[]> {
  const graph = parseOnnx(writeOnnx(file), noExternalFiles)
  const sample = new Map(
    graph.inputs.map(({ name, shape }, index): [string, FloatTensor] => {
      const sizes = shape as number[]
      return [
        name,
        {
          type: 'float32',
          shape: sizes,
          data: noise(
            sizes.reduce((count, size) => count * size, 1),
            index + 1,
          ),
        },
      ]
    }),
  )
  let { graph: rewritten, values } = await inspect(graph, sample)
  for (;;) {
    const known = (name: string): Known => {
      const constant = rewritten.constants.get(name)
      return constant === undefined ? { ...values.get(name)!, constant } : { type: constant.type, shape: constant.shape, constant }
    }
    const pass = rewrite(rewritten, known)
    assert.deepEqual(pass.problems, [])
    if (!pass.changed) break
    ;({ graph: rewritten, values } = await inspect(pass.graph, sample))
  }
  const model = await openFloatModel(graph)
  const wanted = await model.run(sample)
  await model.close()
  for (const { name } of graph.outputs) {
    const [expected, got] = [wanted.get(name)!, values.get(name)!]
    assert.deepEqual(got.shape, expected.shape, name)
    const largest = Math.max(...Array.from<number | bigint, number>(expected.data, (value) => Math.abs(Number(value))))
    for (const [at, value] of expected.data.entries())
      assert.ok(
        Math.abs(Number(got.data[at]) - Number(value)) <= tolerance * largest,
        `${name}[${at}]: ${got.data[at]} instead of ${value}`,
      )
  }
  return rewritten.nodes.map(({ op }) => op)
}
