/** The genesis block, computed from the configuration alone, and its check against what a data directory holds. */

import { Block, BlockHeader, createBlockHeaderFromRPC, type JSONRPCBlock } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { Account, bigIntMax, bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { type ChainConfig, consensusPart, type GenesisAccount } from '../config.ts'
import { NodeError } from '../errors.ts'
import type { Fork, RemoteBlock } from '../fork/fork.ts'
import { keys } from '../state/keys.ts'
import { createMachine, type MachineContext } from '../state/machine.ts'
import type { NewNode } from '../state/nodes.ts'
import type { Store, StoreWrite } from '../state/store.ts'
import { EMPTY_ROOT } from '../state/trie.ts'
import type { StateChanges } from '../state/views.ts'
import type { Forks } from './common.ts'
import type { Hex, StoredBlock } from './types.ts'

/** Of the database layout; a directory of another version is refused. */
const STORAGE_VERSION = '1'

export interface Genesis {
  /** State root: not the header's where the chain goes on from another's block. */
  root: Uint8Array
  stored: StoredBlock
  /** Trie nodes and code of the genesis state. */
  stateNodes: readonly NewNode[]
  changes: StateChanges
}

/** Later entries replace earlier ones: funded accounts, then `predeploys` of the node, then those of the configuration. */
export async function createGenesis(
  context: MachineContext,
  forks: Forks,
  config: ChainConfig,
  funded: Hex[],
  predeploys: Record<Hex, GenesisAccount>,
  fork?: Fork,
): Promise<Genesis> {
  const origin = fork?.point().block
  const header = genesisFields(config)
  const timestamp = origin === undefined ? config.genesisTimestamp : BigInt(origin.timestamp)
  const common = forks.at({ number: BigInt(origin?.number ?? 0), timestamp, difficulty: header.difficulty ?? 0n })
  const machine = await createMachine(context, common, EMPTY_ROOT)
  const accounts = new Map<string, Partial<GenesisAccount>>(funded.map((address) => [address, { balance: config.accountBalance }]))
  for (const [address, account] of Object.entries({ ...predeploys, ...config.predeploys })) accounts.set(address.toLowerCase(), account)

  for (const [hex, { balance = 0n, nonce = 0n, code = '0x', storage = {} }] of accounts) {
    const address = createAddressFromString(hex)
    // On a forked chain an account may have sent transactions already.
    const sent = fork === undefined ? 0n : ((await machine.state.getAccount(address))?.nonce ?? 0n)
    await machine.state.putAccount(address, new Account(bigIntMax(nonce, sent), balance))
    if (code !== '0x') await machine.state.putCode(address, hexToBytes(code))
    for (const [slot, value] of Object.entries(storage))
      await machine.state.putStorage(address, hexToBytes(slot as Hex), hexToBytes(value as Hex))
  }
  const sealed = machine.state.seal()

  const baseFee = common.isActivatedEIP(1559) && header.baseFeePerGas === undefined ? { baseFeePerGas: firstBaseFee(config, common) } : {}
  const own = () => new BlockHeader({ ...header, ...baseFee, stateRoot: sealed.root }, { common })
  const block = new Block(origin === undefined ? own() : remoteHeader(origin, common), [], [], undefined, { common })
  return {
    root: sealed.root,
    stored: { block, hash: bytesToHex(block.hash()), receipts: [], senders: [] },
    stateNodes: sealed.nodes,
    changes: sealed.changes,
  }
}

/** The block of another chain that this one goes on from; with the fields of the fork that this one has. */
function remoteHeader(block: RemoteBlock, common: Common): BlockHeader {
  const known = Object.entries(block).filter(([field]) => !(field in fieldsOfForks) || common.isActivatedEIP(fieldsOfForks[field]!))
  // The library takes what JSON-RPC gives, under its names.
  return createBlockHeaderFromRPC(Object.fromEntries(known) as unknown as JSONRPCBlock, { common, skipConsensusFormatValidation: true })
}

/** Header fields by the EIP that they came with; the others were there from the beginning. */
const fieldsOfForks: Readonly<Record<string, number>> = {
  baseFeePerGas: 1559,
  withdrawalsRoot: 4895,
  blobGasUsed: 4844,
  excessBlobGas: 4844,
  parentBeaconBlockRoot: 4788,
  requestsHash: 7685,
  blockAccessListHash: 7928,
  slotNumber: 7843,
}

function genesisFields({ genesisTimestamp, blockGasLimit, genesisHeader }: ChainConfig): GenesisFields {
  const given = Object.fromEntries(Object.entries(genesisHeader).filter(([, value]) => value !== undefined))
  return { number: 0n, timestamp: genesisTimestamp, gasLimit: blockGasLimit, ...given }
}

type GenesisFields = { number: bigint; timestamp: bigint; gasLimit: bigint; difficulty?: bigint; baseFeePerGas?: bigint }

/** As geth: that of EIP-1559 where the genesis file says nothing. */
const firstBaseFee = ({ rules }: ChainConfig, common: Common): bigint => (rules === 'infernode' ? 0n : common.param('initialBaseFee'))

/** What is stored beside the genesis block, so that a later start can tell what differs. */
export function genesisMetadata(config: ChainConfig, genesis: StoredBlock): StoreWrite[] {
  return [
    { key: keys.meta('version'), value: Buffer.from(STORAGE_VERSION) },
    { key: keys.meta('genesis'), value: hexToBytes(genesis.hash) },
    { key: keys.meta('config'), value: Buffer.from(JSON.stringify(describeConfig(config))) },
  ]
}

/**
 * Checks that the stored chain is the configured one.
 * @returns false when the store is empty
 * @throws NodeError GENESIS_MISMATCH naming the differing keys; MODULE_MISMATCH; DATA_DIR_CORRUPT when the storage layout is another one
 */
export function matchesStoredGenesis(store: Store, config: ChainConfig, genesis: StoredBlock): boolean {
  const version = store.get(keys.meta('version'))
  if (version === undefined) return false
  if (Buffer.from(version).toString() !== STORAGE_VERSION)
    throw new NodeError('DATA_DIR_CORRUPT', `the data directory has storage layout ${Buffer.from(version)}, wanted ${STORAGE_VERSION}`)
  const storedHash = bytesToHex(store.get(keys.meta('genesis'))!)
  const stored = JSON.parse(Buffer.from(store.get(keys.meta('config'))!).toString()) as Record<string, string>
  const current = describeConfig(config)
  const differing = Object.keys(current).filter((key) => stored[key] !== current[key])
  if (differing.length === 0 && storedHash === genesis.hash) return true
  if (differing.includes('modules'))
    throw new NodeError(
      'MODULE_MISMATCH',
      `the chain in the data directory runs under the consensus modules ${stored.modules}, this node has ${current.modules}`,
    )
  const changes = differing.map((key) => `${key} is ${shorten(current[key])} and was ${shorten(stored[key])}`)
  if (changes.length === 0) changes.push('the built-in genesis accounts or prices differ')
  throw new NodeError(
    'GENESIS_MISMATCH',
    `the data directory holds another chain (genesis ${storedHash}, configured ${genesis.hash}): ${changes.join('; ')}. ` +
      'Use its configuration, or another data directory',
  )
}

function describeConfig(config: ChainConfig): Record<string, string> {
  const text = (value: unknown) => JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? inner.toString() : inner))
  return Object.fromEntries(Object.entries(consensusPart(config)).map(([key, value]) => [key, text(value)]))
}

function shorten(text: string | undefined): string {
  if (text === undefined) return 'absent'
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
