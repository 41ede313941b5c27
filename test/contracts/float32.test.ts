import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import { bitsFloat, floatBits } from '../../runtime/model/types.ts'
import { type Contract, compile, createTestChain, type TestChain, testHost } from '../precompiles/chain.ts'

let chain: TestChain
let harness: Hex
let contract: Contract

before(async () => {
  chain = await createTestChain({ host: testHost() })
  contract = compile('test/contracts/contracts/Float32Harness.sol').Float32Harness!
  harness = await chain.deploy(contract)
})

async function call(functionName: string, ...args: unknown[]): Promise<unknown> {
  const data = encodeFunctionData({ abi: contract.abi as Abi, functionName, args })
  const { output, error } = await chain.call(harness, data)
  assert.equal(error, undefined)
  return decodeFunctionResult({ abi: contract.abi as Abi, functionName, data: bytesToHex(output) })
}

/** A finite float32 in units of 2^-149. */
const units = (bits: number): bigint => {
  const field = (bits >>> 23) & 255
  return BigInt((bits & 0x7fffff) | (field === 0 ? 0 : 0x800000)) << BigInt(Math.max(field, 1) - 1)
}

/** The bits of the float32 nearest to n / d, by trying: of two equally near ones the even. */
function nearest(n: bigint, d: bigint): number {
  const exact = n << 149n
  let [low, high] = [0, 0x7f800000]
  // The greatest float32 that is not above n / d.
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (units(middle) * d <= exact) low = middle
    else high = middle
  }
  const [below, above] = [exact - units(low) * d, units(high) * d - exact]
  return below < above || (below === above && low % 2 === 0) ? low : high
}

test('a fraction becomes the nearest float32, ties to even', async () => {
  const size = fc.integer({ min: 1, max: 224 })
  const number = size.chain((bits) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }))
  await fc.assert(
    fc.asyncProperty(number, number, fc.boolean(), async (n, d, isNegative) => {
      if (d === 0n) return
      const bits = nearest(n, d)
      const wanted = isNegative && n !== 0n ? (bits | 0x80000000) >>> 0 : bits
      assert.equal(await call('fromRatio', isNegative ? -n : n, d), wanted)
    }),
    { numRuns: 300 },
  )
})

test('ties, the ends of the range and numbers below the normal ones', async () => {
  const one = 1n << 24n
  for (const [n, d] of [
    [one + 1n, 1n],
    [one + 3n, 1n],
    [(one + 1n) * 2n + 1n, 2n],
    [(1n << 128n) - (1n << 103n), 1n],
    [(1n << 128n) - (1n << 103n) - 1n, 1n],
    [1n, 1n << 126n],
    [1n, 1n << 149n],
    [3n, 1n << 150n],
    [1n, 1n << 150n],
    [(1n << 23n) - 1n, 1n << 149n],
    [(1n << 24n) - 1n, 1n << 150n],
    [1n, (1n << 230n) - 1n],
  ] as const)
    assert.equal(await call('fromRatio', n, d), nearest(n, d), `${n}/${d}`)
})

test('everyday numbers are those of every other program', async () => {
  for (const [n, d] of [
    [1n, 10n],
    [-7n, 3n],
    [10n ** 18n + 1n, 10n ** 18n],
    [123456789n, 1000n],
  ] as const)
    assert.equal(await call('fromRatio', n, d), floatBits(Number(n) / Number(d)))
  assert.equal(bitsFloat((await call('fromInt', -(2n ** 255n))) as number), Number.NEGATIVE_INFINITY)
  assert.equal(bitsFloat((await call('fromInt', -42n)) as number), -42)
  assert.equal(await call('pack', [0x3f800000, 0x7fc00000]), '0x0000803f0000c07f')
})

test('a denominator of 0 or of 230 bits is refused', async () => {
  for (const denominator of [0n, 1n << 230n]) {
    const data = encodeFunctionData({ abi: contract.abi as Abi, functionName: 'fromRatio', args: [1n, denominator] })
    assert.equal((await chain.call(harness, data)).revert?.name, 'DenominatorOutOfRange')
  }
})
