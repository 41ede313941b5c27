/** TensorReference against the precompile: the same bytes and the same reverts for whatever calldata. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, hexToBytes } from 'viem'
import { parseRecording } from '../../node/client/recording.ts'
import { addresses } from '../../precompiles/index.ts'
import { compile, contracts, createTestChain, type Outcome, type TestChain, testHost } from '../precompiles/chain.ts'
import { randomBytes } from '../precompiles/models.ts'
import { mutate } from '../suites/mutate.ts'
import { anyCall } from '../suites/tensor-calls.ts'
import { encodeTensor, operand, tensorCases } from '../suites/tensor-cases.ts'

/** What fits into both, in a time that a test may take: random calls are small, a changed one can ask for anything. */
const gasLimit = 200_000_000n
const runs = Number(process.env.INFERNODE_TEST_CALLS ?? 12)
const changes = 4

let chain: TestChain
let reference: Hex

before(async () => {
  chain = await createTestChain({ host: testHost() })
  reference = await chain.deploy(contracts.TensorReference!)
})

/** Without gas, which is each one's own. */
const told = ({ output, error, revert }: Outcome) => ({ output: bytesToHex(output), error, revert })

/** Compares both; false where one of them ran out of gas. */
async function isSame(data: Hex, options: Parameters<TestChain['call']>[2] = {}): Promise<boolean> {
  const [wanted, got] = [
    await chain.call(addresses.tensor, data, { gasLimit, ...options }),
    await chain.call(reference, data, { gasLimit, ...options }),
  ]
  if (wanted.error === 'out of gas' || got.error === 'out of gas' || got.error === 'invalid opcode') return false
  assert.deepEqual(told(got), told(wanted))
  return true
}

describe('gives the bytes of the precompile', () => {
  for (const { name, functionName, args } of tensorCases)
    test(name, async () => assert.equal(await isSame(encodeTensor(functionName, args)), true))
})

for (const functionName of new Set(tensorCases.map((one) => one.functionName)))
  test(`${functionName}: ${runs} random calls`, async () => {
    let returned = 0
    await fc.assert(
      fc.asyncProperty(anyCall(functionName), async (args) => {
        const data = encodeTensor(functionName, args)
        assert.equal(await isSame(data), true)
        if ((await chain.call(addresses.tensor, data)).error === undefined) returned++
      }),
      { numRuns: runs },
    )
    assert.ok(returned >= runs / 4, `${returned} of ${runs} calls were valid`)
  })

for (const [index, { name, functionName, args }] of tensorCases.entries())
  test(`${name}: changed calldata`, async () => {
    const valid = hexToBytes(encodeTensor(functionName, args))
    let compared = 0
    for (let round = 0; round < changes; round++) if (await isSame(bytesToHex(mutate(valid, 1 + index * 1000 + round)))) compared++
    assert.ok(compared >= changes / 2, `${compared} of ${changes}`)
  })

describe('what is no call of a function', () => {
  const relu = encodeTensor('relu', [operand(Uint8Array.of(1, 255)), 0])
  const calls: [name: string, data: Hex, options?: Parameters<TestChain['call']>[2]][] = [
    ['no calldata', '0x'],
    ['three bytes', relu.slice(0, 8) as Hex],
    ['an unknown selector', '0x01020304'],
    ['a selector alone', relu.slice(0, 10) as Hex],
    ['value', relu, { value: 5n }],
    ['value and an unknown selector', '0x01020304', { value: 5n }],
    ['bytes behind the arguments', `${relu}ff`],
  ]
  for (const [name, data, options] of calls) test(name, async () => assert.equal(await isSame(data, options), true))

  test('DELEGATECALL and CALLCODE', async () => {
    const probe = compile('test/precompiles/contracts/Probe.sol').Probe!
    const address = await chain.deploy(probe)
    for (const functionName of ['byDelegateCall', 'byCallCode']) {
      const answers: unknown[] = []
      for (const target of [addresses.tensor, reference]) {
        const { output } = await chain.call(address, encodeFunctionData({ abi: probe.abi, functionName, args: [target, relu] }))
        answers.push(decodeFunctionResult({ abi: probe.abi, functionName, data: bytesToHex(output) }))
      }
      assert.deepEqual(answers[1], answers[0])
    }
  })
})

test('data in the code of contracts: the bytes, and each refusal', async () => {
  const [chunk] = await chain.upload(randomBytes(20, 1))
  const [other] = await chain.upload(randomBytes(30, 2))
  const empty = `0x${'12'.repeat(20)}` as Hex
  const ranges: [chunks: Hex[], offset: bigint, length: bigint][] = [
    [[chunk!, other!], 10n, 25n],
    [[chunk!, other!], 0n, 50n],
    [[chunk!, other!], 20n, 30n],
    [[chunk!, other!], 25n, 5n],
    [[chunk!, chunk!, chunk!], 19n, 22n],
    [[chunk!, other!], 50n, 0n],
    [[chunk!, other!], 51n, 0n],
    [[chunk!, other!], 30n, 21n],
    [[chunk!], 2n ** 256n - 1n, 2n],
    [[chunk!], 0n, 2n ** 256n - 1n],
    [[chunk!, reference], 0n, 20n],
    [[empty, chunk!], 0n, 20n],
  ]
  for (const [chunks, offset, length] of ranges) {
    assert.equal(await isSame(encodeTensor('relu', [{ data: '0x', chunks, offset, length }, 0])), true)
    assert.equal(await isSame(encodeTensor('relu', [{ data: '0x01', chunks, offset, length }, 0])), true)
  }
  assert.equal(await isSame(encodeTensor('relu', [{ data: '0x01', chunks: [], offset: 1n, length: 0n }, 0])), true)
})

test('what forge replays is what the precompile answers', async () => {
  const path = join(import.meta.dirname, '../forge/tensor.recording.json')
  for (const { callData, isRevert, data } of parseRecording(readFileSync(path, 'utf8'), path)) {
    const { output, error } = await chain.call(addresses.tensor, callData)
    assert.equal(error !== undefined, isRevert)
    if (!isRevert) assert.equal(bytesToHex(output), data)
    assert.equal(await isSame(callData), true)
  }
})
