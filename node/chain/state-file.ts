/**
 * A chain in one file: JSON in the form of `anvil --dump-state`, which lists the accounts, and beside them under `infernode` the whole
 * database. A node of the same genesis takes the database and goes on where the other was, with all blocks, receipts and old states; any
 * other node, and Anvil, takes the accounts. In the same way the accounts of a file of Anvil are taken.
 */

import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { Account, bytesToHex, createAddressFromString, equalsBytes, hexToBytes, setLengthLeft } from '@ethereumjs/util'
import { z } from 'zod'
import { NodeError } from '../errors.ts'
import { keys } from '../state/keys.ts'
import type { Machine } from '../state/machine.ts'
import { namedAccounts, namedSlots } from '../state/names.ts'
import type { StoreWrite } from '../state/store.ts'
import { type Core, viewAt } from './core.ts'
import type { Producer } from './producer.ts'
import type { Hex } from './types.ts'

const hex = z.string().regex(/^0x([0-9a-fA-F]{2})*$/, 'wanted 0x-prefixed hex of whole bytes')
const number = z
  .union([z.number().int().min(0), z.string().regex(/^(0x[0-9a-fA-F]*|\d+)$/)], 'wanted a number')
  .transform((value) => BigInt(value === '0x' ? 0 : value))

const stateFile = z.object({
  accounts: z.record(
    z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'wanted an address'),
    z.object({ nonce: number, balance: number, code: hex, storage: z.record(hex, hex) }),
  ),
  infernode: z.object({ genesis: hex, entries: z.array(z.tuple([z.string(), z.string()])) }).optional(),
})

type StateFile = z.output<typeof stateFile>
type FileAccount = StateFile['accounts'][string]

/** Gzipped JSON. */
export async function dumpState(core: Core): Promise<Uint8Array> {
  const accounts: Record<string, object> = {}
  const view = viewAt(core, 'latest')
  for await (const address of namedAccounts(core.store)) {
    const account = view.account(address)
    if (account === undefined) continue
    const storage: Record<Hex, Hex> = {}
    for await (const slot of namedSlots(core.store, address)) {
      const value = view.slot(address, slot)
      if (value.length > 0) storage[`0x${slot}`] = bytesToHex(setLengthLeft(value, 32))
    }
    const { nonce, balance, codeHash } = account
    accounts[`0x${address}`] = { nonce: Number(nonce), balance: quantity(balance), code: bytesToHex(view.code(codeHash)), storage }
  }
  const entries: [string, string][] = []
  for await (const [key, value] of core.store.entries(new Uint8Array(0))) entries.push([base64(key), base64(value)])
  // Without a block Anvil takes the accounts over and keeps its own.
  const file = {
    block: null,
    accounts,
    best_block_number: null,
    blocks: [],
    transactions: [],
    historical_states: null,
    infernode: { genesis: genesisHash(core), entries },
  }
  return promisify(gzip)(Buffer.from(JSON.stringify(file)))
}

/** @throws NodeError STATE_FILE_INVALID */
export async function loadState(core: Core, producer: Producer, bytes: Uint8Array): Promise<void> {
  const { accounts, infernode } = await parse(bytes)
  if (infernode !== undefined && infernode.genesis === genesisHash(core)) return producer.reset(chainWrites(infernode.entries))
  await producer.alter(async (machine) => {
    for (const [address, account] of Object.entries(accounts)) await putAccount(machine, address as Hex, account)
  })
}

async function putAccount({ state }: Machine, hexAddress: Hex, { nonce, balance, code, storage }: FileAccount): Promise<void> {
  const address = createAddressFromString(hexAddress)
  await state.putAccount(address, new Account(nonce, balance))
  await state.clearStorage(address)
  if (code !== '0x') await state.putCode(address, hexToBytes(code as Hex))
  for (const [slot, value] of Object.entries(storage)) await state.putStorage(address, word(slot), word(value))
}

/** What the file holds of a chain: everything but the description of this directory, of which the head alone is taken. */
function chainWrites(entries: [string, string][]): StoreWrite[] {
  const writes = entries.map(toWrite).filter(({ key }) => key[0] !== METADATA || equalsBytes(key, keys.meta('head')))
  const head = writes.find(({ key }) => equalsBytes(key, keys.meta('head')))?.value
  const block = head && keys.block(head)
  if (block === undefined || !writes.some(({ key }) => equalsBytes(key, block)))
    throw new NodeError('STATE_FILE_INVALID', 'the state names no head among its blocks: it is damaged')
  return writes
}

/** The file may be JSON, gzipped or not. */
async function parse(bytes: Uint8Array): Promise<StateFile> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(isGzip ? await promisify(gunzip)(bytes) : bytes).toString('utf8'))
  } catch (cause) {
    throw new NodeError('STATE_FILE_INVALID', `the state is no JSON, plain or gzipped: ${(cause as Error).message}`, { cause })
  }
  const parsed = stateFile.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new NodeError('STATE_FILE_INVALID', `the state is not in the form of anvil_dumpState: ${issue?.path.join('.')}: ${issue?.message}`)
}

function genesisHash({ store }: Core): Hex {
  return bytesToHex(store.get(keys.meta('genesis'))!)
}

function word(text: string): Uint8Array {
  return setLengthLeft(hexToBytes(text as Hex), 32)
}

const METADATA = keys.meta('head')[0]
const quantity = (value: bigint): Hex => `0x${value.toString(16)}`
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
const toWrite = ([key, value]: [string, string]): StoreWrite => ({ key: fromBase64(key), value: fromBase64(value) })
