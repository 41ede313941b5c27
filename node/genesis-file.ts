/**
 * A genesis file in geth's format as configuration: `config.chainId` and the forks, the header's fields, `alloc`, and under `infernode` any
 * key of the configuration itself. The accounts are those of `alloc` and of the inference precompiles; the node holds keys of none unless
 * `infernode.accountCount` says so.
 */

import { z } from 'zod'
import { NodeError } from './errors.ts'

/** Newest first; the blocks and times of older forks must be 0, and are not looked at. */
const forks = [
  { name: 'osaka', key: 'osakaTime' },
  { name: 'prague', key: 'pragueTime' },
] as const
/** Of forks behind the newest that is known here. */
const laterForks = ['amsterdamTime', 'bpo1Time', 'bpo2Time']

const quantity = z.union([z.number(), z.string()])

const genesisAccount = z.object({
  balance: quantity.default('0'),
  nonce: quantity.default('0'),
  code: z.string().default('0x'),
  storage: z.record(z.string(), z.string()).default({}),
})

const genesisFile = z.object({
  config: z.looseObject({ chainId: z.number(), infernode: z.record(z.string(), z.unknown()).optional() }),
  timestamp: quantity.default('0x0'),
  gasLimit: quantity,
  extraData: z.string().optional(),
  nonce: quantity.optional(),
  mixHash: z.string().optional(),
  difficulty: quantity.optional(),
  coinbase: z.string().optional(),
  baseFeePerGas: quantity.nullish(),
  alloc: z.record(z.string(), genesisAccount).default({}),
  infernode: z.record(z.string(), z.unknown()).optional(),
})

/** @throws NodeError CONFIG_INVALID */
export function fromGethGenesis(file: Record<string, unknown>): Record<string, unknown> {
  const parsed = genesisFile.safeParse(file)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new NodeError('CONFIG_INVALID', `genesis: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { config, timestamp, gasLimit, extraData, nonce, mixHash, difficulty, coinbase, baseFeePerGas, alloc, infernode } = parsed.data
  return {
    chainId: config.chainId,
    hardfork: hardforkOf(config),
    genesisTimestamp: timestamp,
    blockGasLimit: gasLimit,
    accountCount: 0,
    genesisHeader: {
      extraData,
      nonce: nonce === undefined ? undefined : `0x${BigInt(nonce).toString(16).padStart(16, '0')}`,
      mixHash,
      difficulty,
      coinbase,
      baseFeePerGas: baseFeePerGas ?? undefined,
    },
    predeploys: Object.fromEntries(Object.entries(alloc).map(([address, account]) => [withPrefix(address), toPredeploy(account)])),
    ...config.infernode,
    ...infernode,
  }
}

/** A fork whose time is not 0 would begin later: here a chain has one fork from its first block on. */
function hardforkOf(config: Record<string, unknown>): string {
  for (const { name, key } of forks) {
    const time = config[key]
    if (time === undefined || time === null) continue
    if (Number(time) === 0) return name
    throw new NodeError(
      'CONFIG_INVALID',
      `genesis: config.${key}: got ${String(time)}, wanted 0: the chain has one fork from its first block on`,
    )
  }
  const later = laterForks.find((key) => config[key] !== undefined)
  throw new NodeError('CONFIG_INVALID', `genesis: config names ${later ?? 'no fork'}, wanted pragueTime or osakaTime of 0`)
}

/** Slots and values may come without leading zeros. */
function toPredeploy({ balance, nonce, code, storage }: z.output<typeof genesisAccount>) {
  const word = (text: string) => `0x${BigInt(withPrefix(text)).toString(16).padStart(64, '0')}`
  return {
    balance: String(balance),
    nonce: String(nonce),
    code: withPrefix(code),
    storage: Object.fromEntries(Object.entries(storage).map(([slot, value]) => [word(slot), word(value)])),
  }
}

const withPrefix = (text: string): string => (text.startsWith('0x') ? text : `0x${text}`)
