import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import { addresses, genesisPrices, priceVector } from '../../precompiles/index.ts'
import { contracts, createTestChain, sender, type TestChain, testHost } from '../precompiles/chain.ts'

const { abi } = contracts.GasSchedule!
const host = testHost()
const genesis = priceVector(genesisPrices).map(Number)
const day = 86_400n
let chain: TestChain

const encode = (functionName: string, args: readonly unknown[] = []) => encodeFunctionData({ abi, functionName, args: [...args] })
const read = async (functionName: string) => {
  const { output } = await chain.call(addresses.gasSchedule, encode(functionName))
  return decodeFunctionResult({ abi, functionName, data: bytesToHex(output) })
}
const setPrices = async (prices: readonly number[], timestamp = 10n * day) =>
  (await chain.send(addresses.gasSchedule, encode('setPrices', [prices]), { timestamp })).revert
const scaled = (factor: number) => genesis.map((price) => Math.ceil(price * factor))

beforeEach(async () => {
  chain = await createTestChain({ host })
})

describe('prices', () => {
  test('are those of the genesis, with bounds from a quarter to sixteen times', async () => {
    assert.deepEqual(await read('prices'), genesis)
    assert.deepEqual(await read('bounds'), [scaled(1 / 4), scaled(16)])
    assert.equal(await read('owner').then((owner) => String(owner).toLowerCase()), sender.toString())
  })

  test('are changed by the owner alone', async () => {
    const from = `0x${'34'.repeat(20)}` as Hex
    const { revert } = await chain.call(addresses.gasSchedule, encode('setPrices', [genesis]), { from })
    assert.equal(revert?.name, 'OwnableUnauthorizedAccount')
  })

  test('move to half or double at most', async () => {
    assert.equal(await setPrices(scaled(2), 10n * day), undefined)
    assert.equal(await setPrices(genesis, 20n * day), undefined)
    const base = genesis[0]!
    for (const price of [2 * base + 1, base / 2 - 1])
      assert.deepEqual(await setPrices([price, ...genesis.slice(1)], 30n * day), { name: 'ChangeTooLarge', args: [0n, price, base] })
  })

  test('change once in a day', async () => {
    assert.equal(await setPrices(scaled(2), 10n * day), undefined)
    assert.deepEqual(await setPrices(genesis, 11n * day - 1n), { name: 'ChangeTooSoon', args: [11n * day] })
    assert.equal(await setPrices(genesis, 11n * day), undefined)
  })

  test('never leave their bounds, however often they are changed', async () => {
    for (const [index, factor] of [2, 4, 8, 16].entries())
      assert.equal(await setPrices(scaled(factor), BigInt(10 + index) * day), undefined)
    const over = [genesis[0]! * 16 + 1, ...scaled(16).slice(1)]
    assert.equal((await setPrices(over, 30n * day))?.name, 'PriceOutOfBounds')
    for (const [index, factor] of [8, 4, 2, 1, 1 / 2, 1 / 4].entries())
      assert.equal(await setPrices(scaled(factor), BigInt(40 + index) * day), undefined, `${factor}`)
    const under = [Math.ceil(genesis[0]! / 4) - 1, ...scaled(1 / 4).slice(1)]
    assert.deepEqual((await setPrices(under, 60n * day))?.args, [0n, genesis[0]! / 4 - 1, genesis[0]! / 4, genesis[0]! * 16])
  })

  test('a refused change changes nothing', async () => {
    assert.notEqual(await setPrices([...genesis.slice(0, 15), genesis[15]! * 3]), undefined)
    assert.deepEqual(await read('prices'), genesis)
    assert.equal(await read('changedAt'), 0n)
  })
})
