/** Whatever the calldata, a call ends in one of the three outcomes, the same on a fresh host and on a used one, within its gas. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hexToBytes } from 'viem'
import {
  addresses,
  type CallState,
  callPrecompile,
  defaultLimits,
  genesisPrices,
  type Outcome,
  precompiles,
  precompileTable,
  priceVector,
} from '../../precompiles/index.ts'
import { packWords } from '../../precompiles/storage.ts'
import type { Host } from '../../runtime/index.ts'
import { mutate } from '../suites/mutate.ts'
import { encodeTensor, tensorCases } from '../suites/tensor-cases.ts'
import { testHost } from './chain.ts'

const tensor = precompileTable(precompiles).get(addresses.tensor)!
const priceWords = packWords(priceVector(genesisPrices), 32)
const gasLimit = 30_000_000n
const rounds = 60

/** Prices and nothing else. */
const state: CallState = {
  getStorage: async (_address, slot) => priceWords[slot[31]!] ?? new Uint8Array(32),
  putStorage: async () => {
    throw new Error('a tensor operator wrote to storage')
  },
  getCode: async () => new Uint8Array(),
  getTransient: () => new Uint8Array(32),
  putTransient: () => {
    throw new Error('a tensor operator wrote to transient storage')
  },
  accessAccount: () => 2600n,
}

function call(host: Host, data: Uint8Array): Promise<Outcome> {
  return callPrecompile(tensor, { host, limits: defaultLimits }, state, {
    data,
    gasLimit,
    caller: `0x${'11'.repeat(20)}`,
    origin: `0x${'11'.repeat(20)}`,
    timestamp: 0n,
    staticCall: async () => assert.fail('a tensor operator called a contract'),
    value: 0n,
    isStatic: true,
    isDelegate: false,
  })
}

for (const [index, { name, functionName, args }] of tensorCases.entries())
  test(`${name}: ${rounds} changed calls`, async () => {
    const used = testHost()
    const valid = hexToBytes(encodeTensor(functionName, args))
    const kinds = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      const data = mutate(valid, 1 + index * 1000 + round)
      const outcome = await call(used, data)
      kinds.add(outcome.kind)
      if (outcome.kind !== 'halt') assert.ok(outcome.gasUsed > 0n && outcome.gasUsed <= gasLimit)
      if (round % 10 === 0) assert.deepEqual(await call(testHost(), data), outcome)
    }
    assert.ok(kinds.has('revert'))
  })
