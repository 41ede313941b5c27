/** What the chain answers without changing: calls, estimates, traces, accounts, proofs. */

import type { Common } from '@ethereumjs/common'
import { bigIntMin, bytesToBigInt, bytesToHex, createAddressFromString, KECCAK256_NULL, setLengthLeft } from '@ethereumjs/util'
import type { RunTxResult } from '@ethereumjs/vm'
import { NodeError } from '../errors.ts'
import { within } from '../state/deadline.ts'
import { createMachine, type Machine } from '../state/machine.ts'
import { EMPTY_ROOT } from '../state/trie.ts'
import type { AccountRecord } from '../state/views.ts'
import { draftBlock, verifyBlock } from './build.ts'
import type { Clock } from './clock.ts'
import { type Core, nextPlan, requireBlock, rootAt, viewAt } from './core.ts'
import { executeTransaction } from './execute.ts'
import { failureInWords } from './failures.ts'
import { callResult, estimate, overrideBlock, overrideState, type Simulation, simulate } from './simulate.ts'
import { SECONDS_PER_BLOCK, simulateBlocks } from './simulate-blocks.ts'
import { beginBlock } from './system.ts'
import type { Tracer, TraceSubject } from './tracers/subject.ts'
import { partiesOfCall, partiesOfTransaction } from './tracers/tracer.ts'
import type { BlockTag, CallOverrides, CallRequest, Chain, Hex, StoredBlock } from './types.ts'

type Reads = Pick<
  Chain,
  | 'call'
  | 'simulateBlocks'
  | 'estimateGas'
  | 'createAccessList'
  | 'traceTransaction'
  | 'traceBlock'
  | 'traceCall'
  | 'storageRange'
  | 'account'
  | 'storage'
  | 'proof'
  | 'verify'
>

/** Blocks of `eth_simulateV1` bring their own limits. */
const UNBOUNDED_GAS = 1n << 53n

/** What ends a run half-way: the machine is not lent again. */
const ABORTING: ReadonlySet<string> = new Set(['NODE_FAULT', 'TRACE_TOO_LARGE', 'CALL_TIMEOUT'])

export function createReads(core: Core, clock: Clock): Reads {
  const { config, readers } = core
  const { callGas, callTimeoutMs } = config.admission

  /** Runs a task with a machine at the tag's state, in the tag's block context. */
  const simulating = async <T>(tag: BlockTag, overrides: CallOverrides, task: (simulation: Simulation) => Promise<T>): Promise<T> => {
    const stored = requireBlock(core, tag)
    const context = tag === 'pending' ? draftBlock(nextPlan(core, clock)) : stored.block
    const { common } = context
    const block = overrideBlock(context, overrides.block, common)
    return lend(common, rootAt(core, stored), async (machine) => {
      await overrideState(machine, overrides.state)
      return task({ machine, common, block, freeGas: config.freeGas, seesBaseFee: overrides.block?.baseFeePerGas !== undefined })
    })
  }

  /** A refused request is an answer, not a failure of the machine: it passes the lender as a value. */
  const lend = async <T>(common: Common, root: Uint8Array, task: (machine: Machine) => Promise<T>): Promise<T> => {
    const outcome = await readers.lend(common, root, async (machine) => {
      try {
        return { value: await within(machine.deadline, callTimeoutMs, () => task(machine)) }
      } catch (error) {
        if (error instanceof NodeError && !ABORTING.has(error.code)) return { error }
        throw error
      }
    })
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  const executing =
    (machine: Machine, { block, senders }: StoredBlock) =>
    (index: number) =>
      executeTransaction(machine, block, block.transactions[index]!, senders[index]!, { freeGas: config.freeGas, blockGasUsed: 0n })

  /** A machine at the state in which a block's first transaction runs, and the way to run them, in order. */
  const replaying = <T>(stored: StoredBlock, task: (machine: Machine, execute: Execute) => Promise<T>): Promise<T> => {
    const parent = requireBlock(core, stored.block.header.number - 1n)
    return lend(stored.block.common, core.archive.stateRootAfter(parent), async (machine) => {
      await beginBlock(machine, stored.block)
      return task(machine, executing(machine, stored))
    })
  }

  /** A call may ask for more gas than a block has, or than the node allows; it gets that. */
  const gasLimitOf = (request: CallRequest): bigint => {
    const most = callGas === undefined ? core.mining.gasLimit : bigIntMin(callGas, core.mining.gasLimit)
    return bigIntMin(request.gas ?? most, most)
  }

  /** On a chain that charges fees the sender's balance bounds the gas, as geth's allowance does. */
  const allowance = async ({ machine }: Simulation, request: CallRequest): Promise<bigint> => {
    const cap = gasLimitOf(request)
    const price = request.maxFeePerGas ?? request.gasPrice ?? 0n
    if (config.freeGas || price === 0n || request.from === undefined) return cap
    const balance = (await machine.state.getAccount(createAddressFromString(request.from)))?.balance ?? 0n
    const affordable = balance > (request.value ?? 0n) ? (balance - (request.value ?? 0n)) / price : 0n
    return affordable < cap ? affordable : cap
  }

  return {
    call: (request, tag, overrides = {}) =>
      simulating(tag, overrides, async (simulation) => callResult(await simulate(simulation, request, gasLimitOf(request)))),
    async simulateBlocks(request, tag) {
      const stored = requireBlock(core, tag)
      const hashes = new Map<bigint, Uint8Array>()
      const blockHash = (number: bigint) => hashes.get(number) ?? core.context.blockHash(number)
      const common = core.forks.after(stored.block.header, stored.block.header.timestamp + SECONDS_PER_BLOCK)
      const machine = await createMachine({ ...core.context, blockHash }, common, rootAt(core, stored))
      const announce = (number: bigint, hash: Uint8Array) => void hashes.set(number, hash)
      const { freeGas, depositContract } = config
      const gasCap = callGas ?? UNBOUNDED_GAS
      return within(machine.deadline, callTimeoutMs, () =>
        simulateBlocks({ machine, common, base: stored.block, freeGas, depositContract, gasCap, announce }, request),
      )
    },
    estimateGas: (request, tag, overrides = {}) =>
      simulating(tag, overrides, async (simulation) => estimate(simulation, request, await allowance(simulation, request))),
    createAccessList: (request, tag) =>
      simulating(tag, {}, async (simulation) => {
        const { state } = simulation.machine
        const run = async (accessList: CallRequest['accessList']) => {
          await state.checkpoint()
          const result = await simulate(simulation, { ...request, accessList: accessList ?? [] }, gasLimitOf(request), true)
          await state.revert()
          return result
        }
        // The list changes what is warm, and with it the gas; what is touched stays the same.
        const touched = (await run(request.accessList)).accessList ?? []
        const accessList = touched.map(({ address, storageKeys }) => ({ address: address as Hex, storageKeys: storageKeys as Hex[] }))
        const { totalGasSpent, execResult } = await run(accessList)
        const error = execResult.exceptionError?.error
        const inWords = error === 'revert' ? 'execution reverted' : error && failureInWords(error, undefined)
        return { accessList, gasUsed: totalGasSpent, ...(inWords === undefined ? {} : { error: inWords }) }
      }),
    traceCall: (request, tag, tracer, overrides = {}) =>
      simulating(tag, overrides, (simulation) => {
        const { machine, block } = simulation
        const gasLimit = gasLimitOf(request)
        const parties = partiesOfCall(request, block.header.coinbase)
        return tracer({ machine, gasLimit, parties, run: () => simulate(simulation, request, gasLimit) })
      }),
    async traceTransaction(hash, tracer) {
      const place = core.archive.locate(hash)
      if (place === undefined) throw new NodeError('TRANSACTION_NOT_FOUND', `transaction ${hash} not found`)
      return replaying(place.block, async (machine, execute) => {
        for (let index = 0; index < place.index; index++) await execute(index)
        return tracer(traceSubject(machine, place.block, place.index, execute))
      })
    },
    async traceBlock<T>(tag: BlockTag, tracer: Tracer<T>) {
      const stored = requireBlock(core, tag)
      const traces: { hash: Hex; trace: T }[] = []
      if (stored.receipts.length === 0) return traces
      return replaying(stored, async (machine, execute) => {
        for (const [index, { transactionHash }] of stored.receipts.entries())
          traces.push({ hash: transactionHash, trace: await tracer(traceSubject(machine, stored, index, execute)) })
        return traces
      })
    },
    async storageRange(tag, transactionIndex, address, start, limit) {
      const stored = requireBlock(core, tag)
      const root = core.archive.stateRootAfter(requireBlock(core, stored.block.header.number - 1n))
      return lend(stored.block.common, root, async (machine) => {
        await beginBlock(machine, stored.block)
        const execute = executing(machine, stored)
        for (let index = 0; index < transactionIndex && index < stored.receipts.length; index++) await execute(index)
        const found = machine.state.storageFrom(address.slice(2), start.slice(2), limit + 1)
        const entries = found
          .slice(0, limit)
          .map(({ hash, value }) => ({ hash: `0x${hash}` as const, value: bytesToHex(setLengthLeft(value, 32)) }))
        return { entries, ...(found.length > limit ? { next: `0x${found[limit]!.hash}` as const } : {}) }
      })
    },
    async verify(tag) {
      const stored = requireBlock(core, tag)
      if (stored.block.header.number === 0n) return
      const parent = requireBlock(core, stored.block.header.number - 1n)
      const machine = await createMachine(core.context, stored.block.common, core.archive.stateRootAfter(parent))
      await verifyBlock(machine, config, stored, parent.block, core.archive.prevRandaoOf(stored))
    },

    async account(address, tag) {
      const view = viewAt(core, tag)
      const { nonce, balance, codeHash } = view.account(address.slice(2)) ?? NO_ACCOUNT
      return { nonce, balance, code: view.code(codeHash) }
    },
    storage: async (address, slot, tag) => setLengthLeft(viewAt(core, tag).slot(address.slice(2), slotKey(slot)), 32),
    async proof(address, slots, tag) {
      const view = viewAt(core, tag)
      const key = address.slice(2)
      const { nonce, balance, codeHash, storageRoot } = view.account(key) ?? NO_ACCOUNT
      return {
        address,
        balance,
        nonce,
        codeHash: bytesToHex(codeHash),
        storageHash: bytesToHex(storageRoot),
        accountProof: view.proveAccount(key),
        storageProof: slots.map((slot) => {
          const slotNumber = slotKey(BigInt(slot))
          return {
            key: `0x${slotNumber}` as const,
            value: bytesToBigInt(view.slot(key, slotNumber)),
            proof: view.proveSlot(key, slotNumber),
          }
        }),
      }
    },
  }
}

const NO_ACCOUNT: AccountRecord = { nonce: 0n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash: KECCAK256_NULL }

const slotKey = (slot: bigint): string => slot.toString(16).padStart(64, '0')

/** Runs the transaction of this index; those before it must have run. */
type Execute = (index: number) => Promise<RunTxResult>

function traceSubject(machine: Machine, { block, senders }: StoredBlock, index: number, execute: Execute): TraceSubject {
  const tx = block.transactions[index]!
  const parties = partiesOfTransaction(tx, senders[index]!, block.header.coinbase)
  return { machine, gasLimit: tx.gasLimit, parties, run: () => execute(index) }
}
