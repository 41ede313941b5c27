/** Accounts that a chain with the precompiles has from its genesis on. */
import { bigIntToWord, bytesToHex, type Hex } from './abi.ts'
import { addresses } from './addresses.ts'
import { genesisPrices, type PriceName, type Prices, priceBits, priceNames, priceVector } from './gas.ts'
import { packWords } from './storage.ts'
import { precompiles } from './table.ts'

export interface GenesisAccount {
  balance: bigint
  nonce: bigint
  code: Hex
  /** Slots and values are 32 bytes. */
  storage: Record<Hex, Hex>
}

export interface GenesisOptions {
  /** Runtime bytecode of contracts/ModelRegistry.sol and contracts/GasSchedule.sol. */
  code: { ModelRegistry: Hex; GasSchedule: Hex }
  /** Prices in milli-gas that differ from the built-in ones. */
  prices?: Partial<Record<PriceName, bigint>>
  /** Who may change prices; nobody where absent. */
  gasScheduleOwner?: Hex
}

/** Slot of GasSchedule.sol that holds the owner, after the two with prices. */
const ownerSlot = 2n

/**
 * By address. A precompile's account has one byte of code, 0xfe, so that Solidity finds code there, and nonce 1, so that it is never empty.
 * @throws TypeError for a price with an unknown name or outside uint32.
 */
export function genesisAccounts({ code, prices = {}, gasScheduleOwner }: GenesisOptions): Record<Hex, GenesisAccount> {
  const accounts: Record<Hex, GenesisAccount> = {}
  for (const { address } of precompiles) accounts[address] = { balance: 0n, nonce: 1n, code: '0xfe', storage: {} }
  accounts[addresses.modelRegistry] = { balance: 0n, nonce: 1n, code: code.ModelRegistry, storage: {} }
  const storage: Record<Hex, Hex> = {}
  const words = packWords(priceVector(mergedPrices(prices)), priceBits)
  for (const [index, word] of words.entries()) storage[slotHex(BigInt(index))] = bytesToHex(word)
  if (gasScheduleOwner !== undefined) storage[slotHex(ownerSlot)] = slotHex(BigInt(gasScheduleOwner))
  accounts[addresses.gasSchedule] = { balance: 0n, nonce: 1n, code: code.GasSchedule, storage }
  return accounts
}

function mergedPrices(prices: Record<string, bigint | undefined>): Prices {
  const merged: Prices = { ...genesisPrices }
  for (const [name, price] of Object.entries(prices)) {
    if (price === undefined) continue
    if (!(priceNames as readonly string[]).includes(name)) throw new TypeError(`unknown price ${name}; known are ${priceNames.join(', ')}`)
    if (price < 0n || price >= 2n ** 32n) throw new TypeError(`the price ${name} is ${price}, wanted 0 to 2^32 − 1 milli-gas`)
    merged[name as PriceName] = price
  }
  return merged
}

function slotHex(value: bigint): Hex {
  return bytesToHex(bigIntToWord(value))
}
