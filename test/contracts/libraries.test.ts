import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import { floatBits } from '../../runtime/model/types.ts'
import { type Contract, compile, contracts, createTestChain, type TestChain, testHost } from '../precompiles/chain.ts'
import { randomBytes } from '../precompiles/models.ts'
import { multiplierOf } from './multiplier.ts'

let chain: TestChain
let harness: Hex
let contract: Contract

const call = async (functionName: string, ...args: unknown[]) => {
  const data = encodeFunctionData({ abi: contract.abi as Abi, functionName, args })
  const { output, error } = await chain.call(harness, data)
  assert.equal(error, undefined)
  return decodeFunctionResult({ abi: contract.abi as Abi, functionName, data: bytesToHex(output) })
}

before(async () => {
  chain = await createTestChain({ host: testHost() })
  contract = compile('test/contracts/contracts/TensorHarness.sol').TensorHarness!
  harness = await chain.deploy(contract)
})

describe('Tensor.multiplier', () => {
  // Both sides of powers of two, where the exponent changes, and values that round up to 2^31.
  const factors: [bigint, bigint][] = [
    [1n, 1n],
    [1n, 2n],
    [1n, 3n],
    [2n, 3n],
    [255n, 256n],
    [256n, 255n],
    [2n ** 27n, 100n],
    [1n, 2n ** 16n * 7n],
    [2n ** 32n - 1n, 2n ** 32n],
    [2n ** 33n - 1n, 2n ** 33n],
    [123456789n, 987654321n],
    [2n ** 29n, 1n],
    [1n, 2n ** 31n],
    [1n, 2n ** 33n],
  ]
  for (const [numerator, denominator] of factors)
    test(`${numerator}/${denominator}`, async () =>
      assert.deepEqual(await call('multiplier', numerator, denominator), multiplierOf(numerator, denominator)))

  test('refuses factors that are not positive or too large', async () => {
    for (const [numerator, denominator] of [
      [0n, 1n],
      [1n, 0n],
      [2n ** 30n, 1n],
      [2n ** 192n, 1n],
    ]) {
      const data = encodeFunctionData({ abi: contract.abi as Abi, functionName: 'multiplier', args: [numerator, denominator] })
      assert.equal((await chain.call(harness, data)).revert?.name, 'FactorOutOfRange')
    }
  })
})

test('argmax takes the first of the largest', async () => {
  assert.equal(await call('argmax', '0x80ff7f037f'), 2n)
  assert.equal(await call('argmax', '0x80'), 0n)
})

test('slices, shapes and int32 numbers', async () => {
  assert.equal(await call('slice', '0x0102030405', 1n, 3n), '0x020304')
  assert.equal(await call('slice', '0x0102030405', 5n, 0n), '0x')
  assert.equal(await call('packInt32', [1, -2, 2 ** 31 - 1]), '0x01000000feffffffffffff7f')
  assert.equal(await call('int32At', '0x01000000feffffffffffff7f', 1n), -2)
  assert.equal(await call('elements', [2, 3, 4]), 24n)
  assert.equal(await call('index', [2, 3, 4], [1, 2, 3]), 23n)
})

test('dequantize gives 18 decimals of a float32 scale', async () => {
  for (const [q, scale, zeroPoint] of [
    [100, 0.5, -28],
    [-128, 0.00390625, -128],
    [7, 3, 0],
    [-1, 2 ** 30, 4],
  ] as const)
    assert.equal(
      await call('dequantize', q, floatBits(scale), zeroPoint),
      (BigInt(scale * 2 ** 30) * BigInt(q - zeroPoint) * 10n ** 18n) / 2n ** 30n,
    )
})

test('a contract multiplies matrices through ITensor', async () => {
  assert.deepEqual(await call('product', '0x01020304fb06', '0x010000ff0201'), [1, 6, 4, -8])
})

test('a contract applies a function to data in the code of another', async () => {
  const [chunk] = await chain.upload(Uint8Array.of(1, 255, 3, 128, 5))
  assert.equal(await call('reluOf', [chunk], 1n, 3n), '0x000300')
})

test('the plain Solidity product gives the products of int8', async () => {
  const bench = contracts.SolidityMatmul!
  const address = await chain.deploy(bench)
  const [rows, depth, columns] = [3, 7, 5]
  const a = randomBytes(rows * depth, 1)
  const b = randomBytes(columns * depth, 2)
  const data = encodeFunctionData({
    abi: bench.abi,
    functionName: 'matmul',
    args: [bytesToHex(a), bytesToHex(b), BigInt(rows), BigInt(depth), BigInt(columns)],
  })
  const { output } = await chain.call(address, data)
  const signed = (byte: number) => (byte << 24) >> 24
  const expected = Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns]
    let sum = 0
    for (let d = 0; d < depth; d++) sum += signed(a[row * depth + d]!) * signed(b[column * depth + d]!)
    return BigInt(sum)
  })
  assert.deepEqual(decodeFunctionResult({ abi: bench.abi, functionName: 'matmul', data: bytesToHex(output) }), expected)
  const wrong = encodeFunctionData({ abi: bench.abi, functionName: 'matmul', args: ['0x00', '0x', 2n, 2n, 0n] })
  assert.deepEqual((await chain.call(address, wrong)).revert, { name: 'WrongLength', args: [1n, 4n] })
})
