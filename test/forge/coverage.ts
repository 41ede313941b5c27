/**
 * npm run coverage:contracts   which lines and branches of contracts/ the tests of test/forge run
 *
 * Prints a table and fails where one is missing that no reason below excuses.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installClients, run } from '../clients/install.ts'
import { forge, forgeEnvironment } from './forge.ts'

/** Lines and branches of a file that may be missing, and why. */
const excused: Readonly<Record<string, { lines: number; branches: number; reason: string }>> = {
  ...Object.fromEntries(
    ['Calculator', 'FieldAgent', 'RiskGuard', 'SensorVault'].map((name) => [
      `contracts/examples/${name}.sol`,
      { lines: 200, branches: 50, reason: 'runs a trained model: tested on a node, test/examples, test/contracts and test/client' },
    ]),
  ),
  'contracts/libraries/Float32.sol': { lines: 30, branches: 8, reason: 'fuzzed against the host’s float32 by test/contracts' },
  'contracts/bench/GasProbe.sol': { lines: 7, branches: 1, reason: 'measures, for npm run bench:solidity' },
  'contracts/foundry/Infernode.sol': { lines: 28, branches: 3, reason: 'asks a running node: npm run test:clients -- projects' },
  ...Object.fromEntries(
    Object.entries({
      'TensorReference.sol': 2,
      'reference/Activations.sol': 3,
      'reference/Checks.sol': 2,
      'reference/Elementwise.sol': 5,
      'reference/Layers.sol': 2,
      'reference/Operands.sol': 12,
      'reference/Requantization.sol': 2,
      'reference/Windows.sol': 2,
    }).map(([name, branches]) => [
      `contracts/testing/${name}`,
      { lines: 0, branches, reason: 'refusals that are compared with the precompile by test/contracts/tensor-reference.test.ts' },
    ]),
  ),
}

interface Counts {
  lines: number
  missingLines: number[]
  branches: number
  missingBranches: number[]
}

/** By file; of `lcov.info`'s records SF, DA and BRDA. */
function countsOf(lcov: string): Map<string, Counts> {
  const files = new Map<string, Counts>()
  let counts: Counts | undefined
  for (const line of lcov.split('\n')) {
    const [kind, rest = ''] = line.split(/:(.*)/, 2) as [string, string?]
    const numbers = rest.split(',')
    if (kind === 'SF') {
      counts = { lines: 0, missingLines: [], branches: 0, missingBranches: [] }
      if (rest.startsWith('contracts/')) files.set(rest, counts)
    } else if (kind === 'DA' && counts !== undefined) {
      counts.lines++
      if (numbers[1] === '0') counts.missingLines.push(Number(numbers[0]))
    } else if (kind === 'BRDA' && counts !== undefined) {
      counts.branches++
      if (numbers[3] === '0' || numbers[3] === '-') counts.missingBranches.push(Number(numbers[0]))
    }
  }
  return files
}

const root = new URL('../../', import.meta.url)
const report = 'build/forge/lcov.info'
installClients()
run(forge, ['coverage', '--report', 'lcov', '--report-file', report], { cwd: fileURLToPath(root), env: forgeEnvironment() })

let isComplete = true
const share = (all: number, missing: number) => `${all - missing}/${all}`
console.log('\n| contract | lines | branches | |\n| --- | --- | --- | --- |')
for (const [file, { lines, missingLines, branches, missingBranches }] of countsOf(readFileSync(new URL(report, root), 'utf8'))) {
  const allowed = excused[file] ?? { lines: 0, branches: 0, reason: '' }
  const isExcused = missingLines.length <= allowed.lines && missingBranches.length <= allowed.branches
  const missing = `missing: lines ${missingLines.join(' ') || 'none'}, branches at ${missingBranches.join(' ') || 'none'}`
  console.log(
    `| ${file} | ${share(lines, missingLines.length)} | ${share(branches, missingBranches.length)} | ${isExcused ? allowed.reason : missing} |`,
  )
  isComplete &&= isExcused
}
if (!isComplete) process.exitCode = 1
