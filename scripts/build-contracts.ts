/** Compiles every contract in contracts/ into build/contracts.json: `{ Name: { abi, bytecode, deployedBytecode } }`, hex with 0x. */
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import solc from 'solc'

type Compiled = { abi: unknown[]; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }
type Output = {
  errors?: { severity: 'error' | 'warning' | 'info'; formattedMessage: string; sourceLocation?: { file: string } }[]
  contracts?: Record<string, Record<string, Compiled>>
}

const settings = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  // No metadata trailer: the code depends on what the contract does, never on a comment or a path.
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
}
const wanted = { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] }

/**
 * Compiles all of `root`/contracts and writes `root`/build/contracts.json.
 * @returns how many contracts the file holds.
 * @throws Error with solc's own words, or where two contracts share a name.
 */
export function buildContracts(root: string): number {
  const paths = globSync('contracts/**/*.sol', { cwd: root }).sort()
  const contracts = paths.length === 0 ? {} : compile(root, paths)
  const outFile = join(root, 'build', 'contracts.json')
  mkdirSync(dirname(outFile), { recursive: true })
  // Written aside and renamed, so that a reader never meets half a file.
  writeFileSync(`${outFile}.${process.pid}`, `${JSON.stringify(contracts, null, 1)}\n`)
  renameSync(`${outFile}.${process.pid}`, outFile)
  return Object.keys(contracts).length
}

function compile(root: string, paths: string[]) {
  const sources = Object.fromEntries(paths.map((path) => [path, { content: readFileSync(join(root, path), 'utf8') }]))
  // Of what is imported from packages nothing is asked for: solc makes no code of it.
  const outputSelection = Object.fromEntries(paths.map((path) => [path, wanted]))
  const input = JSON.stringify({ language: 'Solidity', sources, settings: { ...settings, outputSelection } })
  const output: Output = JSON.parse(solc.compile(input, { import: (path) => readImport(root, path) }))

  const messages = output.errors ?? []
  for (const { severity, formattedMessage, sourceLocation } of messages) {
    // Warnings about a package's sources are for those who keep it.
    const isOurs = sourceLocation === undefined || sourceLocation.file in sources
    if (severity === 'error' || (severity === 'warning' && isOurs)) console.error(formattedMessage.trimEnd())
  }
  if (messages.some(({ severity }) => severity === 'error')) throw new Error('solc refused the contracts, see above')

  const byName = new Map<string, { path: string; compiled: Compiled }>()
  for (const [path, contracts] of Object.entries(output.contracts ?? {}))
    for (const [name, compiled] of Object.entries(contracts)) {
      const other = byName.get(name)
      if (other) throw new Error(`two contracts are named ${name}: one in ${other.path}, one in ${path}`)
      byName.set(name, { path, compiled })
    }
  return Object.fromEntries(
    [...byName.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { compiled }]) => [
        name,
        {
          abi: compiled.abi,
          bytecode: `0x${compiled.evm.bytecode.object}`,
          deployedBytecode: `0x${compiled.evm.deployedBytecode.object}`,
        },
      ]),
  )
}

/** A source that is imported but lies outside contracts/: a package's. */
function readImport(root: string, path: string) {
  const file = join(root, 'node_modules', path)
  return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: `no such file: ${path}` }
}
