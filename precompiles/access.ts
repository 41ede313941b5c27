/**
 * Who may run a model: the rule that contracts/ModelAccess.sol keeps, applied to the caller of the frame (docs/access.md).
 *
 * Read from the storage of that contract, in Solidity's words:
 *
 *     mapping(bytes32 model => Rule) rules;                                    // slot 0
 *     mapping(bytes32 model => mapping(address => bool)) isAllowed;            // slot 1
 *     struct Rule {
 *         uint8 mode; address authority; uint64 role;                          // word 0, from its lowest bits on
 *         uint32 quotaCalls; uint32 quotaSeconds; address receiver;            // word 1
 *     }
 *
 * What callers have used of their quotas stands in the precompile's own storage:
 *
 *     mapping(bytes32 model => mapping(address caller => Usage)) usage;        // slot 2
 *     struct Usage { uint64 window; uint64 calls; }                            // window: number of the window in which the calls were made
 */
import { parseAbi } from 'abitype'
import { bigIntToWord, encodeParameters, type Hex, hexToBytes, selectorOf, wordToBigInt } from './abi.ts'
import { addresses } from './addresses.ts'
import type { CallContext, StateReader } from './context.ts'
import { storageReadGas, storageSlotGas, storageUpdateGas } from './gas.ts'
import { inferenceAbi } from './inference-abi.ts'
import { revertWith } from './outcome.ts'
import { mappingSlot, slotAt } from './storage.ts'

/** In the order of ModelAccess.Mode. */
const modes = ['open', 'allowlist', 'roles', 'policy'] as const

export interface AccessRule {
  /** Undefined for a number that stands for no mode: nobody may run the model. */
  readonly mode: (typeof modes)[number] | undefined
  readonly authority: Hex
  readonly role: bigint
  /** Runs of one caller in one window; 0n for no quota. */
  readonly quotaCalls: bigint
  readonly quotaSeconds: bigint
  /** The only account that may call, unless it is zero. */
  readonly receiver: Hex
}

/** Gas that a role or policy contract gets, always exactly that much: its answer cannot depend on what the caller has left. */
export const authorityGas = 100_000n

const zeroAddress: Hex = `0x${'00'.repeat(20)}`
const rulesSlot = 0n
const allowedSlot = 1n
const usageSlot = 2n
const addressBits = (1n << 160n) - 1n

const [hasRole, mayRun] = parseAbi([
  'function hasRole(uint64 role, address account) view returns (bool isMember, uint32 executionDelay)',
  'function mayRun(address caller, address origin, bytes32 model) view returns (bool)',
])

/** The rule of a model; undefined where it has none and is open to all. */
export async function readRule(state: StateReader, model: Hex): Promise<AccessRule | undefined> {
  const base = mappingSlot(hexToBytes(model), rulesSlot)
  const words = [0n, 1n].map((word) => state.getStorage(addresses.modelAccess, slotAt(base + word)))
  const [first, second] = (await Promise.all(words)).map(wordToBigInt) as [bigint, bigint]
  if (first === 0n && second === 0n) return undefined
  return {
    mode: modes[Number(first & 0xffn)],
    authority: toAddress(first >> 8n),
    role: BigInt.asUintN(64, first >> 168n),
    quotaCalls: BigInt.asUintN(32, second),
    quotaSeconds: BigInt.asUintN(32, second >> 32n),
    receiver: toAddress(second >> 64n),
  }
}

/**
 * Reverts with AccessDenied, QuotaModel or QuotaExceeded where the rule of the model does not let the caller. `run` counts nothing, `consume` counts against the quota.
 * Gas: nothing beside the entry for an open model; `storageReadGas` for an allowlist; EIP-2929 access of the authority and what its code takes; the write of a quota.
 */
export async function requireAccess(context: CallContext, model: Hex, use: 'run' | 'consume'): Promise<void> {
  const rule = await readRule(context.state, model)
  if (rule === undefined) return
  const { caller } = context
  const isReceiver = rule.receiver === zeroAddress || rule.receiver === caller
  if (caller === zeroAddress || !isReceiver || !(await isPermitted(context, model, rule)))
    throw revertWith(inferenceAbi, 'AccessDenied', [model, caller])
  if (rule.quotaCalls === 0n) return
  if (use === 'run') throw revertWith(inferenceAbi, 'QuotaModel', [model])
  await countUse(context, model, rule)
}

async function isPermitted(context: CallContext, model: Hex, { mode, authority, role }: AccessRule): Promise<boolean> {
  const { caller, origin, state, gas } = context
  switch (mode) {
    case 'open':
      return true
    case 'allowlist': {
      gas.charge(storageReadGas)
      const slot = mappingSlot(wordOf(caller), mappingSlot(hexToBytes(model), allowedSlot))
      return wordToBigInt(await state.getStorage(addresses.modelAccess, slotAt(slot))) === 1n
    }
    case 'roles': {
      const [isMember, executionDelay] = await ask(context, authority, hasRole, [role, caller])
      return isMember === 1n && executionDelay === 0n
    }
    case 'policy': {
      const [may] = await ask(context, authority, mayRun, [caller, origin, model])
      return may === 1n
    }
    default:
      return false
  }
}

/** The words of a contract's answer to a static call; none where the call fails, or where the answer is too short for its type. */
async function ask(
  { gas, state, staticCall }: CallContext,
  authority: Hex,
  question: typeof hasRole | typeof mayRun,
  args: readonly (bigint | Hex)[],
): Promise<bigint[]> {
  gas.charge(state.accessAccount(authority))
  gas.require(authorityGas)
  const encoded = encodeParameters(question.inputs, args)
  const data = new Uint8Array(4 + encoded.length)
  data.set(hexToBytes(selectorOf(question.name, question.inputs)))
  data.set(encoded, 4)
  const { success, output, gasUsed } = await staticCall(authority, data, authorityGas)
  gas.charge(gasUsed)
  const words = question.outputs.length
  if (!success || output.length < 32 * words) return []
  return Array.from({ length: words }, (_, word) => wordToBigInt(output.subarray(32 * word, 32 * word + 32)))
}

/** Counts one run of the caller in the window that the block's time lies in. */
async function countUse({ state, gas, caller, timestamp }: CallContext, model: Hex, rule: AccessRule): Promise<void> {
  gas.charge(storageReadGas)
  const slot = slotAt(mappingSlot(wordOf(caller), mappingSlot(hexToBytes(model), usageSlot)))
  const usage = wordToBigInt(await state.getStorage(addresses.inference, slot))
  const window = BigInt.asUintN(64, rule.quotaSeconds === 0n ? 0n : timestamp / rule.quotaSeconds)
  const calls = BigInt.asUintN(64, usage) === window ? usage >> 64n : 0n
  if (calls >= rule.quotaCalls) throw revertWith(inferenceAbi, 'QuotaExceeded', [model, caller, (window + 1n) * rule.quotaSeconds])
  gas.charge((usage === 0n ? storageSlotGas : storageUpdateGas) - storageReadGas)
  await state.putStorage(addresses.inference, slot, bigIntToWord(window | ((calls + 1n) << 64n)))
}

function wordOf(address: Hex): Uint8Array {
  return bigIntToWord(BigInt(address))
}

function toAddress(bits: bigint): Hex {
  return `0x${(bits & addressBits).toString(16).padStart(40, '0')}`
}
