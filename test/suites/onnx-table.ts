/** npm run bytes:onnx: compares every known ONNX model with its expected numbers, by the plain interpreter and the module, and lists what is refused. */
import { ImportError } from '../../runtime/import/errors.ts'
import { consensusModule, reference } from './expected-bytes.ts'
import { compareOnnx, importCase, onnxCases, onnxTable, sharedOnnxCases } from './onnx-bytes.ts'

const executors = [reference(), consensusModule('simd')]
const refused: string[] = []
const cases = [...onnxCases(), ...sharedOnnxCases()].filter((one) => {
  try {
    importCase(one)
    return true
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    refused.push(`${one.name}: ${error.message}`)
    return false
  }
})
const rows = cases.flatMap((one) => executors.map((executor) => compareOnnx(one, executor)))
const differing = rows.reduce((sum, row) => sum + row.differing, 0)
console.log(onnxTable(rows))
console.log(
  `${differing} of ${rows.reduce((sum, { total }) => sum + total, 0)} numbers differ; ${cases.length} models, ${refused.length} refused by name:`,
)
for (const reason of refused) console.log(`- ${reason}`)
process.exitCode = differing === 0 ? 0 : 1
