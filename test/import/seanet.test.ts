import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { valuesBytes, valuesFromBytes } from '../../runtime/reference/tensor.ts'
import { executors } from '../suites/expected-bytes.ts'

/**
 * TFLite Micro's models of one operator on int16, with inputs and the results that it is held to (double rounding): NAME.tflite,
 * NAME_inputK_TYPE.csv, NAME_golden_TYPE.csv.
 */
const folder = join(import.meta.dirname, '../../../shared/models/tflm_seanet')
if (!existsSync(folder)) console.log(`no ${folder}: the operators of int16 are not compared with TFLite Micro`)
const files = existsSync(folder) ? globSync('**/*.tflite', { cwd: folder }).sort() : []

const arrays = { int16: Int16Array, int32: Int32Array } as const

function readCsv(file: string): Int16Array | Int32Array {
  const kind = file.endsWith('_int32.csv') ? 'int32' : 'int16'
  return new arrays[kind](
    readFileSync(file, 'utf8')
      .split(/[\s,]+/)
      .filter((word) => word !== '')
      .map(Number),
  )
}

for (const executor of executors())
  for (const file of files) {
    const name = basename(file, '.tflite')
    test(`${name} of int16: ${executor.name} gives the results of TFLite Micro`, () => {
      const path = join(folder, dirname(file), name)
      const { bytes, model, inputs, outputs } = importTflite(readFileSync(join(folder, file)), { rounding: 'double' })
      const given = inputs.map((_, index) => valuesBytes(readCsv(globSync(`${path}_input${index}_*.csv`)[0]!)))
      const output = executor.open(bytes, model)(new Uint8Array(Buffer.concat(given)))
      const wanted = readCsv(globSync(`${path}_golden_*.csv`)[0]!)
      const got = valuesFromBytes(outputs[0]!.type, output)
      assert.deepEqual(got, wanted)
    })
  }
