/** The agent of examples/agent on a node: it goes by the rules, finds its way, and moves once a block. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { createPublicClient, createWalletClient, type Hex, hexToBytes, http } from 'viem'
import { waitForTransactionReceipt } from 'viem/actions'
import { loadContract } from '../../node/contracts.ts'
import { account, type ClientNode, startClientNode } from '../client/support.ts'

const { abi, bytecode } = loadContract('FieldAgent')
const size = 7
/** # wall, A agent, G goal. */
const fields = [
  '.......|.A.....|.......|.......|.......|.....G.|.......',
  'A.....G|.......|.......|.......|.......|.......|.......',
  '...#...|.A.#.G.|...#...|.......|...#...|...#...|...#...',
  '.......|.####..|....#..|.A..#..|....#.G|.####..|.......',
  'G......|.......|..###..|..#A...|..###..|.......|.......',
  '......A|######.|.......|.######|.......|######.|G......',
]

let node: ClientNode
let agent: Hex
before(async () => {
  node = await startClientNode()
  const artifact = new Uint8Array(readFileSync(new URL('../../examples/agent/agent.infer', import.meta.url)))
  const { id } = await node.client.deployModel({ artifact })
  const hash = await writer().deployContract({ abi, bytecode, args: [id], chain: null })
  agent = (await waitForTransactionReceipt(node.client, { hash })).contractAddress!
})
after(() => node?.node.close())

const reader = () => createPublicClient({ transport: http(node.url) })
const writer = () => createWalletClient({ account, transport: http(node.url) })
const read = (functionName: string) => reader().readContract({ address: agent, abi, functionName })
const write = async (functionName: string, args: readonly unknown[] = []) => {
  const { request } = await reader().simulateContract({ account, address: agent, abi, functionName, args })
  return waitForTransactionReceipt(node.client, { hash: await writer().writeContract(request as never) })
}
/** Without a call before it, which would run in the block of the last move. */
const move = async () => {
  const hash = await writer().writeContract({ address: agent, abi, functionName: 'move', chain: null, gas: 5_000_000n })
  assert.equal((await waitForTransactionReceipt(node.client, { hash })).status, 'success')
}
const begin = (field: string) => {
  const squares = field.replaceAll('|', '')
  const walls = [...squares].reduce((bits, square, index) => (square === '#' ? bits | (1n << BigInt(index)) : bits), 0n)
  return write('begin', [walls, squares.indexOf('A'), squares.indexOf('G')])
}

for (const [index, field] of fields.entries())
  test(`field ${index}: goes from square to square, round the walls, to the goal`, async () => {
    await begin(field)
    const squares = field.replaceAll('|', '')
    let place = squares.indexOf('A')
    for (let moves = 0; squares[place] !== 'G'; moves++) {
      assert.ok(moves < 2 * size * size, `it is at ${place} still`)
      const chosen = await read('choose')
      await move()
      const next = Number(await read('agent'))
      assert.equal(next, chosen)
      const [down, right] = [Math.floor(next / size) - Math.floor(place / size), (next % size) - (place % size)]
      assert.equal(Math.abs(down) + Math.abs(right), 1)
      assert.notEqual(squares[next], '#')
      place = next
    }
    await assert.rejects(write('move'), /NotNow/)
  })

test('the network sees walls, agent and goal', async () => {
  await begin(fields[2]!)
  const input = hexToBytes((await read('look')) as Hex)
  const squares = fields[2]!.replaceAll('|', '')
  const [nothing, something] = [input[0], input[49 + squares.indexOf('A')]]
  const wanted = ['#', 'A', 'G'].flatMap((kind) => [...squares].map((square) => (square === kind ? something : nothing)))
  assert.deepEqual([...input], wanted)
})

test('refuses fields that are none, and an agent that is walled in', async () => {
  for (const [walls, from, to] of [
    [0n, 3, 3],
    [0n, 49, 3],
    [0n, 3, 49],
    [8n, 3, 4],
    [16n, 3, 4],
    [1n << 49n, 3, 4],
  ])
    await assert.rejects(write('begin', [walls, from, to]), /NoField/)
  await begin('A#.....|##.....|.......|.......|.......|.......|......G')
  await assert.rejects(write('move'), /Stuck/)
})
