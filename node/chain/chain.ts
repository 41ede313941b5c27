/**
 * A chain of one producer, in a data directory or in memory. See `Chain` in types.ts for what it offers.
 *
 * An acknowledged transaction is durable: its block, receipts, indexes, state and the head pointer are written in one synced batch before
 * anybody hears of it. All states are kept.
 */

import { EventEmitter } from 'node:events'
import type { EVM } from '@ethereumjs/evm'
import { bigIntMin, bytesToHex } from '@ethereumjs/util'
import type { GenesisAccount, NodeConfig } from '../config.ts'
import { NodeError } from '../errors.ts'
import type { NativePrecompile } from '../evm/precompiles.ts'
import type { Fork } from '../fork/fork.ts'
import { keys } from '../state/keys.ts'
import type { MachineContext } from '../state/machine.ts'
import { nameWrites } from '../state/names.ts'
import { NodeStore } from '../state/nodes.ts'
import { createReaders } from '../state/readers.ts'
import { openLevelStore, openMemoryStore, type StoreWrite } from '../state/store.ts'
import { createStates } from '../state/views.ts'
import { createArtifactShelf } from './artifacts.ts'
import { createBlockArchive } from './blocks.ts'
import { exportBlocks, importBlocks } from './chain-file.ts'
import { createClock } from './clock.ts'
import { decodeForeignBlock } from './codec.ts'
import { createForks } from './common.ts'
import { type Core, findBlock, miningSettings, nextCommon, requireBlock } from './core.ts'
import { createGenesis, type Genesis, genesisMetadata, matchesStoredGenesis } from './genesis.ts'
import { findLogs } from './logs.ts'
import { createMempool } from './mempool.ts'
import { buildPayload } from './payload.ts'
import { createProducer, type Producer } from './producer.ts'
import { createReads } from './reads.ts'
import { createSenders } from './senders.ts'
import { overrideAccount } from './simulate.ts'
import { dumpState, loadState } from './state-file.ts'
import { createSubmission } from './submission.ts'
import { suggestFees } from './suggestion.ts'
import type { Chain, ChainEvents, Hex, SystemWork } from './types.ts'
import { createWallet } from './wallet.ts'

export type * from './types.ts'

export interface ChainDependencies {
  /** Installs precompiles; called once on each EVM that the chain creates. */
  equip?: (evm: EVM) => void | Promise<void>
  /** The same precompiles for the chain's own machine, by unprefixed address. */
  natives?: ReadonlyMap<string, NativePrecompile>
  /** What blocks begin with; nothing where absent. */
  system?: SystemWork
  /** The chain that this one goes on from. */
  fork?: Fork | undefined
  /** Genesis accounts that come with the node, by address: contracts, and the marks of its precompiles. */
  predeploys?: Record<Hex, GenesisAccount>
}

/**
 * Opens the chain of a configuration, and makes its genesis block where there is none.
 * @throws NodeError DATA_DIR_LOCKED, DATA_DIR_CORRUPT, GENESIS_MISMATCH
 */
export async function createChain(
  config: NodeConfig,
  { equip, natives, predeploys = {}, system = idle, fork }: ChainDependencies = {},
): Promise<Chain> {
  const store = config.dataDir === undefined ? openMemoryStore() : await openLevelStore(config.dataDir)
  try {
    const forks = createForks(config)
    const wallet = createWallet(config.mnemonic, config.accountCount)
    const archive = createBlockArchive(store, forks, config.freeGas)
    const blockHash = (number: bigint) => fork?.blockHash(number) ?? archive.hashOf(number) ?? new Uint8Array(32)
    const nodes = new NodeStore(store)
    const artifacts = createArtifactShelf(store)
    const context: MachineContext = { states: createStates(nodes, fork?.state), blockHash, equip, natives }
    const makeFirstBlock = () => createGenesis(context, forks, config, wallet.addresses, predeploys, fork)
    const genesis = await makeFirstBlock()
    if (!matchesStoredGenesis(store, config, genesis.stored))
      await store.write([
        ...nodes.writes(genesis.stateNodes),
        ...archive.appendWrites(genesis.stored),
        ...genesisMetadata(config, genesis.stored),
        ...(fork === undefined ? [] : [rootOverride(genesis)]),
        ...nameWrites(genesis.changes),
      ])

    const headHash = bytesToHex(store.get(keys.meta('head'))!)
    const head = archive.byHash(headHash)
    if (head === undefined)
      throw new NodeError('DATA_DIR_CORRUPT', `the data directory names ${headHash} as its head and does not hold that block`)
    const headRoot = archive.stateRootAfter(head)
    const core: Core = {
      config,
      forks,
      store,
      nodes,
      archive,
      context,
      readers: createReaders(context),
      mempool: createMempool(),
      wallet,
      events: new EventEmitter<ChainEvents>(),
      mining: miningSettings(config),
      artifacts,
      system,
      fork,
      firstBlock: genesis.stored.block.header.number,
      firstRoot: genesis.root,
      makeFirstBlock,
      head,
      headRoot,
    }
    return await openChain(core)
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Goes on from another block of the forked chain, or of another node's. */
async function refork(core: Core, producer: Producer, { url, blockNumber }: NonNullable<Parameters<Chain['reset']>[0]>): Promise<void> {
  const { fork, context, nodes, archive } = core
  if (fork === undefined) throw new NodeError('NOT_FORKED', 'the chain is of its own: one that goes on from another begins with --fork-url')
  fork.moveTo({ url: url ?? fork.point().url, blockNumber })
  context.states.forget()
  const first = await core.makeFirstBlock()
  await producer.reset([...nodes.writes(first.stateNodes), ...archive.appendWrites(first.stored), rootOverride(first)])
  core.firstBlock = first.stored.block.header.number
  core.firstRoot = first.root
}

/** The state of a fork's first block is not that of its header: it is over another chain's. */
const rootOverride = ({ stored, root }: Genesis): StoreWrite => ({ key: keys.stateOverride(stored.block.header.number), value: root })

const idle: SystemWork = { calls: () => [], refuse: () => {} }

async function openChain(core: Core): Promise<Chain> {
  const { archive, config, events, mempool, store, wallet } = core
  // A listener's mistake must not end the node: `fault` is heard by whoever wants to.
  events.setMaxListeners(0)
  const clock = createClock()
  const reads = createReads(core, clock)
  const producer = await createProducer(core, clock)
  const senders = createSenders(() => nextCommon(core, clock))
  const submission = createSubmission(core, clock, producer, senders, reads.estimateGas)
  const headTimestamp = () => core.head.block.header.timestamp
  let closing: Promise<void> | undefined

  return {
    config,
    forks: core.forks,
    firstBlock: () => core.firstBlock,
    forkedFrom: () => core.fork?.point(),
    events,
    accounts: wallet.addresses,
    ...reads,
    ...submission,
    head: () => core.head,
    block: async (tag) => findBlock(core, tag),
    async transaction(hash) {
      const waiting = mempool.get(hash)
      if (waiting !== undefined) return { tx: waiting.tx, sender: waiting.sender }
      const place = archive.locate(hash)
      if (place === undefined) return undefined
      const { block, index } = place
      return { tx: block.block.transactions[index]!, sender: block.senders[index]!, block, index }
    },
    logs: async ({ fromBlock, toBlock, ...criteria }) => {
      const numberOf = (tag: typeof fromBlock) => (typeof tag === 'bigint' ? tag : requireBlock(core, tag).block.header.number)
      const head = core.head.block.header.number
      const last = numberOf(toBlock)
      if (config.rules === 'ethereum' && last > head)
        throw new NodeError('BLOCK_RANGE_INVALID', `block range extends beyond current head block: got ${last}, the head is ${head}`)
      return findLogs(archive, numberOf(fromBlock), bigIntMin(last, head), criteria)
    },

    artifacts: core.artifacts,
    doSystemWork: producer.doSystemWork,
    decodeBlock: (raw) => decodeForeignBlock(raw, core.forks),
    append: (block) => producer.append([block]),
    fees: () => suggestFees(core, clock),
    buildPayload: (request) => buildPayload(core, senders, request),
    dropTransaction: producer.drop,
    mine: (count = 1, options = {}) => producer.mine(count, options),
    automine: producer.automine,
    setAutomine: producer.setAutomine,
    setIntervalMining: producer.setIntervalMining,
    intervalMining: producer.intervalMining,
    mining: core.mining,
    setTimestampInterval: clock.setInterval,
    setNextBlockTimestamp: (seconds) => clock.setNext(seconds, headTimestamp()),
    increaseTime: clock.advance,
    setTime: clock.set,
    snapshot: producer.snapshot,
    revertTo: producer.revertTo,
    rollback: producer.rollback,
    async reset(to) {
      if (to === undefined) await producer.reset()
      else await refork(core, producer, to)
      submission.stopAllImpersonations()
      Object.assign(core.mining, miningSettings(config))
    },
    dropAllTransactions: producer.dropAll,
    dumpState: () => dumpState(core),
    importBlocks: (file, prepare) => importBlocks(core, producer, file, prepare),
    exportBlocks: (last) => exportBlocks(core, last),
    loadState: (file) => loadState(core, producer, file),
    setBalance: (address, balance) => producer.alter((machine) => overrideAccount(machine, address, { balance })),
    setCode: (address, code) => producer.alter((machine) => overrideAccount(machine, address, { code })),
    setNonce: (address, nonce) => producer.alter((machine) => overrideAccount(machine, address, { nonce })),
    setStorageAt: (address, slot, value) =>
      producer.alter((machine) =>
        overrideAccount(machine, address, { stateDiff: { [`0x${slot.toString(16).padStart(64, '0')}`]: bytesToHex(value) } }),
      ),
    close() {
      closing ??= Promise.all([producer.close(), senders.close(), core.fork?.close()]).then(() => store.close())
      return closing
    },
  }
}
