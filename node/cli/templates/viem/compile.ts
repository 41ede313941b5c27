import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import solc from 'solc'
import type { Abi, Hex } from 'viem'

const { resolve } = createRequire(import.meta.url)

export interface Compiled {
  abi: Abi
  bytecode: Hex
}

/** Compiles contracts/NAME.sol; what it imports comes from node_modules. */
export function compile(name: string): Compiled {
  const path = `contracts/${name}.sol`
  const input = {
    language: 'Solidity',
    sources: { [path]: { content: readFileSync(new URL(path, import.meta.url), 'utf8') } },
    settings: { optimizer: { enabled: true }, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }))
  const errors = (output.errors ?? []).filter(({ severity }: { severity: string }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }: { formattedMessage: string }) => formattedMessage).join('\n'))
  const { abi, evm } = output.contracts[path][name]
  return { abi, bytecode: `0x${evm.bytecode.object}` }
}

function readImport(path: string) {
  try {
    return { contents: readFileSync(resolve(path), 'utf8') }
  } catch (error) {
    return { error: String(error) }
  }
}
