/** The contracts that a chain has from its genesis on, as `npm run build` has compiled them. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NodeError } from './errors.ts'

type Hex = `0x${string}`
type Artifacts = Record<string, { deployedBytecode: Hex }>

/**
 * Runtime bytecode of the genesis contracts, from build/contracts.json of the package.
 * @throws NodeError NODE_FAULT when they are not built.
 */
export function loadGenesisContracts(): { ModelRegistry: Hex; GasSchedule: Hex } {
  const path = findArtifacts()
  const artifacts = JSON.parse(readFileSync(path, 'utf8')) as Artifacts
  const codeOf = (name: string): Hex => {
    const code = artifacts[name]?.deployedBytecode
    if (code === undefined) throw new NodeError('NODE_FAULT', `${path} has no contract ${name}: build the contracts first (npm run build)`)
    return code
  }
  return { ModelRegistry: codeOf('ModelRegistry'), GasSchedule: codeOf('GasSchedule') }
}

function findArtifacts(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'build', 'contracts.json')
    if (existsSync(path)) return path
    if (existsSync(join(folder, 'package.json')) || folder === dirname(folder))
      throw new NodeError('NODE_FAULT', `no build/contracts.json in ${folder}: build the contracts first (npm run build)`)
  }
}
