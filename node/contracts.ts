/** The package's contracts, as `npm run build` has compiled them. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Abi } from 'viem'
import { type PredeployCode, predeploys } from '../precompiles/genesis.ts'
import { NodeError } from './errors.ts'

type Hex = `0x${string}`
export interface CompiledContract {
  abi: Abi
  /** Creation code. */
  bytecode: Hex
  /** Runtime code. */
  deployedBytecode: Hex
}

/**
 * A contract of contracts/, from build/contracts.json of the package.
 * @throws NodeError NODE_FAULT when it is not built.
 */
export function loadContract(name: string): CompiledContract {
  const path = findArtifacts()
  const contract = (JSON.parse(readFileSync(path, 'utf8')) as Record<string, CompiledContract>)[name]
  if (contract === undefined)
    throw new NodeError('NODE_FAULT', `${path} has no contract ${name}: build the contracts first (npm run build)`)
  return contract
}

/**
 * Runtime bytecode of the genesis contracts.
 * @throws NodeError NODE_FAULT when they are not built.
 */
export function loadGenesisContracts(): PredeployCode {
  const names = Object.keys(predeploys) as (keyof PredeployCode)[]
  return Object.fromEntries(names.map((name) => [name, loadContract(name).deployedBytecode])) as PredeployCode
}

function findArtifacts(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'build', 'contracts.json')
    if (existsSync(path)) return path
    if (existsSync(join(folder, 'package.json')) || folder === dirname(folder))
      throw new NodeError('NODE_FAULT', `no build/contracts.json in ${folder}: build the contracts first (npm run build)`)
  }
}
