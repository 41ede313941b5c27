/** What the chain answers without changing: calls, estimates, traces, accounts, proofs. */

import { getMerkleStateProof } from '@ethereumjs/statemanager'
import { bigIntToBytes, bytesToBigInt, bytesToHex, createAddressFromString, hexToBytes, setLengthLeft } from '@ethereumjs/util'
import type { RunTxResult } from '@ethereumjs/vm'
import { NodeError } from '../errors.ts'
import { createMachine, createState, type Machine } from '../state/machine.ts'
import { NodeOverlay } from '../state/nodes.ts'
import { draftBlock, verifyBlock } from './build.ts'
import type { Clock } from './clock.ts'
import { type Core, requireBlock, rootAt } from './core.ts'
import { executeTransaction, storeParentHash } from './execute.ts'
import { callResult, estimate, overrideBlock, overrideState, type Simulation, simulate } from './simulate.ts'
import { partiesOfCall, partiesOfTransaction, type Tracer, type TraceSubject } from './tracers/tracer.ts'
import type { BlockTag, CallOverrides, CallRequest, Chain, Hex, StoredBlock } from './types.ts'

type Reads = Pick<
  Chain,
  | 'call'
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

/** What ends a run half-way: the machine is not lent again. */
const ABORTING: ReadonlySet<string> = new Set(['NODE_FAULT', 'TRACE_TOO_LARGE'])

export function createReads(core: Core, clock: Clock): Reads {
  const { common, config, readers } = core

  /** Runs a task with a machine at the tag's state, in the tag's block context. */
  const simulating = async <T>(tag: BlockTag, overrides: CallOverrides, task: (simulation: Simulation) => Promise<T>): Promise<T> => {
    const stored = requireBlock(core, tag)
    const context =
      tag === 'pending'
        ? draftBlock(common, {
            parent: stored.block,
            timestamp: clock.peek(stored.block.header.timestamp),
            coinbase: config.coinbase,
            gasLimit: config.blockGasLimit,
            freeGas: config.freeGas,
          })
        : stored.block
    const block = overrideBlock(context, overrides.block, common)
    return lend(rootAt(core, stored), async (machine) => {
      await overrideState(machine, overrides.state)
      return task({ machine, common, block, freeGas: config.freeGas })
    })
  }

  /** A refused request is an answer, not a failure of the machine: it passes the lender as a value. */
  const lend = async <T>(root: Uint8Array, task: (machine: Machine) => Promise<T>): Promise<T> => {
    const outcome = await readers.lend(root, async (machine) => {
      try {
        return { value: await task(machine) }
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
    return lend(core.archive.stateRootAfter(parent), async (machine) => {
      await storeParentHash(machine, stored.block)
      return task(machine, executing(machine, stored))
    })
  }

  /** A call may ask for more gas than a block has; it gets what a block has. */
  const gasLimitOf = (request: CallRequest): bigint =>
    request.gas !== undefined && request.gas < config.blockGasLimit ? request.gas : config.blockGasLimit

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
        return { accessList, gasUsed: totalGasSpent, ...(error === undefined ? {} : { error }) }
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
      // A machine of its own: reading a range writes what is cached into the tries.
      const machine = await createMachine(core.context, root)
      const { state } = machine
      await storeParentHash(machine, stored.block)
      const execute = executing(machine, stored)
      for (let index = 0; index < transactionIndex && index < stored.receipts.length; index++) await execute(index)
      const account = await state.getAccount(createAddressFromString(address))
      if (account === undefined) return { entries: [] }
      const { storage, nextKey } = await state.dumpStorageRange(createAddressFromString(address), BigInt(start), limit)
      const entries = Object.entries(storage).map(([hash, { value }]) => ({ hash: evenHex(hash as Hex), value: value as Hex }))
      return { entries, ...(nextKey === null ? {} : { next: nextKey as Hex }) }
    },
    async verify(tag) {
      const stored = requireBlock(core, tag)
      if (stored.block.header.number === 0n) return
      const parent = requireBlock(core, stored.block.header.number - 1n)
      const machine = await createMachine(core.context, core.archive.stateRootAfter(parent))
      await verifyBlock(machine, common, stored, parent.block, config.freeGas)
    },

    account: async (address, tag) =>
      lend(rootAt(core, requireBlock(core, tag)), async ({ state }) => {
        const account = await state.getAccount(createAddressFromString(address))
        const code = account?.isContract() === true ? await state.getCode(createAddressFromString(address)) : new Uint8Array(0)
        return { nonce: account?.nonce ?? 0n, balance: account?.balance ?? 0n, code }
      }),
    storage: async (address, slot, tag) =>
      lend(rootAt(core, requireBlock(core, tag)), async ({ state }) => {
        const value = await state.getStorage(createAddressFromString(address), setLengthLeft(bigIntToBytes(slot), 32))
        return setLengthLeft(value, 32)
      }),
    async proof(address, slots, tag) {
      const state = createState(core.context, rootAt(core, requireBlock(core, tag)), new NodeOverlay(core.context.nodes))
      const wanted = slots.map((slot) => setLengthLeft(hexToBytes(slot), 32))
      const proof = await getMerkleStateProof(state, createAddressFromString(address), wanted)
      const found = new Map(proof.storageProof.map((entry) => [entry.key, entry]))
      return {
        address,
        balance: BigInt(proof.balance),
        nonce: BigInt(proof.nonce),
        codeHash: proof.codeHash,
        storageHash: proof.storageHash,
        accountProof: proof.accountProof.map((node) => hexToBytes(node)),
        storageProof: wanted.map((slot) => {
          const entry = found.get(bytesToHex(slot))
          const value = entry === undefined ? 0n : bytesToBigInt(hexToBytes(evenHex(entry.value)))
          return { key: bytesToHex(slot), value, proof: (entry?.proof ?? []).map((node) => hexToBytes(node)) }
        }),
      }
    },
  }
}

type Execute = (index: number) => Promise<RunTxResult>

function traceSubject(machine: Machine, { block, senders }: StoredBlock, index: number, execute: Execute): TraceSubject {
  const tx = block.transactions[index]!
  const parties = partiesOfTransaction(tx, senders[index]!, block.header.coinbase)
  return { machine, gasLimit: tx.gasLimit, parties, run: () => execute(index) }
}

const evenHex = (text: Hex): Hex => (text.length % 2 === 0 ? text : `0x0${text.slice(2)}`)
