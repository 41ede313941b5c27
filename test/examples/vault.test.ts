/** The vault of examples/vault on a node: the device's signature, the autoencoder's verdict, and what each lets happen. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import {
  type BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  parseEther,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { waitForTransactionReceipt } from 'viem/actions'
import { loadContract } from '../../node/contracts.ts'
import { account, type ClientNode, startClientNode } from '../client/support.ts'

const folder = new URL('../../examples/vault/', import.meta.url)
const { abi, bytecode } = loadContract('SensorVault')
/** Between the usual and the wrong: see the example's page. */
const limit = 65_000_000_000_000_000n
/** readings.csv: normal windows first, then four of each kind of trouble; thousandths. */
const windows = readFileSync(new URL('readings.csv', folder), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(',').map((value) => Math.round(Number(value) * 1000)))
const [normal, troubles] = [windows.slice(0, 8), windows.slice(8)]
const device = privateKeyToAccount(generatePrivateKey())

let node: ClientNode
let vault: Hex
let now: bigint
const clients = () => {
  const transport = http(node.url)
  return {
    reader: createPublicClient({ transport }),
    writer: createWalletClient({ account, transport }),
    tester: createTestClient({ mode: 'anvil', transport }),
  }
}
before(async () => {
  node = await startClientNode()
  const { id } = await node.client.deployModel({ artifact: new Uint8Array(readFileSync(new URL('vault.infer', folder))) })
  const { reader, writer } = clients()
  const hash = await writer.deployContract({ abi, bytecode, args: [id, device.address, limit], chain: null })
  vault = (await waitForTransactionReceipt(reader, { hash })).contractAddress!
  now = (await reader.getBlock()).timestamp
})
after(() => node?.node.close())

interface Window {
  number: bigint
  takenAt: bigint
  readings: readonly number[]
}

const signed = (window: Window, by = device, address = vault) =>
  by.signTypedData({
    domain: { name: 'SensorVault', version: '1', chainId: 31337, verifyingContract: address },
    types: {
      Window: [
        { name: 'number', type: 'uint64' },
        { name: 'takenAt', type: 'uint64' },
        { name: 'readings', type: 'int32[]' },
      ],
    },
    primaryType: 'Window',
    message: window,
  })
const read = (functionName: string, args: readonly unknown[] = []) =>
  clients().reader.readContract({ address: vault, abi, functionName, args })
const write = async (functionName: string, args: readonly unknown[] = [], value = 0n) => {
  const { reader, writer } = clients()
  const { request } = await reader.simulateContract({ account, address: vault, abi, functionName, args, value })
  return waitForTransactionReceipt(reader, { hash: await writer.writeContract(request as never) })
}
const refusal = async (functionName: string, args: readonly unknown[] = []): Promise<string | undefined> => {
  try {
    await write(functionName, args)
  } catch (error) {
    const cause = (error as BaseError).walk((inner) => inner instanceof ContractFunctionRevertedError) as ContractFunctionRevertedError
    return cause.data?.errorName
  }
  return undefined
}

test('the autoencoder tells normal windows from troubled ones', async () => {
  for (const readings of normal) assert.ok(((await read('deviationOf', [readings])) as bigint) < limit)
  assert.equal(troubles.length, 16)
  for (const readings of troubles) assert.ok(((await read('deviationOf', [readings])) as bigint) > limit)
})

describe('reports', () => {
  test('of the device are taken once, whoever brings them', async () => {
    const window = { number: 1n, takenAt: now, readings: normal[0]! }
    await write('report', [window, await signed(window)])
    assert.deepEqual([await read('lastNumber'), await read('isClosed')], [1n, false])
    assert.equal(await refusal('report', [window, await signed(window)]), 'Replayed')
    const earlier = { ...window, number: 0n }
    assert.equal(await refusal('report', [earlier, await signed(earlier)]), 'Replayed')
  })

  test('of others, of another vault, or changed on the way are refused', async () => {
    const window = { number: 2n, takenAt: now, readings: normal[1]! }
    const stranger = privateKeyToAccount(generatePrivateKey())
    assert.equal(await refusal('report', [window, await signed(window, stranger)]), 'NotTheDevice')
    assert.equal(await refusal('report', [window, await signed(window, device, stranger.address)]), 'NotTheDevice')
    const poisoned = { ...window, readings: normal[2]! }
    assert.equal(await refusal('report', [poisoned, await signed(window)]), 'NotTheDevice')
    assert.equal(await refusal('report', [window, '0x1234']), 'ECDSAInvalidSignatureLength')
  })

  test('that are stale, from the future or of another length are refused', async () => {
    for (const takenAt of [now - 4000n, now + 4000n]) {
      const window = { number: 2n, takenAt, readings: normal[1]! }
      assert.equal(await refusal('report', [window, await signed(window)]), 'Stale')
    }
    const short = { number: 2n, takenAt: now, readings: normal[1]!.slice(1) }
    assert.equal(await refusal('report', [short, await signed(short)]), 'WrongLength')
  })
})

test('an alarm closes the vault until its owner opens it; so does silence', async () => {
  const { tester } = clients()
  await write('deposit', [], parseEther('2'))
  await write('withdraw', [parseEther('1')])
  assert.equal(await refusal('withdraw', [parseEther('2')]), 'TooMuch')
  const window = { number: 3n, takenAt: now, readings: troubles[0]! }
  const { logs } = await write('report', [window, await signed(window)])
  assert.equal(logs.length, 2)
  assert.equal(await refusal('withdraw', [1n]), 'Closed')
  await write('open')
  await write('withdraw', [parseEther('0.5')])
  await tester.increaseTime({ seconds: 4000 })
  await tester.mine({ blocks: 1 })
  assert.equal(await refusal('withdraw', [1n]), 'Closed')
  assert.equal(await read('balanceOf', [account.address]), parseEther('0.5'))
})
