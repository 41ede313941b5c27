/** What a block does to the state beside its transactions: records of its ancestors before them; rewards, withdrawals and requests after them. */

import { createHash } from 'node:crypto'
import type { Block } from '@ethereumjs/block'
import {
  Account,
  type Address,
  bigIntToBytes,
  bytesToBigInt,
  bytesToHex,
  concatBytes,
  createAddressFromString,
  setLengthLeft,
} from '@ethereumjs/util'
import type { RunTxResult } from '@ethereumjs/vm'
import { NodeError } from '../errors.ts'
import type { Machine } from '../state/machine.ts'
import type { Hex } from './types.ts'

const HISTORY_STORAGE_ADDRESS = createAddressFromString('0x0000f90827f1c53a10cb7a02335b175320002935')
const BEACON_ROOTS_ADDRESS = createAddressFromString('0x000f3df6d732807ef1319fb7b8bb8522d0beac02')
/** EIP-7002 and EIP-7251, with the types of their requests. */
const REQUEST_CONTRACTS = [
  { type: 1, address: createAddressFromString('0x00000961ef480eb55e80d19ad83579a64c007002') },
  { type: 2, address: createAddressFromString('0x0000bbddc7ce488642fb579f8b00f3a590007251') },
] as const
const SYSTEM_ADDRESS = createAddressFromString('0xfffffffffffffffffffffffffffffffffffffffe')
const MAINNET_DEPOSIT_CONTRACT: Hex = '0x00000000219ab540356cbb839cbe05303d7705fa'
const SYSTEM_CALL_GAS = 30_000_000n
/** Of both contracts of ancestors. */
const HISTORY_SERVE_WINDOW = 8191n
const WEI_PER_GWEI = 1_000_000_000n

/** Before the first transaction. */
export async function beginBlock(machine: Machine, block: Block): Promise<void> {
  if (machine.common.isActivatedEIP(4788)) await storeBeaconRoot(machine, block)
  if (machine.common.isActivatedEIP(2935)) await storeParentHash(machine, block)
}

/** EIP-2935, where its contract is deployed: the parent's hash becomes readable from the state. */
async function storeParentHash({ state }: Machine, { header }: Block): Promise<void> {
  if ((await state.getCode(HISTORY_STORAGE_ADDRESS)).length === 0) return
  await state.putStorage(HISTORY_STORAGE_ADDRESS, slotOf((header.number - 1n) % HISTORY_SERVE_WINDOW), header.parentHash)
}

/** EIP-4788, where its contract is deployed: the root of the parent's beacon block becomes readable by timestamp. */
async function storeBeaconRoot({ state }: Machine, { header }: Block): Promise<void> {
  if ((await state.getCode(BEACON_ROOTS_ADDRESS)).length === 0) return
  const slot = header.timestamp % HISTORY_SERVE_WINDOW
  await state.putStorage(BEACON_ROOTS_ADDRESS, slotOf(slot), bigIntToBytes(header.timestamp))
  const root = header.parentBeaconBlockRoot ?? new Uint8Array(32)
  await state.putStorage(BEACON_ROOTS_ADDRESS, slotOf(slot + HISTORY_SERVE_WINDOW), root)
}

/**
 * After the last transaction.
 * @returns the requests of EIP-7685, each with its type in front, empty ones left out; undefined before Prague
 */
export async function endBlock(
  machine: Machine,
  block: Block,
  results: readonly RunTxResult[],
  depositContract: Hex = MAINNET_DEPOSIT_CONTRACT,
): Promise<Uint8Array[] | undefined> {
  const { common } = machine
  for (const { address, amount } of block.withdrawals ?? []) await pay(machine, address, amount * WEI_PER_GWEI)
  if (common.consensusType() === 'pow') await payMiners(machine, block)
  // What is touched and empty is gone (EIP-158).
  await machine.evm.journal.cleanup()
  if (!common.isActivatedEIP(7685)) return undefined
  const deposits = results.flatMap(({ execResult }) => execResult.logs ?? []).flatMap((log) => depositOf(log, depositContract))
  const requests = [concatBytes(new Uint8Array([0]), ...deposits)]
  for (const { type, address } of REQUEST_CONTRACTS)
    requests.push(concatBytes(new Uint8Array([type]), await systemCall(machine, block, address)))
  return requests.filter((request) => request.length > 1)
}

/** EIP-7685. */
export function requestsHash(requests: readonly Uint8Array[]): Uint8Array {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  return new Uint8Array(digest(concatBytes(...requests.map(digest))))
}

async function pay({ state, evm }: Machine, address: Address, wei: bigint): Promise<void> {
  const account = (await state.getAccount(address)) ?? new Account()
  account.balance += wei
  await evm.journal.putAccount(address, account)
}

/** Yellow Paper, 11.3: an uncle is worth less with its age, and its inclusion a 32nd of the reward. */
async function payMiners(machine: Machine, { header, uncleHeaders }: Block): Promise<void> {
  const reward = machine.common.param('minerReward')
  for (const uncle of uncleHeaders) await pay(machine, uncle.coinbase, (reward * (uncle.number + 8n - header.number)) / 8n)
  await pay(machine, header.coinbase, reward + (reward / 32n) * BigInt(uncleHeaders.length))
}

async function systemCall({ evm, state }: Machine, block: Block, to: Address): Promise<Uint8Array> {
  if ((await state.getCode(to)).length === 0) return new Uint8Array(0)
  const before = await state.getAccount(SYSTEM_ADDRESS)
  const { execResult } = await evm.runCall({ caller: SYSTEM_ADDRESS, to, gasLimit: SYSTEM_CALL_GAS, block })
  await evm.journal.cleanup()
  // The caller takes no part: what the call has left of it goes.
  await state.putAccount(SYSTEM_ADDRESS, before)
  if (execResult.exceptionError !== undefined)
    throw new NodeError('BLOCK_INVALID', `the system call to ${to} failed: ${execResult.exceptionError.error}`)
  return execResult.returnValue
}

/** Of `DepositEvent(bytes,bytes,bytes,bytes,bytes)`. */
const DEPOSIT_TOPIC = '0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5'
/** Its fields as they lie in the ABI encoding: public key, credentials, amount, signature, index (EIP-6110). */
const DEPOSIT_FIELDS = [
  { head: 160, bytes: 48 },
  { head: 256, bytes: 32 },
  { head: 320, bytes: 8 },
  { head: 384, bytes: 96 },
  { head: 512, bytes: 8 },
] as const
const DEPOSIT_DATA_BYTES = 576

type Log = NonNullable<RunTxResult['execResult']['logs']>[number]

/** The deposit that a log tells of, or nothing. */
function depositOf([address, [topic], data]: Log, depositContract: Hex): Uint8Array[] {
  if (topic === undefined || bytesToHex(address) !== depositContract || bytesToHex(topic) !== DEPOSIT_TOPIC) return []
  const wordAt = (offset: number) => bytesToBigInt(data.subarray(offset, offset + 32))
  const isRegular =
    data.length === DEPOSIT_DATA_BYTES &&
    DEPOSIT_FIELDS.every(({ head, bytes }, index) => wordAt(32 * index) === BigInt(head) && wordAt(head) === BigInt(bytes))
  if (!isRegular) throw new NodeError('BLOCK_INVALID', 'a log of the deposit contract has not the layout of a deposit (EIP-6110)')
  return [concatBytes(...DEPOSIT_FIELDS.map(({ head, bytes }) => data.slice(head + 32, head + 32 + bytes)))]
}

const slotOf = (slot: bigint): Uint8Array => setLengthLeft(bigIntToBytes(slot), 32)
