/** Compiles contracts/Notes.sol at test time, with the solc of the main package. */
import { readFileSync } from 'node:fs'
import solc from 'solc'

export interface CompiledContract {
  readonly abi: readonly Record<string, unknown>[]
  readonly bytecode: `0x${string}`
}

export function compileNotes(): CompiledContract {
  const content = readFileSync(new URL('./contracts/Notes.sol', import.meta.url), 'utf8')
  const input = {
    language: 'Solidity',
    sources: { 'Notes.sol': { content } },
    settings: { optimizer: { enabled: true }, outputSelection: { '*': { Notes: ['abi', 'evm.bytecode.object'] } } },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input)))
  const failures = (output.errors ?? []).filter((error: { severity: string }) => error.severity === 'error')
  if (failures.length > 0) throw new Error(failures.map((error: { formattedMessage: string }) => error.formattedMessage).join('\n'))
  const { abi, evm } = output.contracts['Notes.sol'].Notes
  return { abi, bytecode: `0x${evm.bytecode.object}` }
}
