/**
 * `npm run rpc-compat -- FOLDER`: runs a folder of round trips of the execution API (its `tests`, with genesis.json and chain.rlp) against the
 * node, and prints a table by method. Ends with 1 where less passes than the node promises.
 */

import Table from 'cli-table3'
import { type CaseResult, runFolder } from './suite.ts'

/** Percent that must pass of eth_simulateV1, and of everything else. */
const SIMULATED = 70
const OTHERS = 95

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined || rest.length > 0) {
  console.error('usage: npm run rpc-compat -- FOLDER, where FOLDER has genesis.json, chain.rlp and .io files')
  process.exit(2)
}
const results = await runFolder(folder)
const passed = (some: readonly CaseResult[]) => some.filter(({ problem }) => problem === undefined).length
const table = new Table({ head: ['method', 'cases', 'passed'], style: { head: [] } })
for (const [method, some = []] of Object.entries(Object.groupBy(results, (result) => result.method)))
  table.push([method, some.length, passed(some)])
console.log(table.toString())
for (const { name, problem } of results) if (problem !== undefined) console.log(`${name}: ${problem}`)

const percent = (some: readonly CaseResult[]) => (some.length === 0 ? 100 : (100 * passed(some)) / some.length)
const simulated = results.filter(({ method }) => method === 'eth_simulateV1')
const others = results.filter(({ method }) => method !== 'eth_simulateV1')
console.log(`eth_simulateV1: ${passed(simulated)} of ${simulated.length} (${percent(simulated).toFixed(1)} %, wanted ${SIMULATED} %)`)
console.log(`everything else: ${passed(others)} of ${others.length} (${percent(others).toFixed(1)} %, wanted ${OTHERS} %)`)
process.exitCode = percent(simulated) >= SIMULATED && percent(others) >= OTHERS ? 0 : 1
