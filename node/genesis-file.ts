/**
 * A genesis file in geth's format as configuration: `config.chainId` and the forks, the header's fields, `alloc`, and under `infernode` any
 * key of the configuration itself. With that section the chain has the rules of Infernode, and the accounts of the inference precompiles
 * beside those of `alloc`; without it the chain is Ethereum's to the byte. The node holds keys of no account unless
 * `infernode.accountCount` says so.
 */

import { z } from 'zod'
import { type HardforkName, hardforks, isAtLeast, isTimed, type ScheduledFork } from './chain/hardforks.ts'
import { NodeError } from './errors.ts'

/** Of forks behind the newest that is known here. */
const laterForks = ['bpo3Time', 'bpo4Time', 'bpo5Time', 'amsterdamTime', 'bogotaTime', 'verkleTime']

const quantity = z.union([z.number(), z.string()])

const genesisAccount = z.object({
  balance: quantity.default('0'),
  nonce: quantity.default('0'),
  code: z.string().default('0x'),
  storage: z.record(z.string(), z.string()).default({}),
})

const genesisFile = z.object({
  config: z.looseObject({
    chainId: z.number(),
    terminalTotalDifficulty: quantity.nullish(),
    terminalTotalDifficultyPassed: z.boolean().nullish(),
    depositContractAddress: z.string().nullish(),
    blobSchedule: z.record(z.string(), z.looseObject({ target: z.number(), max: z.number(), baseFeeUpdateFraction: z.number() })).nullish(),
    infernode: z.record(z.string(), z.unknown()).optional(),
  }),
  timestamp: quantity.default('0x0'),
  gasLimit: quantity,
  extraData: z.string().optional(),
  nonce: quantity.optional(),
  mixHash: z.string().optional(),
  difficulty: quantity.optional(),
  coinbase: z.string().optional(),
  baseFeePerGas: quantity.nullish(),
  excessBlobGas: quantity.nullish(),
  blobGasUsed: quantity.nullish(),
  alloc: z.record(z.string(), genesisAccount).default({}),
  infernode: z.record(z.string(), z.unknown()).optional(),
})

type GenesisConfig = z.output<typeof genesisFile>['config']

/** @throws NodeError CONFIG_INVALID */
export function fromGethGenesis(file: Record<string, unknown>): Record<string, unknown> {
  const parsed = genesisFile.safeParse(file)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new NodeError('CONFIG_INVALID', `genesis: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { config, timestamp, gasLimit, extraData, nonce, mixHash, difficulty, coinbase, alloc, infernode } = parsed.data
  const { baseFeePerGas, excessBlobGas, blobGasUsed } = parsed.data
  return {
    chainId: config.chainId,
    ...forksOf(config, BigInt(timestamp)),
    ...(config.infernode === undefined && infernode === undefined ? { rules: 'ethereum' } : {}),
    blobSchedule: blobScheduleOf(config),
    depositContract: config.depositContractAddress ?? undefined,
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
      excessBlobGas: excessBlobGas ?? undefined,
      blobGasUsed: blobGasUsed ?? undefined,
    },
    predeploys: Object.fromEntries(Object.entries(alloc).map(([address, account]) => [withPrefix(address), toPredeploy(account)])),
    ...config.infernode,
    ...infernode,
  }
}

/**
 * The fork of the genesis block and those after it. Where the merge comes later, its total difficulty tells where it is.
 */
function forksOf(config: GenesisConfig, genesisTime: bigint): { hardfork: HardforkName; forks: ScheduledFork[] } {
  const later = laterForks.find((key) => config[key] !== undefined && config[key] !== null)
  if (later !== undefined) throw new NodeError('CONFIG_INVALID', `genesis: config.${later}: the node knows no fork of that name`)
  if (config.daoForkSupport === true)
    throw new NodeError(
      'CONFIG_INVALID',
      'genesis: config.daoForkSupport: got true, wanted a chain without the DAO fork, which is of Mainnet alone',
    )
  const begun: HardforkName[] = ['chainstart']
  const forks: ScheduledFork[] = []
  for (const { name, genesisKey } of hardforks) {
    const scheduled = name === 'paris' ? mergeOf(config) : beginningOf(config, name, genesisKey)
    if (scheduled === undefined) continue
    const { block, timestamp } = scheduled
    if (block === 0n || (timestamp !== undefined && timestamp <= genesisTime)) begun.push(name)
    else forks.push(scheduled)
  }
  const hardfork = begun.at(-1)!
  // Forks by time in force at genesis bring with them what an older key leaves open.
  return { hardfork, forks: forks.filter(({ name }) => !isAtLeast(hardfork, name)) }
}

function beginningOf(config: GenesisConfig, name: HardforkName, key: string | undefined): ScheduledFork | undefined {
  const value = key === undefined ? undefined : config[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' && !(typeof value === 'string' && /^(0x[0-9a-fA-F]+|\d+)$/.test(value)))
    throw new NodeError('CONFIG_INVALID', `genesis: config.${key}: got ${JSON.stringify(value)}, wanted a number`)
  return isTimed(name) ? { name, timestamp: BigInt(value) } : { name, block: BigInt(value) }
}

function mergeOf(config: GenesisConfig): ScheduledFork | undefined {
  const { terminalTotalDifficulty, terminalTotalDifficultyPassed } = config
  if (terminalTotalDifficultyPassed === true || terminalTotalDifficulty === 0) return { name: 'paris', block: 0n }
  const named = beginningOf(config, 'paris', 'mergeNetsplitBlock')
  if (terminalTotalDifficulty === undefined || terminalTotalDifficulty === null || named?.block === 0n) return named
  return { ...named, name: 'paris', totalDifficulty: BigInt(terminalTotalDifficulty) }
}

/** geth's names of forks are those of the node. */
function blobScheduleOf({ blobSchedule }: GenesisConfig): Record<string, object> {
  const known = Object.entries(blobSchedule ?? {}).filter(([name]) => hardforks.some((fork) => fork.name === name))
  return Object.fromEntries(known.map(([name, { target, max, baseFeeUpdateFraction }]) => [name, { target, max, baseFeeUpdateFraction }]))
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
