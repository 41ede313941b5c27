import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { executors } from '../suites/expected-bytes.ts'

/** `double`: TFLite Micro 0.dev, or TFLite's reference kernels where that has none. `fp32`: TFLite's WASM build with XNNPACK. Made by vectors/make.ts. */
type Vector = { name: string; model: string; inputs: string[]; double?: string; fp32?: string }

const vectors: Vector[] = JSON.parse(readFileSync(new URL('./vectors/operators.json', import.meta.url), 'utf8'))
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

const toggled = (source: string, values: Uint8Array) => (source === 'uint8' ? values.map((value) => value ^ 0x80) : values)

for (const executor of executors())
  for (const { name, model, inputs, ...expected } of vectors)
    for (const rounding of ['double', 'fp32'] as const) {
      const wanted = expected[rounding]
      if (wanted === undefined) continue
      test(`${name}: ${executor.name} gives the bytes of ${rounding === 'double' ? 'TFLite Micro' : 'TFLite with XNNPACK'}`, () => {
        const imported = importTflite(bytes(model), { rounding })
        const given = inputs.map((each, index) => toggled(imported.inputs[index]!.source, bytes(each)))
        const input = Buffer.concat([...given, ...imported.states.map(({ initial }) => initial)])
        const output = executor.open(imported.bytes, imported.model)(new Uint8Array(input))
        // The next states are behind the file's own outputs.
        assert.deepEqual(toggled(imported.outputs[0]!.source, output).subarray(0, bytes(wanted).length), bytes(wanted))
      })
    }
