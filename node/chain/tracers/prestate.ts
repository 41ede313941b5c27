/**
 * geth's prestateTracer: the accounts and slots that a transaction touches as they were before it, and with `diffMode` what it changed.
 * The fields and what is left out follow geth (eth/tracers/native/prestate.go).
 */

import type { InterpreterStep } from '@ethereumjs/evm'
import { bigIntToAddressBytes, bigIntToBytes, bytesToHex, equalsBytes, hexToBytes, setLengthLeft } from '@ethereumjs/util'
import type { Machine } from '../../state/machine.ts'
import type { Hex } from '../types.ts'
import type { Tracer } from './subject.ts'
import { hex, rehearse, toAddress } from './tracer.ts'

export interface PrestateOptions {
  diffMode?: boolean
  disableCode?: boolean
  disableStorage?: boolean
  /** Also accounts that did not exist. */
  includeEmpty?: boolean
}

/** Absent fields: unchanged, in the state after; empty, in the state before. */
export interface TracedAccount {
  balance?: bigint
  nonce?: bigint
  code?: Uint8Array
  storage?: Record<Hex, Hex>
}

export type TracedState = Record<Hex, TracedAccount>
export type PrestateTrace = { pre: TracedState; post?: TracedState }

interface FullAccount {
  exists: boolean
  balance: bigint
  nonce: bigint
  code: Uint8Array
  storage: Map<Hex, Hex>
}

const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`

export const prestateTracer =
  (options: PrestateOptions = {}): Tracer<PrestateTrace> =>
  async (subject) => {
    const { machine } = subject
    const touched = new Map<Hex, Set<Hex>>()
    const after = await rehearse(subject, async () => {
      await collect(machine, subject.parties, touched, subject.run)
      return options.diffMode === true ? await readAccounts(machine, touched) : undefined
    })
    const before = await readAccounts(machine, touched)
    await subject.run()
    return after === undefined ? { pre: prestate(before, options) } : difference(before, after, options)
  }

/** Runs and notes every address and slot that the code names. */
async function collect({ evm }: Machine, parties: readonly Hex[], touched: Map<Hex, Set<Hex>>, run: () => Promise<unknown>): Promise<void> {
  const note = (address: Hex): Set<Hex> => {
    const known = touched.get(address) ?? new Set()
    touched.set(address, known)
    return known
  }
  for (const party of parties) note(party)
  const onStep = ({ opcode, stack, address }: InterpreterStep): void => {
    const top = stack.at(-1)
    if (top === undefined) return
    switch (opcode.name) {
      case 'SLOAD':
      case 'SSTORE':
        note(hex(address)).add(wordHex(top))
        break
      case 'BALANCE':
      case 'EXTCODESIZE':
      case 'EXTCODECOPY':
      case 'EXTCODEHASH':
      case 'SELFDESTRUCT':
        note(addressHex(top))
        break
      case 'CALL':
      case 'CALLCODE':
      case 'DELEGATECALL':
      case 'STATICCALL':
        if (stack.length >= 2) note(addressHex(stack.at(-2)!))
        break
    }
  }
  const onContract = ({ address }: { address: Parameters<typeof hex>[0] }): void => void note(hex(address))
  evm.events.on('step', onStep)
  evm.events.on('newContract', onContract)
  try {
    await run()
  } finally {
    evm.events.off('step', onStep)
    evm.events.off('newContract', onContract)
  }
}

async function readAccounts({ state }: Machine, touched: ReadonlyMap<Hex, ReadonlySet<Hex>>): Promise<Map<Hex, FullAccount>> {
  const accounts = new Map<Hex, FullAccount>()
  for (const [hexAddress, slots] of touched) {
    const address = toAddress(hexAddress)
    const account = await state.getAccount(address)
    const code = account?.isContract() === true ? await state.getCode(address) : new Uint8Array(0)
    const storage = new Map<Hex, Hex>()
    for (const slot of slots) {
      const value = account === undefined ? new Uint8Array(0) : await state.getStorage(address, hexToBytes(slot))
      storage.set(slot, bytesToHex(setLengthLeft(value, 32)))
    }
    const exists = account !== undefined && !account.isEmpty()
    accounts.set(hexAddress, { exists, balance: account?.balance ?? 0n, nonce: account?.nonce ?? 0n, code, storage })
  }
  return accounts
}

function prestate(before: ReadonlyMap<Hex, FullAccount>, options: PrestateOptions): TracedState {
  const state: TracedState = {}
  for (const [address, account] of before) {
    if (!account.exists && options.includeEmpty !== true) continue
    state[address] = { ...describe(account, options), ...storageOf(account.storage, options) }
  }
  return state
}

/** Accounts that changed alone; of their storage the slots that changed, of which empty ones are not shown. */
function difference(before: ReadonlyMap<Hex, FullAccount>, after: ReadonlyMap<Hex, FullAccount>, options: PrestateOptions): PrestateTrace {
  const pre: TracedState = {}
  const post: TracedState = {}
  for (const [address, old] of before) {
    const now = after.get(address)!
    if (!old.exists && !now.exists) continue
    const changed = [...old.storage].filter(([slot, value]) => now.storage.get(slot) !== value).map(([slot]) => slot)
    const slotsOf = (account: FullAccount) =>
      new Map(changed.map((slot) => [slot, account.storage.get(slot)!] as const).filter(([, value]) => value !== ZERO_WORD))
    const changes: TracedAccount = {
      ...(now.balance === old.balance ? {} : { balance: now.balance }),
      ...(now.nonce === old.nonce ? {} : { nonce: now.nonce }),
      ...(equalsBytes(now.code, old.code) || options.disableCode === true ? {} : { code: now.code }),
      ...storageOf(slotsOf(now), options),
    }
    const isDeleted = old.exists && !now.exists
    if (!isDeleted && Object.keys(changes).length === 0 && (changed.length === 0 || options.disableStorage === true)) continue
    if (old.exists || options.includeEmpty === true) pre[address] = { ...describe(old, options), ...storageOf(slotsOf(old), options) }
    if (!isDeleted) post[address] = changes
  }
  return { pre, post }
}

function describe({ balance, nonce, code }: FullAccount, { disableCode }: PrestateOptions): TracedAccount {
  return { balance, ...(nonce === 0n ? {} : { nonce }), ...(code.length === 0 || disableCode === true ? {} : { code }) }
}

function storageOf(storage: ReadonlyMap<Hex, Hex>, { disableStorage }: PrestateOptions): TracedAccount {
  return storage.size === 0 || disableStorage === true ? {} : { storage: Object.fromEntries(storage) }
}

const wordHex = (value: bigint): Hex => bytesToHex(setLengthLeft(bigIntToBytes(value), 32))
const addressHex = (value: bigint): Hex => bytesToHex(bigIntToAddressBytes(value & ((1n << 160n) - 1n)))
