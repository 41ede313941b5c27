/**
 * The prices of inference, in milli-gas (docs/embedding.md, "Work and prices"). Prices are chain state: they stand in the GasSchedule contract, and what is here are only
 * the values of a genesis, and the constants that are charged before the state is read.
 *
 * Unit: 1 gas stands for 10 ns, 1 milli-gas for 10 ps, in the slowest state of the machine (V8's baseline tier, cold caches).
 */
import type { StateReader } from './context.ts'
import { slotAt, unpackWord } from './storage.ts'

/** In the order of the price vector's slots. */
export const priceNames = [
  'base',
  'operators',
  'gemmMacs',
  'gemvMacs',
  'depthwiseMacs',
  'preparedElements',
  'requantizedElements',
  'poolTaps',
  'elements',
  'fixedPointElements',
  'copiedBytes',
  'inputBytes',
  'outputBytes',
  'loadedBytes',
  'pages',
  'activationBytes',
] as const

export type PriceName = (typeof priceNames)[number]
export type Prices = Record<PriceName, bigint>

/** Milli-gas: what bench/calibrate fits to docs/performance/calibration.json. */
export const genesisPrices: Prices = {
  base: 270_000n,
  operators: 560_000n,
  gemmMacs: 7n,
  gemvMacs: 22n,
  depthwiseMacs: 15n,
  preparedElements: 23n,
  requantizedElements: 130n,
  poolTaps: 17n,
  elements: 73n,
  fixedPointElements: 800n,
  copiedBytes: 8n,
  inputBytes: 9n,
  outputBytes: 48n,
  loadedBytes: 150n,
  pages: 2_500_000n,
  activationBytes: 1_500n,
}

/** Gas for being called: dispatch, and reading the prices, a model's record and its rule of access. */
export const callGas = 3_000n
/** Gas for each 32 bytes of calldata, begun ones included: what the identity precompile (0x04) takes. */
export const calldataWordGas = 3n
/** Gas for writing an empty storage slot, as SSTORE takes it from a cold one (EIP-2929). */
export const storageSlotGas = 22_100n
/** Gas for changing a cold storage slot that is not empty (EIP-2929). */
export const storageUpdateGas = 5_000n
/** Gas for reading a cold storage slot (EIP-2929). */
export const storageReadGas = 2_100n
/** Gas for each 32 bytes read from a contract's code, begun ones included: what EXTCODECOPY takes. */
export const codeWordGas = 3n

/** Prices fit 32 bits: GasSchedule.sol keeps eight to a slot, so that a call reads two. */
export const priceBits = 32
const priceSlots = 2

/** The price vector as the module takes it, from slots 0 and 1 of the GasSchedule contract's storage, the first price in the lowest bits. */
export async function readPrices(state: StateReader, gasSchedule: `0x${string}`): Promise<bigint[]> {
  const prices: bigint[] = []
  for (let slot = 0; slot < priceSlots; slot++)
    prices.push(...unpackWord(await state.getStorage(gasSchedule, slotAt(BigInt(slot))), priceBits))
  return prices
}

/** The price vector of named prices. */
export function priceVector(prices: Prices): bigint[] {
  return priceNames.map((name) => prices[name])
}

export function wordsOf(bytes: number): bigint {
  return BigInt(Math.ceil(bytes / 32))
}
