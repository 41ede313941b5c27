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

/** Contracts of every genesis, by name: contracts/NAME.sol. */
export const predeploys = {
  ModelRegistry: addresses.modelRegistry,
  GasSchedule: addresses.gasSchedule,
  ModelAccess: addresses.modelAccess,
  ModelNames: addresses.modelNames,
} as const

export type PredeployCode = Record<keyof typeof predeploys, Hex>

export interface GenesisOptions {
  /** Runtime bytecode. */
  code: PredeployCode
  /** Prices in milli-gas that differ from the built-in ones. */
  prices?: Partial<Record<PriceName, bigint>>
  /** Who may change prices, within the bounds; nobody where absent. */
  gasScheduleOwner?: Hex
}

// Storage of GasSchedule.sol: _prices in slots 0 and 1, then:
const ownerSlot = 2
const leastSlot = 4
const mostSlot = 6

/** A price stays for ever between its genesis value divided by the one and multiplied by the other. */
const priceRange = { down: 4n, up: 16n }
const largestPrice = 2n ** BigInt(priceBits) - 1n

/**
 * By address. A precompile's account has one byte of code, 0xfe, so that Solidity finds code there, and nonce 1, so that it is never empty.
 * @throws TypeError for a price with an unknown name or outside uint32.
 */
export function genesisAccounts({ code, prices = {}, gasScheduleOwner }: GenesisOptions): Record<Hex, GenesisAccount> {
  const accounts: Record<Hex, GenesisAccount> = {}
  for (const { address } of precompiles) accounts[address] = { balance: 0n, nonce: 1n, code: '0xfe', storage: {} }
  for (const [name, address] of Object.entries(predeploys))
    accounts[address] = { balance: 0n, nonce: 1n, code: code[name as keyof PredeployCode], storage: {} }
  accounts[addresses.gasSchedule]!.storage = gasScheduleStorage(priceVector(mergedPrices(prices)), gasScheduleOwner)
  return accounts
}

function gasScheduleStorage(prices: readonly bigint[], owner: Hex | undefined): Record<Hex, Hex> {
  const least = prices.map((price) => (price + priceRange.down - 1n) / priceRange.down)
  const most = prices.map((price) => {
    const wanted = (price === 0n ? 1n : price) * priceRange.up
    return wanted < largestPrice ? wanted : largestPrice
  })
  const storage: Record<Hex, Hex> = {}
  for (const [first, values] of [[0, prices] as const, [leastSlot, least] as const, [mostSlot, most] as const])
    for (const [index, word] of packWords(values, priceBits).entries()) storage[slotHex(BigInt(first + index))] = bytesToHex(word)
  if (owner !== undefined) storage[slotHex(BigInt(ownerSlot))] = slotHex(BigInt(owner))
  return storage
}

function mergedPrices(prices: Record<string, bigint | undefined>): Prices {
  const merged: Prices = { ...genesisPrices }
  for (const [name, price] of Object.entries(prices)) {
    if (price === undefined) continue
    if (!(priceNames as readonly string[]).includes(name)) throw new TypeError(`unknown price ${name}; known are ${priceNames.join(', ')}`)
    if (price < 0n || price > largestPrice) throw new TypeError(`the price ${name} is ${price}, wanted 0 to 2^32 − 1 milli-gas`)
    merged[name as PriceName] = price
  }
  return merged
}

function slotHex(value: bigint): Hex {
  return bytesToHex(bigIntToWord(value))
}
