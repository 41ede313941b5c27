/** `npm run bytes`: compares every known model with its expected bytes, by the plain interpreter and both builds of the module. */
import { bytesTable, compare, executors, expectedModels, knownRoundings } from './expected-bytes.ts'

const runners = executors()
const rows = expectedModels().flatMap((model) =>
  knownRoundings(model).flatMap((rounding) => runners.map((executor) => compare(model, rounding, executor))),
)
const differing = rows.reduce((sum, row) => sum + row.differing, 0)
console.log(bytesTable(rows))
console.log(`${differing} of ${rows.reduce((sum, { total }) => sum + total, 0)} bytes differ`)
process.exitCode = differing === 0 ? 0 : 1
