import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { runBytes } from '../../runtime/reference/run.ts'

/** `double`: TFLite Micro 0.dev, reference kernels. `fp32`: TFLite's WASM build with XNNPACK. Made by vectors/make.ts. */
type Vector = { name: string; model: string; inputs: string[]; double?: string; fp32: string }

const vectors: Vector[] = JSON.parse(readFileSync(new URL('./vectors/operators.json', import.meta.url), 'utf8'))
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

for (const { name, model, inputs, ...expected } of vectors)
  for (const rounding of ['double', 'fp32'] as const) {
    const wanted = expected[rounding]
    if (wanted === undefined) continue
    test(`${name}: the bytes of ${rounding === 'double' ? 'TFLite Micro' : 'TFLite with XNNPACK'}`, () => {
      const imported = importTflite(bytes(model), { rounding })
      const toggle = (source: string, values: Uint8Array) => (source === 'uint8' ? values.map((value) => value ^ 0x80) : values)
      const input = Buffer.concat(imported.inputs.map(({ source }, index) => toggle(source, bytes(inputs[index]!))))
      assert.deepEqual(toggle(imported.outputs[0]!.source, runBytes(imported.model, input)), bytes(wanted))
    })
  }
