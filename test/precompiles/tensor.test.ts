/** Every function of ITensor against the plain reference, in every way it can be called. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, hexToBytes } from 'viem'
import { addresses, tensorAbi } from '../../precompiles/index.ts'
import { runBytes } from '../../runtime/reference/run.ts'
import { tensorCases as cases, encodeTensor as encode, fixed, none, operand, pool, quantization } from '../suites/tensor-cases.ts'
import { type Contract, compile, createTestChain, type TestChain, testHost } from './chain.ts'
import { randomBytes } from './models.ts'

const tensor = addresses.tensor

let chain: TestChain
let probe: Hex
let probeContract: Contract

const resultBytes = (functionName: string, output: Uint8Array) =>
  hexToBytes(decodeFunctionResult({ abi: tensorAbi as Abi, functionName, data: bytesToHex(output) }) as Hex)

before(async () => {
  chain = await createTestChain({ host: testHost() })
  probeContract = compile('test/precompiles/contracts/Probe.sol').Probe!
  probe = await chain.deploy(probeContract)
})

test('every function of the ABI has a case', () => {
  const names = tensorAbi.filter((item) => item.type === 'function').map(({ name }) => name)
  assert.deepEqual([...new Set(cases.map(({ functionName }) => functionName))].sort(), [...names].sort())
})

describe('gives the bytes of the reference, and the same result and gas in a call, a static call, a transaction and from a contract', () => {
  for (const { name, functionName, args, model: reference, input } of cases)
    test(name, async () => {
      const data = encode(functionName, args)
      const called = await chain.call(tensor, data)
      assert.equal(
        called.revert,
        undefined,
        JSON.stringify(called.revert, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      )
      assert.deepEqual(resultBytes(functionName, called.output), runBytes(reference, input))
      assert.deepEqual(await chain.call(tensor, data, { isStatic: true }), called)
      assert.equal((await chain.send(tensor, data)).gasUsed, called.gasUsed)
      for (const way of ['byCall', 'byStaticCall']) {
        const outer = await chain.call(probe, encodeFunctionData({ abi: probeContract.abi, functionName: way, args: [tensor, data] }))
        const [success, output] = decodeFunctionResult({ abi: probeContract.abi, functionName: way, data: bytesToHex(outer.output) }) as [
          boolean,
          Hex,
        ]
        assert.equal(success, true)
        assert.deepEqual(hexToBytes(output), called.output)
      }
      const exact = await chain.call(tensor, data, { gasLimit: called.gasUsed })
      assert.deepEqual(exact.output, called.output)
      assert.equal((await chain.call(tensor, data, { gasLimit: called.gasUsed - 1n })).error, 'out of gas')
    })
})

describe('references', () => {
  const b = randomBytes(7 * 9, 2)
  const a = randomBytes(5 * 9, 1)
  const inline = encode('matmul', [operand(a), operand(b), none, 5, 9, 7, quantization({})])

  test('an operand in the code of contracts gives the same bytes', async () => {
    const stored = Uint8Array.from([...randomBytes(10, 99), ...b, 1, 2, 3])
    // Two contracts, the border inside the operand.
    const chunks = [(await chain.upload(stored.subarray(0, 20)))[0]!, (await chain.upload(stored.subarray(20)))[0]!]
    const reference = { data: '0x', chunks, offset: 10n, length: 63n }
    const data = encode('matmul', [operand(a), reference, none, 5, 9, 7, quantization({})])
    const { output, gasUsed } = await chain.call(tensor, data)
    const expected = await chain.call(tensor, inline)
    assert.deepEqual(output, expected.output)
    // Two cold accounts.
    assert.ok(gasUsed > expected.gasUsed + 2n * 2600n - 200n)
  })

  test('a second access is warm, and the access costs what the EVM takes', async () => {
    const [chunk] = (await chain.upload(b)) as [Hex]
    const data = encode('matmul', [operand(a), { data: '0x', chunks: [chunk], offset: 0n, length: 63n }, none, 5, 9, 7, quantization({})])
    const { output } = await chain.send(probe, encodeFunctionData({ abi: probeContract.abi, functionName: 'twice', args: [tensor, data] }))
    const [first, second] = decodeFunctionResult({ abi: probeContract.abi, functionName: 'twice', data: bytesToHex(output) }) as [
      bigint,
      bigint,
    ]
    assert.equal(first - second, 2500n)
  })

  test('accounts that hold no data, ranges outside and operands given twice are refused by name', async () => {
    const [chunk] = (await chain.upload(b)) as [Hex]
    const refused = async (b2: unknown) =>
      (await chain.call(tensor, encode('matmul', [operand(a), b2, none, 5, 9, 7, quantization({})]))).revert
    assert.equal((await refused({ data: '0x', chunks: [probe], offset: 0n, length: 63n }))?.name, 'NotData')
    assert.equal((await refused({ data: '0x', chunks: [`0x${'12'.repeat(20)}`], offset: 0n, length: 63n }))?.name, 'NotData')
    assert.deepEqual(await refused({ data: '0x', chunks: [chunk], offset: 1n, length: 63n }), {
      name: 'RangeOutside',
      args: [1n, 63n, 63n],
    })
    assert.deepEqual(await refused({ data: '0x', chunks: [chunk], offset: 2n ** 256n - 1n, length: 63n }), {
      name: 'RangeOutside',
      args: [2n ** 256n - 1n, 63n, 63n],
    })
    assert.deepEqual(await refused({ data: '0x', chunks: [chunk], offset: 0n, length: 62n }), {
      name: 'WrongOperandLength',
      args: [1n, 62n, 63n],
    })
    assert.deepEqual(await refused({ data: bytesToHex(b), chunks: [chunk], offset: 0n, length: 63n }), {
      name: 'AmbiguousOperand',
      args: [1n],
    })
    assert.deepEqual(await refused({ data: bytesToHex(b), chunks: [], offset: 0n, length: 63n }), { name: 'AmbiguousOperand', args: [1n] })
  })
})

describe('bad operands', () => {
  test('a length that the shape does not have is named', async () => {
    const { revert } = await chain.call(tensor, encode('matmul', [operand(new Uint8Array(44)), none, none, 5, 9, 7, quantization({})]))
    assert.deepEqual(revert, { name: 'WrongOperandLength', args: [0n, 44n, 45n] })
  })

  test('sizes past the cap are refused before anything is allocated', async () => {
    const data = encode('matmul', [none, none, none, 2 ** 31, 2 ** 31, 2 ** 31, quantization({})])
    const { revert, gasUsed } = await chain.call(tensor, data)
    assert.equal(revert?.name, 'TooLarge')
    assert.ok(gasUsed < 10_000n)
  })

  test('windows, strides and roundings that cannot be are refused by the code of the module', async () => {
    const x = operand(new Uint8Array(75))
    const codeOf = async (shape: number[], change: object) =>
      (await chain.call(tensor, encode('maxPool', [x, shape, { ...pool, ...change }]))).revert?.args[0]
    assert.equal(await codeOf([1, 5, 5, 3], { strideH: 0 }), 'attribute')
    assert.equal(typeof (await codeOf([1, 5, 5, 3], { kernelH: 0 })), 'string')
    assert.equal(typeof (await codeOf([1, 5, 5, 3], { kernelH: 2 ** 32 - 1 })), 'string')
    const rounding = encode('matmul', [
      operand(new Uint8Array(1)),
      operand(new Uint8Array(1)),
      none,
      1,
      1,
      1,
      { ...quantization({}), rounding: 3 },
    ])
    assert.equal((await chain.call(tensor, rounding)).revert?.args[0], 'rounding')
    const multiplier = encode('sigmoid', [operand(new Uint8Array(4)), 0, { value: 5, shift: 0 }])
    assert.equal((await chain.call(tensor, multiplier)).revert?.args[0], 'multiplier')
  })

  test('no operand is empty', async () => {
    for (const functionName of ['reluQ16', 'sigmoidQ16', 'geluQ16'])
      assert.equal((await chain.call(tensor, encode(functionName, [none]))).revert?.name, 'InvalidModel')
    assert.equal((await chain.call(tensor, encode('softmaxQ16', [operand(fixed), 0]))).revert?.name, 'WrongOperandLength')
    assert.equal((await chain.call(tensor, encode('reluQ16', [operand(new Uint8Array(7))]))).revert?.name, 'WrongOperandLength')
  })
})
