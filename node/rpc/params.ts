/**
 * Schemas of JSON-RPC parameters, after the Ethereum execution API (github.com/ethereum/execution-apis, schemas).
 * Quantities become bigint, bytes a Uint8Array; hashes and addresses stay hex, in lower case. Every refusal says what was wanted and what came.
 */
import { z } from 'zod'
import type { BlockOverride, BlockTag, CallRequest, Hex, StateOverride } from '../chain/types.ts'
import { fromHex, toWord } from './hex.ts'

const shown = (value: unknown): string => {
  const text = jsonOf(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** What can be parsed may be nested too deep to be written. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch (error) {
    if (error instanceof RangeError) return 'something nested too deep'
    throw error
  }
}

/** A value that `convert` accepts: it answers undefined for anything else. */
function parsed<T>(wanted: string, convert: (value: unknown) => T | undefined): z.ZodType<T> {
  return z.unknown().transform((value, context) => {
    const result = convert(value)
    if (result !== undefined) return result
    context.addIssue({ code: 'custom', message: `wanted ${wanted}, got ${shown(value)}` })
    return z.NEVER
  })
}

const matching = (pattern: RegExp) => (value: unknown) =>
  typeof value === 'string' && pattern.test(value) ? (value.toLowerCase() as Hex) : undefined

const quantityPattern = /^0x[0-9a-fA-F]{1,64}$/
const hashPattern = /^0x[0-9a-fA-F]{64}$/

const toQuantity = (value: unknown) => (typeof value === 'string' && quantityPattern.test(value) ? BigInt(value) : undefined)

/** Development methods take plain numbers and decimal strings too, as Anvil and Hardhat do. */
function toNumberLike(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
  return typeof value === 'string' && /^[0-9]{1,78}$/.test(value) ? BigInt(value) : toQuantity(value)
}

type Undefinable<T> = { [K in keyof T]: T[K] | undefined }

/** Leaves out the keys without a value. */
function present<T extends object>(fields: Undefinable<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** A field that other nodes know and this one must not ignore. An empty list asks for nothing. */
const refused = (reason: string) =>
  z
    .unknown()
    .refine((value) => value == null || (Array.isArray(value) && value.length === 0), { message: reason })
    .optional()
    .transform(() => undefined)

/** May be absent; `null` means absent too, as in geth. */
export const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? undefined, schema.optional())

export const address = parsed('an address (0x and 40 hex digits)', matching(/^0x[0-9a-fA-F]{40}$/))
export const hash = parsed('32 bytes (0x and 64 hex digits)', matching(hashPattern))
export const bytes = parsed('bytes (0x and an even number of hex digits)', (value) =>
  typeof value === 'string' ? fromHex(value) : undefined,
)
/** Bytes of at most one word, padded on the left to 32. */
export const word = parsed('at most 32 bytes of hex', (value) => {
  const number = toQuantity(value)
  return number === undefined ? undefined : fromHex(toWord(number))
})
export const filterId = parsed('an id as eth_newFilter or eth_subscribe returned it', matching(quantityPattern))
export const quantity = parsed('a quantity (0x and 1 to 64 hex digits)', toQuantity)
export const numberLike = parsed('a number, or a quantity in hex', toNumberLike)
export const flag = parsed('true or false', (value) => (typeof value === 'boolean' ? value : undefined))
export const text = parsed('a string', (value) => (typeof value === 'string' ? value : undefined))
/** A storage slot: execution-apis allow 1 to 64 digits. */
export const slot = parsed('a storage slot (0x and 1 to 64 hex digits)', toQuantity)

/** A storage slot, and whether it was given as a whole word. */
export const storageKey = parsed('a storage slot (0x and 1 to 64 hex digits)', (value) => {
  const slot = toQuantity(value)
  return slot === undefined ? undefined : { slot, isWord: (value as string).length === 66 }
})

const tags: ReadonlySet<string> = new Set(['latest', 'earliest', 'pending', 'safe', 'finalized'])

function toBlock(value: unknown): BlockTag | undefined {
  if (typeof value === 'string') {
    if (tags.has(value)) return value as BlockTag
    const blockHash = matching(hashPattern)(value)
    return blockHash ? { blockHash } : toQuantity(value)
  }
  if (typeof value !== 'object' || value === null) return undefined
  // EIP-1898. `requireCanonical` asks nothing here: there is one branch only.
  if ('blockHash' in value) {
    const blockHash = matching(hashPattern)(value.blockHash)
    return blockHash && { blockHash }
  }
  return 'blockNumber' in value ? toQuantity(value.blockNumber) : undefined
}

export const block = parsed(
  'a block: a number in hex, a hash, latest, earliest, pending, safe, finalized, { blockHash } or { blockNumber }',
  toBlock,
)
/** The latest block where none is named. */
export const blockOrLatest = z.preprocess((value) => value ?? 'latest', block)

const accessList = z.array(z.object({ address, storageKeys: z.array(hash) }))
const authorization = z.object({ chainId: quantity, address, nonce: quantity, yParity: quantity, r: quantity, s: quantity })

/**
 * A call, or a transaction still without signature (execution-apis: GenericTransaction), as the chain takes it.
 * Unknown fields are ignored, as in geth; what the chain cannot honour is refused.
 */
export const transactionRequest = z
  .object({
    from: optional(address),
    to: optional(address),
    gas: optional(quantity),
    gasPrice: optional(quantity),
    maxFeePerGas: optional(quantity),
    maxPriorityFeePerGas: optional(quantity),
    value: optional(quantity),
    nonce: optional(quantity),
    input: optional(bytes),
    data: optional(bytes),
    accessList: optional(accessList),
    blobVersionedHashes: optional(z.array(hash).max(32)),
    maxFeePerBlobGas: optional(quantity),
    blobs: refused('a transaction with blobs must be sent signed, by eth_sendRawTransaction'),
    authorizationList: optional(z.array(authorization)),
  })
  .transform(({ input, data, ...fields }, context): CallRequest => {
    const fail = (message: string) => {
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    if (input && data && !equalBytes(input, data)) return fail('wanted equal "input" and "data" where both are given; prefer "input"')
    if (fields.gasPrice !== undefined && (fields.maxFeePerGas ?? fields.maxPriorityFeePerGas) !== undefined) {
      return fail('wanted either "gasPrice" or "maxFeePerGas" and "maxPriorityFeePerGas", got both')
    }
    return present({ ...fields, data: input ?? data })
  })

const stateOverride = z.object({
  balance: optional(quantity),
  nonce: optional(quantity),
  code: optional(bytes),
  state: optional(z.record(hash, hash)),
  stateDiff: optional(z.record(hash, hash)),
})

/** State overrides of a simulated block, where precompiles can be moved. */
export const blockStateOverrides = z.record(
  address,
  stateOverride
    .extend({ movePrecompileToAddress: optional(address), MovePrecompileToAddress: optional(address) })
    .transform(
      ({ movePrecompileToAddress, MovePrecompileToAddress, ...fields }): StateOverride =>
        present({ ...fields, movePrecompileTo: movePrecompileToAddress ?? MovePrecompileToAddress }),
    ),
)

/** State that one call sees instead of the chain's, by address (as geth's eth_call takes it). */
export const stateOverrides = z.record(address, stateOverride.transform(present<StateOverride>))

/** EIP-4895; the amount is in gwei. */
export const withdrawal = z.object({ index: quantity, validatorIndex: quantity, address, amount: quantity })

/** Fields of the block that one call sees. Both the execution-apis' names and geth's older ones are understood. */
export const blockOverrides = z
  .object({
    number: optional(quantity),
    time: optional(quantity),
    timestamp: optional(quantity),
    gasLimit: optional(quantity),
    feeRecipient: optional(address),
    coinbase: optional(address),
    prevRandao: optional(hash),
    random: optional(hash),
    baseFeePerGas: optional(quantity),
    baseFee: optional(quantity),
    blobBaseFee: optional(quantity),
    withdrawals: optional(z.array(withdrawal)),
    beaconRoot: optional(hash),
    parentBeaconBlockRoot: optional(hash),
  })
  .transform(
    ({ number, time, timestamp, gasLimit, feeRecipient, coinbase, prevRandao, random, withdrawals, ...fees }): BlockOverride =>
      present({
        number,
        gasLimit,
        baseFeePerGas: fees.baseFeePerGas ?? fees.baseFee,
        blobBaseFee: fees.blobBaseFee,
        timestamp: time ?? timestamp,
        coinbase: feeRecipient ?? coinbase,
        prevRandao: prevRandao ?? random,
        withdrawals,
        parentBeaconBlockRoot: fees.parentBeaconBlockRoot ?? fees.beaconRoot,
      }),
  )

const oneOrMany = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value == null ? [] : Array.isArray(value) ? value : [value]), z.array(schema))

/** A log filter (execution-apis: Filter). An empty list of addresses, or of values at a topic's position, matches everything. */
export const logFilter = z
  .object({
    fromBlock: optional(block),
    toBlock: optional(block),
    blockHash: optional(hash),
    address: oneOrMany(address),
    topics: z.preprocess((value) => value ?? [], z.array(oneOrMany(hash)).max(4, 'wanted at most 4 topics')),
  })
  .refine((filter) => filter.blockHash === undefined || (filter.fromBlock === undefined && filter.toBlock === undefined), {
    message: 'wanted either "blockHash" or "fromBlock" and "toBlock", got both',
  })
  .refine(({ fromBlock, toBlock }) => typeof fromBlock !== 'bigint' || typeof toBlock !== 'bigint' || fromBlock <= toBlock, {
    message: 'wanted "fromBlock" not above "toBlock"',
  })

export type LogFilterParam = z.output<typeof logFilter>
