import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
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

const refusal = async (functionName: string, ...args: unknown[]) =>
  (await chain.call(harness, encodeFunctionData({ abi: contract.abi as Abi, functionName, args }))).revert

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

/** Exact: 18 decimals of a fraction of bigints. */
const rationalOf = (scale: number) => {
  const exponent = 149
  return { numerator: BigInt(scale * 2 ** 60) * 2n ** BigInt(exponent - 60), denominator: 2n ** BigInt(exponent) }
}

describe('quantize', () => {
  test('gives the nearest int8, half away from zero, within its range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }),
        fc.float({ min: Math.fround(2 ** -20), max: 2 ** 10, noNaN: true }),
        fc.integer({ min: -128, max: 127 }),
        async (real, scale, zeroPoint) => {
          const { numerator, denominator } = rationalOf(scale)
          const [top, bottom] = [(real < 0n ? -real : real) * denominator, numerator * 10n ** 18n]
          const steps = (2n * top + bottom) / (2n * bottom)
          const q = (real < 0n ? -steps : steps) + BigInt(zeroPoint)
          const wanted = q < -128n ? -128 : q > 127n ? 127 : Number(q)
          assert.equal(await call('quantize', real, floatBits(scale), zeroPoint), wanted)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('takes every number, and refuses what is no scale', async () => {
    const [least, most] = [-(2n ** 255n), 2n ** 255n - 1n]
    for (const scale of [2 ** -149, 2 ** -126, 1, 2 ** 126]) {
      for (const zeroPoint of [-128, 0, 127]) {
        assert.equal(await call('quantize', least, floatBits(scale), zeroPoint), -128)
        assert.equal(await call('quantize', most, floatBits(scale), zeroPoint), 127)
        assert.equal(await call('quantize', 0n, floatBits(scale), zeroPoint), zeroPoint)
      }
      assert.equal(await call('quantize', most, floatBits(scale), -(2 ** 31)), 127)
    }
    assert.equal(await call('quantize', most, floatBits(2 ** 60), 0), 127)
    for (const bits of [0, 0x7f800000, 0x7fc00000, 0x80000001, floatBits(-1)])
      assert.deepEqual(await refusal('quantize', 1n, bits, 0), { name: 'ScaleOutOfRange', args: [bits] })
  })

  test('turns rows, pictures and back', async () => {
    const half = floatBits(0.5)
    assert.equal(await call('quantizeAll', [10n ** 18n, -(10n ** 18n), 5n * 10n ** 17n], half, 1), '0x03ff02')
    assert.deepEqual(await call('dequantizeAll', '0x03ff02', half, 1), [10n ** 18n, -(10n ** 18n), 5n * 10n ** 17n])
    const pixels = Uint8Array.from({ length: 256 }, (_, index) => index)
    const centered = bytesToHex(pixels.map((pixel) => pixel ^ 0x80))
    assert.equal(await call('quantizePixels', bytesToHex(pixels), floatBits(Math.fround(1 / 255)), -128), centered)
    for (const length of [0, 1, 31, 32, 33, 64, 100, 256])
      assert.equal(await call('centerPixels', bytesToHex(pixels.subarray(0, length))), centered.slice(0, 2 + 2 * length))
  })
})

test('top gives the largest, in order, the first of equal ones first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 20 }), fc.nat(20), async (values, count) => {
      const tensor = bytesToHex(Uint8Array.from(values, (value) => value & 0xff))
      if (count > values.length) assert.deepEqual((await refusal('top', tensor, BigInt(count)))?.name, 'OutOfRange')
      else {
        const order = values.map((_, index) => index).sort((a, b) => values[b]! - values[a]! || a - b)
        assert.deepEqual(await call('top', tensor, BigInt(count)), order.slice(0, count).map(BigInt))
      }
    }),
    { numRuns: 40 },
  )
})

test('box cuts a box out of a tensor of any rank', async () => {
  const axis = fc.integer({ min: 1, max: 4 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size)))
  await fc.assert(
    fc.asyncProperty(fc.array(axis, { maxLength: 4 }), fc.constantFrom(1, 2, 4), async (axes, elementBytes) => {
      const shape = axes.map(([size]) => size)
      const begin = axes.map(([, first]) => first)
      const size = axes.map(([whole, first, wanted]) => Math.min(wanted, whole - first))
      const count = shape.reduce((a, b) => a * b, 1)
      const tensor = randomBytes(count * elementBytes, count)
      const positions = size.reduce<number[][]>((rows, n) => rows.flatMap((row) => Array.from({ length: n }, (_, i) => [...row, i])), [[]])
      const bytes = positions.flatMap((position) => {
        const index = position.reduce((offset, i, d) => offset * shape[d]! + begin[d]! + i, 0)
        return [...tensor.subarray(index * elementBytes, (index + 1) * elementBytes)]
      })
      assert.equal(await call('box', bytesToHex(tensor), BigInt(elementBytes), shape, begin, size), bytesToHex(Uint8Array.from(bytes)))
    }),
    { numRuns: 60 },
  )
  assert.equal((await refusal('box', '0x0102', 1n, [2], [1], [2]))?.name, 'OutOfRange')
  for (const [tensor, begin, size] of [
    ['0x010203', [0], [1]],
    ['0x0102', [0, 0], [1]],
    ['0x0102', [0], [1, 1]],
  ] as const)
    assert.equal((await refusal('box', tensor, 1n, [2], begin, size))?.name, 'LengthMismatch')
  assert.equal((await refusal('index', [2, 3], [1]))?.name, 'LengthMismatch')
})

test('joins tensors and reads their numbers', async () => {
  assert.equal(await call('join', ['0x0102', '0x', '0x03']), '0x010203')
  assert.equal(await call('join', []), '0x')
  assert.equal(await call('uint8At', '0x80ff', 1n), 255)
  assert.equal(await call('int16At', '0x0100feff', 1n), -2)
  assert.equal((await refusal('int16At', '0x010203', 1n))?.name, 'OutOfRange')
  assert.equal((await refusal('int32At', '0x01020304', 1n))?.name, 'OutOfRange')
  assert.equal(await call('packInt8', [1, -1, -128]), '0x01ff80')
})

test('cosine is that of the angle, to 18 decimals', async () => {
  const signed = (bytes: Uint8Array) => [...bytes].map((byte) => BigInt((byte << 24) >> 24))
  const dot = (a: bigint[], b: bigint[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0n)
  for (const [length, seed] of [
    [1, 1],
    [2, 2],
    [127, 3],
    [512, 5],
  ] as const) {
    const [a, b] = [randomBytes(length, seed), randomBytes(length, seed + 1)]
    const [x, y] = [signed(a), signed(b)]
    const product = dot(x, y)
    const got = (await call('cosine', bytesToHex(a), bytesToHex(b))) as bigint
    // |got| ≤ |cosine| < |got| + 10^-18, squared.
    const squared = (value: bigint) => value * value * dot(x, x) * dot(y, y)
    const size = got < 0n ? -got : got
    assert.ok(squared(size) <= product * product * 10n ** 36n && squared(size + 2n) > product * product * 10n ** 36n)
    assert.equal(got < 0n, product < 0n && got !== 0n)
    assert.equal(await call('cosine', bytesToHex(a), bytesToHex(a)), 10n ** 18n)
  }
  assert.equal(await call('cosine', '0x7f7f', '0x8181'), -(10n ** 18n))
  assert.equal((await refusal('cosine', '0x01', '0x00'))?.name, 'ZeroVector')
  assert.equal((await refusal('cosine', '0x01', '0x0101'))?.name, 'LengthMismatch')
  assert.equal((await refusal('cosine', '0x', '0x'))?.name, 'EmptyTensor')
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
