import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseAbi } from 'abitype'
import type { Abi, AbiParameter } from 'viem'
import { canonicalType } from '../../precompiles/abi.ts'
import { definePrecompile } from '../../precompiles/define.ts'
import { precompiles, precompileTable } from '../../precompiles/index.ts'
import { contracts } from './chain.ts'

/** Functions and errors as one sorted list of lines, names of parameters included. */
function lines(abi: Abi): string[] {
  const parameter = (item: AbiParameter): string =>
    `${canonicalType(item)} ${item.name ?? ''}${'components' in item ? `{${item.components.map(parameter).join(', ')}}` : ''}`
  return abi
    .flatMap((item) => {
      if (item.type === 'error') return [`error ${item.name}(${item.inputs.map(parameter).join(', ')})`]
      if (item.type !== 'function') return []
      return [`${item.stateMutability} ${item.name}(${item.inputs.map(parameter).join(', ')}) → ${item.outputs.map(parameter).join(', ')}`]
    })
    .sort()
}

describe('the Solidity interfaces are the ABIs of the precompiles', () => {
  for (const { name, abi } of precompiles)
    test(name, () => {
      assert.ok(contracts[name], `no interface ${name} in build/contracts.json`)
      assert.deepEqual(lines(abi), lines(contracts[name].abi))
    })
})

describe('start-up fails', () => {
  const abi = parseAbi(['function one() view returns (uint256 value)'])
  const handlers = { one: () => 1n }
  const address = '0x00000000000000000000000000000000000000aa'

  test('where two precompiles share an address', () => {
    const [a, b] = ['a', 'b'].map((name) => definePrecompile({ name, address, abi, handlers }))
    assert.throws(() => precompileTable([a!, b!]), /the precompiles a and b share the address 0x0+aa/)
  })

  test('where a function has no handler, and where a handler has no function', () => {
    assert.throws(() => definePrecompile({ name: 'a', address, abi, handlers: {} as never }), /the function one has no handler/)
    assert.throws(
      () => definePrecompile({ name: 'a', address, abi, handlers: { ...handlers, two: () => 2n } as never }),
      /the handler two is no function/,
    )
  })

  test('where an address is not lower-case hex of 20 bytes', () => {
    for (const bad of ['0xaa', '0x00000000000000000000000000000000000000AA'] as const)
      assert.throws(() => precompileTable([definePrecompile({ name: 'a', address: bad, abi, handlers })]), /wanted 20 bytes/)
  })
})
