/** Opcodes that run on against the library's own loop: the same gas, results, logs and errors for whatever code. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Block, BlockHeader } from '@ethereumjs/block'
import { createEVM, type EVM } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { Account, Address, bytesToHex } from '@ethereumjs/util'
import fc from 'fast-check'
import { createChainCommon } from '../../node/chain/common.ts'
import { noDeadline } from '../../node/state/deadline.ts'
import { runningOpcodes } from '../../node/state/opcodes.ts'
import { bytes, config, contracts, deploying, word } from './harness.ts'

const common = createChainCommon(config())
const block = new Block(new BlockHeader({ number: 7n, gasLimit: 1_000_000n, baseFeePerGas: 0n }, { common }), [], [], [], { common })
const caller = new Address(new Uint8Array(20).fill(0xca))
const callee = new Address(new Uint8Array(20).fill(0xce))

async function createMachine(customOpcodes: ReturnType<typeof runningOpcodes>): Promise<EVM> {
  const stateManager = new SimpleStateManager({ common })
  await stateManager.putAccount(caller, new Account(0n, 10n ** 18n))
  await stateManager.putAccount(callee, new Account(1n, 5n))
  return createEVM({ common, stateManager, customOpcodes })
}

const ours = await createMachine(runningOpcodes(common, noDeadline()))
const theirs = await createMachine([])

/** All that a caller can see of a run. */
async function outcome(evm: EVM, code: Uint8Array, data: Uint8Array, gasLimit: bigint, isStatic: boolean) {
  await evm.stateManager.checkpoint()
  await evm.stateManager.putCode(callee, code)
  const { execResult } = await evm.runCall({ block, caller, to: callee, data, gasLimit, value: isStatic ? 0n : 3n, isStatic })
  const storage = []
  for (let slot = 0; slot < 4; slot++)
    storage.push(
      bytesToHex(
        await evm.stateManager.getStorage(
          callee,
          Uint8Array.from({ length: 32 }, (_, at) => (at === 31 ? slot : 0)),
        ),
      ),
    )
  await evm.stateManager.revert()
  evm.journal.cleanJournal()
  evm.transientStorage.clear()
  return {
    gasUsed: execResult.executionGasUsed,
    error: execResult.exceptionError?.error,
    output: bytesToHex(execResult.returnValue),
    refund: execResult.gasRefund,
    logs: execResult.logs?.map(([address, topics, logged]) => [address, ...topics, logged].map((part) => bytesToHex(part))),
    storage,
  }
}

async function agree(code: Uint8Array, data: Uint8Array, gasLimit: bigint, isStatic = false): Promise<void> {
  assert.deepEqual(
    await outcome(ours, code, data, gasLimit, isStatic),
    await outcome(theirs, code, data, gasLimit, isStatic),
    `code ${bytesToHex(code)}, data ${bytesToHex(data)}, gas ${gasLimit}`,
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
  // A jump to a target that is often one.
  { arbitrary: fc.tuple(fc.nat(60), fc.constantFrom(0x56, 0x57)).map(([target, jump]) => [0x60, target, jump]), weight: 2 },
  { arbitrary: fc.nat(255).map((code) => [code]), weight: 2 },
)
const program = fc
  .array(instruction, { minLength: 1, maxLength: 60 })
  .map((parts) => Uint8Array.from([...Array(6).fill([0x60, 9]).flat(), ...parts.flat()]))

test('random code has the outcome that the library gives it', async () => {
  await fc.assert(
    fc.asyncProperty(program, fc.uint8Array({ maxLength: 70 }), fc.constantFrom(100n, 3_000n, 60_000n, 400_000n), fc.boolean(), agree),
    { numRuns: 2000 },
  )
})

test('code that is all dynamic gas has the outcome that the library gives it', async () => {
  // Offsets around words, around the size that is charged in exact numbers, and beyond any memory.
  const number = fc.constantFrom(0n, 1n, 31n, 32n, 33n, 1000n, 70_000n, 2n ** 26n, 2n ** 26n + 1n, 2n ** 64n, 2n ** 256n - 1n)
  const opcode = fc.constantFrom(0x0a, 0x20, 0x37, 0x39, 0x3e, 0x51, 0x52, 0x53, 0x5e, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xf3, 0xfd)
  const step = fc.tuple(fc.array(number, { minLength: 6, maxLength: 6 }), opcode)
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(3_000n, 1_000_000n),
      fc.boolean(),
      (steps, gas, isStatic) => {
        const code = steps.map(
          ([numbers, opcode]) => `${numbers.map((value) => `7f${word(value)}`).join('')}${opcode.toString(16).padStart(2, '0')}`,
        )
        return agree(bytes(code.join('')), bytes('0102'), gas, isStatic)
      },
    ),
    { numRuns: 600 },
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
    [relay, callee.toString().slice(2).padStart(64, '0')],
    [bytes(loop), ''],
    [bytes(create), ''],
    // Code that ends within a PUSH, and that has a JUMPDEST within one.
    [bytes('6001600261'), ''],
    [bytes('6004566000615b5b00'), ''],
    [bytes('6005565b00615b00'), ''],
  ] as const)
    for (const gas of [30n, 2_500n, 60_000n, 10_000_000n]) await agree(code, bytes(data), gas)
})

test('somebody who listens to steps hears each of them', async () => {
  const heard = async (evm: EVM) => {
    await evm.stateManager.putCode(callee, bytes('6002 5b 6001 90 03 80 6002 57 6000 51 00'))
    const steps: unknown[] = []
    evm.events.on('step', ({ pc, opcode, gasLeft, stack }) => void steps.push([pc, opcode.name, opcode.fee, gasLeft, ...stack]))
    await evm.runCall({ block, caller, to: callee, gasLimit: 10_000n })
    evm.events.removeAllListeners('step')
    return steps
  }
  const steps = await heard(ours)
  assert.deepEqual(steps, await heard(theirs))
  assert.equal(steps.length, 18)
})
