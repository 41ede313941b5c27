import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Abi, AbiParameter } from 'viem'
import { registryAbi } from '../../node/client/abi.ts'
import { loadContract } from '../../node/contracts.ts'

/** A line for each item that says everything of it but the names of Solidity types. */
function lines(abi: Abi): string[] {
  const parameter = ({ type, name, ...rest }: AbiParameter): string => {
    const components = 'components' in rest ? `{${rest.components.map(parameter).join(', ')}}` : ''
    return `${type}${components}${'indexed' in rest && rest.indexed ? ' indexed' : ''} ${name ?? ''}`
  }
  return abi.map((item) => {
    if (!('name' in item)) return item.type
    const outputs = item.type === 'function' ? ` ${item.stateMutability} → ${item.outputs.map(({ type }) => type).join(', ')}` : ''
    return `${item.type} ${item.name}(${item.inputs.map(parameter).join(', ')})${outputs}`
  })
}

test('the registry’s ABI for clients is the compiled contract’s', () => {
  const compiled = new Set(lines(loadContract('ModelRegistry').abi))
  assert.deepEqual(
    lines(registryAbi).filter((line) => !compiled.has(line)),
    [],
  )
})

test('clients know every error and event of the registry', () => {
  const known = new Set(lines(registryAbi))
  const told = loadContract('ModelRegistry').abi.filter(({ type }) => type === 'error' || type === 'event')
  assert.deepEqual(
    lines(told).filter((line) => !known.has(line)),
    [],
  )
})
