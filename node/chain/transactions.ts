/** Transactions as the chain sees them: decoding, unsigned messages, signing, and what a chain with free gas charges. */

import type { Common } from '@ethereumjs/common'
import { RLP } from '@ethereumjs/rlp'
import {
  Blob4844Tx,
  createBlob4844TxFromSerializedNetworkWrapper,
  createFeeMarket1559Tx,
  createLegacyTx,
  createMinimal4844TxFromNetworkWrapper,
  createTx,
  createTxFromRLP,
  isBlob4844Tx,
  TransactionType,
  type TxData,
  type TypedTransaction,
} from '@ethereumjs/tx'
import { Address, bigIntMax, bytesToBigInt, bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { systemAddress } from '../../precompiles/index.ts'
import { NodeError } from '../errors.ts'
import { keccak256 } from './crypto.ts'
import type { Authorization, CallRequest, Hex, SystemCall } from './types.ts'

export const ZERO_ADDRESS: Hex = '0x0000000000000000000000000000000000000000'

/**
 * Decodes a signed transaction as `eth_sendRawTransaction` gets it. There is one encoding of each: the transaction keeps these bytes.
 * @throws NodeError TRANSACTION_MALFORMED, TRANSACTION_TYPE_UNSUPPORTED, CHAIN_ID_MISMATCH
 */
export function decodeTransaction(raw: Uint8Array, common: Common): TypedTransaction {
  if (raw.length === 0) throw new NodeError('TRANSACTION_MALFORMED', 'typed transaction too short: got 0 bytes')
  const type = raw[0]!
  if (type <= 0x7f && (type < TransactionType.AccessListEIP2930 || type > TransactionType.EOACodeEIP7702))
    throw new NodeError('TRANSACTION_TYPE_UNSUPPORTED', `transaction type not supported: got ${type}, wanted legacy, 1, 2, 3 or 4`)
  let tx: TypedTransaction
  try {
    tx = type === TransactionType.BlobEIP4844 ? decodeWithBlobs(raw, common) : createTxFromRLP(raw, { common, freeze: false })
  } catch (cause) {
    throw describeMalformed(raw, cause as Error, common)
  }
  if (!tx.isSigned()) throw new NodeError('TRANSACTION_MALFORMED', 'invalid transaction v, r, s values: the transaction is not signed')
  // With blobs these are not the bytes that stand in a block.
  if (type !== TransactionType.BlobEIP4844) tx.serialize = () => raw
  Object.freeze(tx)
  return tx
}

/** With its blobs, whose proofs are checked: those of EIP-4844, or of the cells of EIP-7594. */
function decodeWithBlobs(raw: Uint8Array, common: Common): TypedTransaction {
  const [fields] = RLP.decode(raw.subarray(1)) as [Uint8Array | Uint8Array[]]
  if (!Array.isArray(fields)) throw new Error('it has no blobs, wanted a blob transaction with its sidecar')
  return createBlob4844TxFromSerializedNetworkWrapper(raw, { common, freeze: false })
}

/** As it stands in a block: without its blobs. */
export function withoutBlobs(tx: TypedTransaction): TypedTransaction {
  return isBlob4844Tx(tx) && tx.blobs !== undefined ? createMinimal4844TxFromNetworkWrapper(tx, { common: tx.common }) : tx
}

/** The same transaction under the rules of another fork, where it came in before the fork began. */
export function underRules(tx: TypedTransaction, common: Common): TypedTransaction {
  return tx.common === common ? tx : createTxFromRLP(tx.serialize(), { common })
}

/** @throws NodeError TRANSACTION_MALFORMED when the signature belongs to nobody, or is that of an impersonated sender. */
export function recoverSender(tx: TypedTransaction): Hex {
  if (impersonatedSender(tx) !== undefined)
    throw new NodeError('TRANSACTION_MALFORMED', 'invalid sender: the signature has the form of an impersonated sender')
  try {
    return bytesToHex(keccak256(tx.getSenderPublicKey()).subarray(12))
  } catch (cause) {
    throw new NodeError('TRANSACTION_MALFORMED', 'invalid sender: the signature does not recover to an address', { cause })
  }
}

/** Least gas limit that the transaction may have: intrinsic gas, and the calldata floor of EIP-7623. */
export function minimumGasLimit(tx: TypedTransaction): bigint {
  const { intrinsic, floor } = gasOf(tx)
  return bigIntMax(intrinsic, floor)
}

export function intrinsicGas(tx: TypedTransaction): bigint {
  return gasOf(tx).intrinsic
}

interface TransactionGas {
  /** Of calldata, init code, access and authorization lists. */
  data: bigint
  intrinsic: bigint
  /** Of EIP-7623. */
  floor: bigint
}

/** Beside what the library has counted of a transaction. The same one may run under the rules of several forks. */
const counted = Symbol('gas')
type CountedGas = TypedTransaction['cache'] & { [counted]?: { readonly rules: Common; readonly gas: TransactionGas } }

/**
 * The library adds up a bigint for each byte of calldata; for a megabyte, three times in each transaction, that is slower than most inferences.
 * So the bytes are counted here, once, and the library is asked about the lists alone.
 */
export function gasOf(tx: TypedTransaction): TransactionGas {
  const cache: CountedGas = tx.cache
  if (cache[counted]?.rules !== tx.common) cache[counted] = { rules: tx.common, gas: countGas(tx) }
  return cache[counted].gas
}

function countGas(tx: TypedTransaction): TransactionGas {
  const { common } = tx
  if (!common.isActivatedEIP(7623)) return { data: tx.getDataGas(), intrinsic: tx.getIntrinsicGas(), floor: 0n }
  const tokens = calldataTokens(tx.data)
  const lists = hasLists(tx) ? (Object.create(tx, { data: { value: NO_DATA }, cache: { value: {} } }) as TypedTransaction).getDataGas() : 0n
  // Four times as much for a byte that is not zero: its tokens (EIP-7623) in the price of zero bytes (EIP-2028).
  const calldata = common.param('txDataZeroGas') * tokens
  const initCode = tx.to === undefined ? common.param('initCodeWordGas') * BigInt(Math.ceil(tx.data.length / 32)) : 0n
  const data = calldata + initCode + lists
  const intrinsic = common.param('txGas') + data + (tx.to === undefined ? common.param('txCreationGas') : 0n)
  return { data, intrinsic, floor: common.param('txGas') + common.param('totalCostFloorPerToken') * tokens }
}

const hasLists = (tx: TypedTransaction) => 'authorizationList' in tx || ('accessList' in tx && tx.accessList.length > 0)

const NO_DATA = new Uint8Array(0)
const MAX_FEE = (1n << 256n) - 1n

function calldataTokens(data: Uint8Array): bigint {
  let nonZero = 0
  for (let index = 0; index < data.length; index++) if (data[index] !== 0) nonZero++
  return BigInt(data.length + 3 * nonZero)
}

/**
 * The transaction as the machine executes it: from this sender, without recovering the signature again, and on a chain with free gas with
 * all its fees 0, so that neither the balance check nor the charge nor GASPRICE sees the offer.
 */
export function executionView(tx: TypedTransaction, sender: Hex, freeGas: boolean): TypedTransaction {
  const senderAddress = createAddressFromString(sender)
  const { data, intrinsic, floor } = gasOf(tx)
  const properties: PropertyDescriptorMap = {
    getSenderAddress: { value: () => senderAddress },
    getDataGas: { value: () => data },
    getIntrinsicGas: { value: () => intrinsic },
  }
  if (tx.common.isActivatedEIP(7623)) properties.common = { value: withCountedFloor(tx.common, floor) }
  if (freeGas) {
    for (const fee of ['gasPrice', 'maxFeePerGas', 'maxPriorityFeePerGas']) if (fee in tx) properties[fee] = { value: 0n }
    // Blobs cost nothing either, whatever they cost in the header.
    if ('numBlobs' in tx) Object.assign(properties, { numBlobs: { value: () => 0 }, maxFeePerBlobGas: { value: MAX_FEE } })
  }
  return Object.create(tx, properties) as TypedTransaction
}

/**
 * The rules by which the library arrives at this calldata floor (base gas, and a price for each token of calldata) without counting: by
 * EIP-7976 all bytes have the same number of tokens, which are free here, and the base is the floor.
 */
function withCountedFloor(common: Common, floor: bigint): Common {
  return Object.create(common, {
    isActivatedEIP: { value: (eip: number) => eip === 7976 || common.isActivatedEIP(eip) },
    param: { value: (name: string) => (name === 'txGas' ? floor : name === 'totalCostFloorPerToken' ? 0n : common.param(name)) },
  }) as Common
}

/** The unsigned transaction of a call. Absent fees are 0. */
export function unsignedTransaction(request: CallRequest, gasLimit: bigint, common: Common): TypedTransaction {
  return buildUnsigned({ ...request, gas: gasLimit, nonce: request.nonce ?? 0n }, common)
}

/** The same with a signature of zeros, as it stands in a simulated block and has a hash. */
export function unsignedWithHash(request: CallRequest, common: Common): TypedTransaction {
  const tx = buildUnsigned(request, common)
  const signature = { v: 0n, r: 0n, s: 0n }
  return Object.create(tx, { ...valuesOf(signature), cache: { value: {} } }) as TypedTransaction
}

const valuesOf = (values: Record<string, unknown>): PropertyDescriptorMap =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]))

/** Signs a complete request; `gas` and `nonce` must be set. */
export function signRequest(request: CallRequest, privateKey: Uint8Array, common: Common): TypedTransaction {
  return buildUnsigned(request, common).sign(privateKey)
}

/**
 * A transaction of an impersonated sender, and one of the system, carries the sender as `r` and 1 as `s`: no wallet comes upon such a signature, raw transactions with
 * one are refused, and the hash depends on the sender.
 */
export function impersonatedTransaction(request: CallRequest, sender: Hex, common: Common): TypedTransaction {
  return buildUnsigned(request, common).addSignature(0n, hexToBytes(sender), new Uint8Array([1]), true)
}

/** Who a transaction in a block is from. @throws NodeError TRANSACTION_MALFORMED */
export function senderInBlock(tx: TypedTransaction): Hex {
  return impersonatedSender(tx) ?? recoverSender(tx)
}

function impersonatedSender({ r, s }: TypedTransaction): Hex | undefined {
  if (s !== 1n || r === undefined || r >= 1n << 160n) return undefined
  return `0x${r.toString(16).padStart(40, '0')}`
}

/** As impersonated, from the system: `to`, `data` and `gas` are the call's, and no fee is offered. */
export function systemTransaction(call: SystemCall, nonce: bigint, common: Common): TypedTransaction {
  return impersonatedTransaction({ ...call, nonce, gasPrice: 0n }, systemAddress, common)
}

export function isImpersonated(tx: TypedTransaction, sender: Hex): boolean {
  return tx.s === 1n && tx.r === BigInt(sender)
}

function buildUnsigned(request: CallRequest, common: Common): TypedTransaction {
  const { to, data, value, gas, nonce, maxFeePerGas, maxPriorityFeePerGas, accessList } = request
  const { blobVersionedHashes, maxFeePerBlobGas, authorizationList } = request
  // Before London there is nothing but a price.
  const hasFeeCap = maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined
  const gasPrice = request.gasPrice ?? (common.isActivatedEIP(1559) || hasFeeCap ? undefined : 0n)
  const shared = {
    ...(to === undefined ? {} : { to: new Address(hexToBytes(to)) }),
    data: data === undefined ? NO_DATA : { toBytes: () => data },
    value: value ?? 0n,
    gasLimit: gas!,
    nonce: nonce!,
  }
  try {
    if (gasPrice !== undefined && hasFeeCap) throw new Error('both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified')
    if (gasPrice !== undefined && accessList === undefined) return createLegacyTx({ ...shared, gasPrice }, { common })
    if (gasPrice !== undefined) return createTx({ ...shared, gasPrice, accessList, type: 1 } as TxData[1], { common })
    const dynamic = {
      ...shared,
      maxFeePerGas: maxFeePerGas ?? maxPriorityFeePerGas ?? 0n,
      maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n,
      accessList: accessList ?? [],
    }
    if (blobVersionedHashes !== undefined)
      return new Blob4844Tx({ ...dynamic, blobVersionedHashes, maxFeePerBlobGas: maxFeePerBlobGas ?? 0n } as TxData[3], { common })
    if (authorizationList !== undefined)
      return createTx({ ...dynamic, authorizationList: authorizationList.map(toAuthorization), type: 4 } as TxData[4], { common })
    return createFeeMarket1559Tx(dynamic, { common })
  } catch (cause) {
    throw new NodeError('CALL_INVALID', describe(cause as Error), { cause })
  }
}

function toAuthorization({ chainId, address, nonce, yParity, r, s }: Authorization) {
  const quantity = (value: bigint) => `0x${value.toString(16)}` as const
  return { chainId: quantity(chainId), address, nonce: quantity(nonce), yParity: quantity(yParity), r: quantity(r), s: quantity(s) }
}

/** The library appends a dump of the transaction in parentheses. */
function describe(error: Error): string {
  return error.message.replace(/ \((?:tx type|unsigned tx|tx)[\s\S]*\)$/, '')
}

function describeMalformed(raw: Uint8Array, error: Error, common: Common): NodeError {
  const message = describe(error)
  if (/chain ?id|EIP155-based V/i.test(message)) {
    const chainId = claimedChainId(raw)
    return new NodeError('CHAIN_ID_MISMATCH', `invalid chain id for signer: have ${chainId} want ${common.chainId()}`, { cause: error })
  }
  return new NodeError('TRANSACTION_MALFORMED', `invalid transaction: ${message}`, { cause: error })
}

/** First field of a typed transaction; of a legacy one, what EIP-155 put into v. */
function claimedChainId(raw: Uint8Array): bigint {
  if (raw[0]! <= 0x7f) return bytesToBigInt((RLP.decode(raw.subarray(1)) as Uint8Array[])[0]!)
  return (bytesToBigInt((RLP.decode(raw) as Uint8Array[])[6]!) - 35n) / 2n
}

export function transactionHash(tx: TypedTransaction): Hex {
  return bytesToHex(tx.hash())
}
