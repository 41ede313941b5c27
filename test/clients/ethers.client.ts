import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Contract, ContractFactory, isCallException, isError, JsonRpcProvider, Wallet, WebSocketProvider } from 'ethers'
import { compileNotes } from './notes.ts'
import { type SpawnedNode, spawnNode } from './spawn.ts'

const { abi, bytecode } = compileNotes()
let node: SpawnedNode
let provider: JsonRpcProvider
before(async () => {
  node = await spawnNode()
  provider = new JsonRpcProvider(node.url, undefined, { pollingInterval: 50, cacheTimeout: -1 })
})
after(async () => {
  provider?.destroy()
  await node?.stop()
})

async function deploy(from: Wallet): Promise<Contract> {
  const contract = await new ContractFactory(abi, bytecode, from).deploy('first')
  await contract.waitForDeployment()
  return new Contract(await contract.getAddress(), abi, from)
}

test('ethers: an account without funds deploys, calls, sends and reads its logs', async () => {
  const wallet = new Wallet(Wallet.createRandom().privateKey, provider)
  assert.equal(await provider.getBalance(wallet.address), 0n)
  const notes = await deploy(wallet)
  assert.equal(await notes.getFunction('read')(0), 'first')
  const sent = await notes.getFunction('write')('second')
  const receipt = await sent.wait()
  assert.equal(receipt.status, 1)
  assert.equal(receipt.logs.length, 1)
  assert.equal(await notes.getFunction('count')(), 2n)
  const logs = await notes.queryFilter(notes.getEvent('Written'), 0, 'latest')
  assert.deepEqual(
    logs.map((log) => ('args' in log ? [log.args.author, log.args.id, log.args.text] : [])),
    [
      [wallet.address, 0n, 'first'],
      [wallet.address, 1n, 'second'],
    ],
  )
  assert.equal((await provider.getTransaction(sent.hash))?.from, wallet.address)
  assert.equal((await provider.getBlock(receipt.blockNumber, true))?.prefetchedTransactions[0]?.hash, sent.hash)
})

test('ethers: estimates gas, and decodes errors, reasons and panics', async () => {
  const notes = await deploy(new Wallet(Wallet.createRandom().privateKey, provider))
  const write = notes.getFunction('write')
  const gas = await write.estimateGas('x'.repeat(50))
  assert.equal((await (await write('x'.repeat(50), { gasLimit: gas })).wait()).status, 1)
  const thrown = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => assert.fail('should have failed'),
      (reason) => reason,
    )
    assert.ok(isCallException(error), String(error))
    return error
  }
  const custom = await thrown(write.staticCall('x'.repeat(101)))
  assert.equal(custom.revert?.name, 'TooLong')
  assert.equal((await thrown(notes.getFunction('fail')())).reason, 'as it was asked to')
  assert.match((await thrown(notes.getFunction('read')(99))).reason ?? '', /Panic/)
  // Of an estimate ethers keeps the data and leaves decoding to its caller.
  const { data } = await thrown(write.estimateGas('x'.repeat(101)))
  assert.equal(notes.interface.parseError(data ?? '0x')?.name, 'TooLong')
})

test('ethers: accounts of the node sign and send', async () => {
  const signer = await provider.getSigner(0)
  assert.equal((await provider.listAccounts()).length, 10)
  const response = await signer.sendTransaction({ to: await signer.getAddress(), value: 1n })
  assert.equal((await response.wait())?.status, 1)
  assert.match(await signer.signMessage('hello'), /^0x[0-9a-f]{130}$/)
  const typed = await signer.signTypedData({ name: 'Notes', chainId: 31337 }, { Note: [{ name: 'text', type: 'string' }] }, { text: 'x' })
  assert.match(typed, /^0x[0-9a-f]{130}$/)
})

test('ethers: a contract listens over WebSocket', async () => {
  const socket = new WebSocketProvider(node.url.replace('http', 'ws'))
  try {
    const notes = await deploy(new Wallet(Wallet.createRandom().privateKey, provider))
    const heard = new Promise<string>((resolve) => {
      void new Contract(notes.target, abi, socket).on('Written', (_author, _id, text) => resolve(text))
    })
    const head = new Promise<number>((resolve) => void socket.once('block', resolve))
    await socket.getBlockNumber()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const receipt = await (await notes.getFunction('write')('heard')).wait()
    assert.equal(await heard, 'heard')
    assert.equal(await head, receipt.blockNumber)
  } finally {
    await socket.destroy()
  }
})

test('ethers: a used nonce is refused in words it knows', async () => {
  const wallet = new Wallet(Wallet.createRandom().privateKey, provider)
  await (await wallet.sendTransaction({ to: wallet.address })).wait()
  await assert.rejects(wallet.sendTransaction({ to: wallet.address, nonce: 0 }), (error) => isError(error, 'NONCE_EXPIRED'))
})
