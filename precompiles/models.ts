/**
 * The models that have been activated, in the storage of the inference precompile's account. In Solidity's words:
 *
 *     bytes32[] ids;                              // slot 0, in order of activation
 *     mapping(bytes32 model => Record) records;   // slot 1
 *     struct Record {
 *         uint64[16] work;                        // slots 0 to 3: docs/embedding.md; but the last holds, from its lowest bits on:
 *                                                 // uint8 status (1 active, 2 retired), uint8 rounding, uint16 operators, uint32 modelBytes
 *         address[] chunks;                       // slot 4: contracts whose code is 0x00 and then the artifact's bytes; none where they are off chain
 *         bytes32 digest;                         // slot 5: sha256 of the artifact
 *     }
 */
import { bigIntToWord, bytesToHex, type Hex, hexToBytes, wordToBigInt } from './abi.ts'
import { addresses } from './addresses.ts'
import type { CallState, StateReader } from './context.ts'
import { storageSlotGas } from './gas.ts'
import { arraySlot, mappingSlot, packWords, slotAt, unpackWord } from './storage.ts'

export interface ModelRecord {
  readonly id: Hex
  /** 0 fp32 · 1 single · 2 double. */
  readonly rounding: number
  readonly operatorCount: number
  /** 16 slots. */
  readonly work: bigint[]
}

/** `retired`: the model was active and can be run no more. */
export type ModelStatus = 'active' | 'retired'

/** Slots of the work vector that the record is asked for by name. */
export const workSlot = { macs: 0, inputBytes: 11, outputBytes: 12, loadedBytes: 13, pages: 14, modelBytes: 15 } as const

const idsSlot = 0n
const recordsSlot = 1n
const workSlots = 4
const chunksOffset = 4n
const digestOffset = 5n
/** Element of the work array that holds the record's head, with the work vector's last number. */
const headIndex = workSlot.modelBytes
const statusCodes: Record<ModelStatus, bigint> = { active: 1n, retired: 2n }

function recordSlot(id: Hex): bigint {
  return mappingSlot(hexToBytes(id), recordsSlot)
}

/** Undefined where the model is not active. */
export async function readModel(state: StateReader, id: Hex): Promise<ModelRecord | undefined> {
  const record = await readRecord(state, id)
  return record?.status === 'active' ? record : undefined
}

/** Undefined where the model has never been activated. */
export async function readRecord(state: StateReader, id: Hex): Promise<(ModelRecord & { readonly status: ModelStatus }) | undefined> {
  const base = recordSlot(id)
  const read = async (slot: number) => unpackWord(await state.getStorage(addresses.inference, slotAt(base + BigInt(slot))), 64)
  const last = await read(workSlots - 1)
  const head = last.pop()!
  const status = head & 0xffn
  if (status === 0n) return undefined
  const work: bigint[] = []
  for (let slot = 0; slot < workSlots - 1; slot++) work.push(...(await read(slot)))
  work.push(...last, head >> 32n)
  return {
    id,
    status: status === statusCodes.active ? 'active' : 'retired',
    rounding: Number((head >> 8n) & 0xffn),
    operatorCount: Number((head >> 16n) & 0xffffn),
    work,
  }
}

/** sha256 of an active model's artifact: quicker to check than its root when the bytes are read again. */
export async function readDigest(state: StateReader, id: Hex): Promise<Hex> {
  return bytesToHex(await state.getStorage(addresses.inference, slotAt(recordSlot(id) + digestOffset)))
}

/** Addresses of the contracts that hold an active model's artifact, in order. */
export async function readChunks(state: StateReader, id: Hex): Promise<Hex[]> {
  const lengthSlot = recordSlot(id) + chunksOffset
  const count = wordToBigInt(await state.getStorage(addresses.inference, slotAt(lengthSlot)))
  const first = arraySlot(lengthSlot)
  const chunks: Hex[] = []
  for (let index = 0n; index < count; index++)
    chunks.push(bytesToHex((await state.getStorage(addresses.inference, slotAt(first + index))).subarray(12)))
  return chunks
}

/** Takes the status from a model that is active. */
export async function retireModel(state: CallState, id: Hex): Promise<void> {
  const slot = slotAt(recordSlot(id) + BigInt(workSlots - 1))
  const words = unpackWord(await state.getStorage(addresses.inference, slot), 64)
  const head = words.at(-1)! + statusCodes.retired - statusCodes.active
  await state.putStorage(addresses.inference, slot, packWords(words.with(-1, head), 64)[0]!)
}

/** All active models, in order of activation. */
export async function listModels(state: StateReader): Promise<ModelRecord[]> {
  const count = wordToBigInt(await state.getStorage(addresses.inference, slotAt(idsSlot)))
  const first = arraySlot(idsSlot)
  const models: ModelRecord[] = []
  for (let index = 0n; index < count; index++) {
    const record = await readModel(state, bytesToHex(await state.getStorage(addresses.inference, slotAt(first + index))))
    if (record !== undefined) models.push(record)
  }
  return models
}

/** Storage slots that a new record takes: id and count, work, digest, count of chunks, chunks. */
export function recordGas(chunkCount: number): bigint {
  return storageSlotGas * BigInt(2 + workSlots + 1 + 1 + chunkCount)
}

export async function writeModel(state: CallState, record: ModelRecord, chunks: readonly Hex[], digest: Hex): Promise<void> {
  const put = (slot: bigint, value: Uint8Array) => state.putStorage(addresses.inference, slotAt(slot), value)
  const base = recordSlot(record.id)
  const count = wordToBigInt(await state.getStorage(addresses.inference, slotAt(idsSlot)))
  await put(idsSlot, bigIntToWord(count + 1n))
  await put(arraySlot(idsSlot) + count, hexToBytes(record.id))
  const head =
    statusCodes.active |
    (BigInt(record.rounding) << 8n) |
    (BigInt(record.operatorCount) << 16n) |
    (record.work[workSlot.modelBytes]! << 32n)
  for (const [slot, word] of packWords(record.work.with(headIndex, head), 64).entries()) await put(base + BigInt(slot), word)
  await put(base + chunksOffset, bigIntToWord(BigInt(chunks.length)))
  await put(base + digestOffset, hexToBytes(digest))
  const first = arraySlot(base + chunksOffset)
  for (const [index, chunk] of chunks.entries()) await put(first + BigInt(index), bigIntToWord(BigInt(chunk)))
}
