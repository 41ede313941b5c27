/** The chain's own machine against the library's: the same gas, results, logs, errors and state for whatever code. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesToHex } from '@ethereumjs/util'
import fc from 'fast-check'
import { draftBlock } from '../../node/chain/build.ts'
import { createForks } from '../../node/chain/common.ts'
import { executeTransaction } from '../../node/chain/execute.ts'
import { createGenesis } from '../../node/chain/genesis.ts'
import { overrideAccount, simulate } from '../../node/chain/simulate.ts'
import { signRequest } from '../../node/chain/transactions.ts'
import type { CallRequest, Hex } from '../../node/chain/types.ts'
import { createWallet } from '../../node/chain/wallet.ts'
import { createMachine, type Machine, type MachineContext } from '../../node/state/machine.ts'
import { NodeStore } from '../../node/state/nodes.ts'
import { openMemoryStore } from '../../node/state/store.ts'
import { createStates } from '../../node/state/views.ts'
import { bytes, config, contracts, deploying, word } from './harness.ts'

/** INFERNODE_TEST_EVM_RUNS sets how many random programs run. */
const RUNS = Number(process.env.INFERNODE_TEST_EVM_RUNS ?? 1000)

const chainConfig = config()
const forks = createForks(chainConfig)
const common = forks.common(chainConfig.hardfork)
const wallet = createWallet(chainConfig.mnemonic, 2)
const [sender] = wallet.addresses as [Hex]
/** Runs the code of a case. */
const callee: Hex = `0x${'ce'.repeat(20)}`
/** Code that others may call: answers, refuses, relays, stores, destroys itself, and delegates to the one that answers. */
const helpers: Readonly<Record<string, string>> = {
  '11': contracts.answer,
  '12': contracts.refuse,
  '13': contracts.relay,
  '14': contracts.store,
  '15': '6011ff',
  '16': `ef0100${'0'.repeat(38)}11`,
}
const helperAddress = (name: string): Hex => `0x${name.padStart(40, '0')}`

const nodes = new NodeStore(openMemoryStore())
const context: MachineContext = { states: createStates(nodes), blockHash: (number) => Uint8Array.from(bytes(word(number))) }
const genesis = await createGenesis(context, forks, chainConfig, wallet.addresses, {})
nodes.remember(genesis.stateNodes)
const genesisRoot = genesis.stored.block.header.stateRoot
const paid = { ...chainConfig, freeGas: false }
const block = draftBlock({
  config: paid,
  common,
  parent: genesis.stored.block,
  timestamp: 7n,
  coinbase: callee,
  gasLimit: 10n ** 10n,
})

const ours = await createMachine(context, common, genesisRoot)
const theirs = await createMachine(context, common, genesisRoot)
// Who is listened to runs on the library.
theirs.evm.events.on('afterMessage', () => {})
const root = await prepared()

/** The state that cases start from. */
async function prepared(): Promise<Uint8Array> {
  for (const [name, code] of Object.entries(helpers))
    await overrideAccount(ours, helperAddress(name), { code: bytes(code), balance: name === '15' ? 9n : 0n })
  await overrideAccount(ours, callee, { balance: 1000n })
  const sealed = ours.state.seal()
  nodes.remember(sealed.nodes)
  context.states.adopt(sealed)
  return sealed.root
}

/** All that anybody can see of a run, the state after it included. */
async function outcome(machine: Machine, code: Uint8Array, data: Uint8Array, gas: bigint, isCreation: boolean) {
  machine.state.rebase(context.states.at(root))
  machine.evm.journal.cleanJournal()
  if (!isCreation) await overrideAccount(machine, callee, { code })
  const request: CallRequest = isCreation ? { data: code } : { to: callee, data }
  const tx = signRequest({ ...request, gas, nonce: 0n, maxFeePerGas: 3n, value: 5n }, wallet.privateKey(sender), common)
  const { execResult, totalGasSpent, receipt, createdAddress, bloom } = await executeTransaction(machine, block, tx, sender, {
    freeGas: false,
    blockGasUsed: 0n,
  })
  return {
    totalGasSpent,
    gasUsed: execResult.executionGasUsed,
    error: execResult.exceptionError?.error,
    output: bytesToHex(execResult.returnValue),
    logs: receipt.logs.map(([address, topics, logged]) => [address, ...topics, logged].map((part) => bytesToHex(part))),
    created: createdAddress?.toString(),
    status: 'status' in receipt ? receipt.status : undefined,
    bloom: bytesToHex(bloom.bitvector),
    state: bytesToHex(machine.state.seal().root),
  }
}

async function agree(code: Uint8Array, data: Uint8Array, gas: bigint, isCreation = false): Promise<void> {
  assert.deepEqual(
    await outcome(ours, code, data, gas, isCreation),
    await outcome(theirs, code, data, gas, isCreation),
    `code ${bytesToHex(code)}, data ${bytesToHex(data)}, gas ${gas}${isCreation ? ', creation' : ''}`,
  )
}

const push = fc.oneof(
  fc.nat(255).map((value) => [0x60, value]),
  fc.constantFrom(
    [0x5f],
    [0x61, 0xff, 0xff],
    [0x63, 0x04, 0x00, 0x00, 0x01],
    [0x7f, ...Array(32).fill(0xff)],
    [0x7f, 0x80, ...Array(31).fill(0)],
  ),
)
// Every opcode, and more often those that come often.
const instruction = fc.oneof(
  { arbitrary: push, weight: 8 },
  { arbitrary: fc.integer({ min: 0x80, max: 0x8f }).map((code) => [code]), weight: 3 },
  { arbitrary: fc.integer({ min: 0x90, max: 0x94 }).map((code) => [code]), weight: 2 },
  { arbitrary: fc.integer({ min: 0x01, max: 0x1e }).map((code) => [code]), weight: 5 },
  {
    arbitrary: fc
      .constantFrom(0x20, 0x35, 0x37, 0x39, 0x3e, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e)
      .map((code) => [code]),
    weight: 5,
  },
  // Calls with 0 or little value to somebody, and what they return.
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom(0xf1, 0xf2, 0xf4, 0xfa),
        fc.constantFrom(0x01, 0x02, 0x04, 0x09, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0xce, 0xdd),
        fc.constantFrom(0, 0, 0, 1),
        fc.constantFrom([0x5a], [0x61, 0xff, 0xff], [0x5f]),
      )
      .map(([call, target, value, gas]) => [
        ...[0x60, 40, 0x60, 3, 0x60, 36, 0x60, 1],
        ...(call === 0xf1 || call === 0xf2 ? [0x60, value] : []),
        // The code's own address is too long for a byte.
        ...(target === 0xce ? [0x30] : [0x60, target]),
        ...gas,
        call,
      ]),
    weight: 3,
  },
  // Creations from what lies in memory, which often is nothing.
  { arbitrary: fc.constantFrom([0x5f, 0x60, 40, 0x5f, 0x5f, 0xf5], [0x60, 12, 0x60, 20, 0x60, 1, 0xf0]), weight: 1 },
  // A jump to a target that is often one.
  { arbitrary: fc.tuple(fc.nat(60), fc.constantFrom(0x56, 0x57)).map(([target, jump]) => [0x60, target, jump]), weight: 2 },
  { arbitrary: fc.nat(255).map((code) => [code]), weight: 2 },
)
const program = fc
  .array(instruction, { minLength: 1, maxLength: 60 })
  .map((parts) => Uint8Array.from([...Array(6).fill([0x60, 9]).flat(), ...parts.flat()]))

const gasLimit = fc.constantFrom(65_000n, 68_000n, 120_000n, 700_000n)

test('random code has the outcome that the library gives it', async () => {
  await fc.assert(fc.asyncProperty(program, fc.uint8Array({ maxLength: 70 }), gasLimit, fc.constantFrom(false, false, true), agree), {
    numRuns: RUNS,
  })
})

test('code that is all dynamic gas has the outcome that the library gives it', async () => {
  // Offsets around words, around the size that is charged in exact numbers, and beyond any memory.
  const number = fc.constantFrom(0n, 1n, 31n, 32n, 33n, 1000n, 70_000n, 2n ** 26n, 2n ** 26n + 1n, 2n ** 64n, 2n ** 256n - 1n)
  const opcode = fc.constantFrom(0x0a, 0x20, 0x37, 0x39, 0x3e, 0x51, 0x52, 0x53, 0x5e, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xf3, 0xfd)
  const step = fc.tuple(fc.array(number, { minLength: 6, maxLength: 6 }), opcode)
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(70_000n, 1_000_000n),
      fc.boolean(),
      (steps, gas, isCreation) => {
        const code = steps.map(
          ([numbers, opcode]) => `${numbers.map((value) => `7f${word(value)}`).join('')}${opcode.toString(16).padStart(2, '0')}`,
        )
        return agree(bytes(code.join('')), bytes('0102'), gas, isCreation)
      },
    ),
    { numRuns: RUNS / 4 },
  )
})

test('memory is charged alike up to the size that is charged in exact numbers, and beyond it', async () => {
  for (const offset of [2n ** 26n - 32n, 2n ** 26n, 2n ** 26n + 1n])
    for (const gas of [8_600_000_000n, 9_000_000_000n]) await agree(bytes(`7f${word(1n)}7f${word(offset)}5259`), bytes(''), gas)
})

test('loops, storage, logs, reverts, creations and inner calls have the outcome that the library gives them', async () => {
  const relay = bytes(contracts.relay)
  const loop = '61010080 5b 6001 90 03 80 80 6020 52 6020 6020 20 50 80 6003 57 00'
  const create = `${Array.from(deploying(contracts.answer), (byte, at) => `60${byte.toString(16).padStart(2, '0')}60${at.toString(16).padStart(2, '0')}53`).join('')}601660006000f060005260206000f3`
  for (const [code, data] of [
    [bytes(contracts.answer), ''],
    [bytes(contracts.store), word(3n) + word(4n)],
    [bytes(contracts.refuse), ''],
    [bytes(contracts.invalid), ''],
    [relay, word(4n)],
    [relay, callee.slice(2).padStart(64, '0')],
    [bytes(loop), ''],
    [bytes(create), ''],
    // Code that ends within a PUSH, and that has a JUMPDEST within one.
    [bytes('6001600261'), ''],
    [bytes('6004566000615b5b00'), ''],
    [bytes('6005565b00615b00'), ''],
  ] as const)
    for (const gas of [25_000n, 40_000n, 130_000n, 10_000_000n]) await agree(code, bytes(data), gas)
})

test('an endless run lets others have their turn, and ends in time', async () => {
  ours.state.rebase(context.states.at(root))
  await overrideAccount(ours, callee, { code: bytes('5b600056') })
  let turns = 0
  const others = setInterval(() => turns++, 1)
  ours.deadline.atMs = performance.now() + 200
  const call = simulate({ machine: ours, common, block, freeGas: true, seesBaseFee: false }, { to: callee }, 10n ** 13n)
  await assert.rejects(call, { code: 'CALL_TIMEOUT' })
  ours.deadline.atMs = Number.POSITIVE_INFINITY
  clearInterval(others)
  assert.ok(turns > 0, `others had ${turns} turns`)
})
