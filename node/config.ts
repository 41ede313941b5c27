/**
 * The node's configuration: defaults ← genesis file ← JSON file ← environment (INFERNODE_*) ← flags, merged here and nowhere else.
 *
 * The keys of `chainShape` are consensus: they are stored with the chain, and a data directory refuses to be opened with others.
 * In JSON, wei and gas are decimal or 0x-hex strings, or safe integers.
 */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { admissionSchema } from './admission/config.ts'
import { hardforkNames, isAtLeast, isTimed } from './chain/hardforks.ts'
import { NodeError } from './errors.ts'
import { fromGethGenesis } from './genesis-file.ts'

const DEFAULT_MNEMONIC = 'test test test test test test test test test test test junk'
const ETHER = 10n ** 18n
/** As geth's clients expect it: a call that names no gas has so much. */
const ETHEREUM_CALL_GAS = 50_000_000n

// A union tells its own message or, where one of its members alone fits the type, that member's.
const decimalOrHex = 'a decimal or 0x-hex number'
const whole = 'a whole number'
const time = 'a number of seconds'

const quantity = z
  .union([z.bigint(), z.number().int().safe(), z.string().regex(/^(0x[0-9a-fA-F]+|\d+)$/, decimalOrHex)], { error: decimalOrHex })
  .transform((value) => BigInt(value))
  .refine((value) => value >= 0n, 'a number that is not negative')

/** Command line and environment give strings. */
const wholeNumber = z
  .union([z.number().int().safe().min(0), z.string().regex(/^\d{1,15}$/, whole)], { error: whole })
  .transform((value) => Number(value))
const seconds = z
  .union([z.number(), z.string().regex(/^\d*\.?\d+$/, time)], { error: time })
  .transform((value) => Number(value))
  .refine((value) => value === 0 || (value >= 0.05 && value <= 86_400), '0, or from 0.05 to 86400 seconds')
const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])], { error: 'true or false' })
  .transform((value) => value === true || value === 'true' || value === '1')

const hex = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/, '0x-prefixed hex of whole bytes')
  .transform((text) => text.toLowerCase() as `0x${string}`)
const address = hex.refine((text) => text.length === 42, 'an address of 20 bytes')
const word = hex.refine((text) => text.length === 66, '32 bytes')

const multiaddress = z.string().regex(/^\/(ip4|ip6|dns[46]?)\/.+\/tcp\/\d+/, 'a multiaddress such as /ip4/127.0.0.1/tcp/4001')
const url = z.url({ protocol: /^https?$/, error: 'an http or https URL' })

const genesisAccount = z.strictObject({
  balance: quantity.default(0n),
  nonce: quantity.default(0n),
  code: hex.default('0x'),
  storage: z.record(word, word).default({}),
})

const laterFork = z
  .strictObject({
    name: z.enum(hardforkNames),
    /** First block of the fork. */
    block: quantity.optional(),
    /** Seconds, from Shanghai on: of the first block. */
    timestamp: quantity.optional(),
    /**
     * Of the merge: its first block follows the first one that reaches this difficulty together with its ancestors. A block beside it is in the
     * fork id alone (EIP-2124).
     */
    totalDifficulty: quantity.optional(),
  })
  .refine(
    ({ name, block, timestamp, totalDifficulty }) =>
      isTimed(name)
        ? timestamp !== undefined && block === undefined && totalDifficulty === undefined
        : timestamp === undefined && (name === 'paris' ? (block ?? totalDifficulty) : block) !== undefined,
    'a block, for paris a block or a totalDifficulty, and from shanghai on a timestamp',
  )

const blobLimits = z.strictObject({
  target: wholeNumber,
  max: wholeNumber,
  baseFeeUpdateFraction: wholeNumber.refine((fraction) => fraction > 0, 'a positive number'),
})

/** All in seconds, or in votes of the smallest unit (18 decimals). */
const governance = z.strictObject({
  /** By holder; empty: a million votes for each funded account. */
  votes: z.record(address, quantity).default({}),
  /** From a proposal to its vote. */
  votingDelay: wholeNumber.default(1),
  votingPeriod: wholeNumber.refine((seconds) => seconds > 0, 'at least a second').default(3600),
  /** From a proposal's success to its execution. */
  timelockDelay: wholeNumber.default(3600),
  /** Votes that it takes to propose. */
  proposalThreshold: quantity.default(0n),
  /** Of all votes, those that have to take part. */
  quorumPercent: wholeNumber.refine((percent) => percent <= 100, 'at most 100').default(4),
})

const chainShape = {
  chainId: wholeNumber.refine((id) => id > 0, 'a positive chain id').default(31337),
  /** Of the genesis block. */
  hardfork: z.enum(hardforkNames).default('osaka'),
  /** Those that begin after the genesis block, in order. */
  forks: z.array(laterFork).default([]),
  /**
   * `infernode`: the base fee is 0 in every block, a transaction may take all the gas of a block, and the inference precompiles are there.
   * `ethereum`: base fee (EIP-1559) and transaction gas limit (EIP-7825) are Ethereum's, and there are no precompiles but its own.
   */
  rules: z.enum(['infernode', 'ethereum']).default('infernode'),
  /** Blobs in a block, by fork, where they differ from Mainnet's (EIP-7840). */
  blobSchedule: z.partialRecord(z.enum(hardforkNames), blobLimits).default({}),
  /** Whose logs are deposit requests (EIP-6110). */
  depositContract: address.optional(),
  /** Seconds; fixed, so that the same configuration gives the same genesis block. */
  genesisTimestamp: quantity.default(0n),
  mnemonic: z.string().min(1, 'a mnemonic phrase').default(DEFAULT_MNEMONIC),
  /** How many accounts of the mnemonic (m/44'/60'/0'/0/i) are funded; the node holds their keys. */
  accountCount: wholeNumber.refine((count) => count <= 1000, 'at most 1000 accounts').default(10),
  accountBalance: quantity.default(10_000n * ETHER),
  blockGasLimit: quantity.refine((gas) => gas >= 5000n && gas < 1n << 53n, 'from 5000 to 2^53 - 1').default(1_000_000_000n),
  /** By consensus no fee is charged, whatever a transaction offers; absent: so it is under the rules of Infernode. */
  freeGas: flag.optional(),
  /** Fields of the genesis block's header that say nothing else here, as a genesis file gives them. */
  genesisHeader: z
    .strictObject({
      extraData: hex.optional(),
      nonce: hex.refine((text) => text.length === 18, '8 bytes').optional(),
      mixHash: word.optional(),
      difficulty: quantity.optional(),
      coinbase: address.optional(),
      baseFeePerGas: quantity.optional(),
      excessBlobGas: quantity.optional(),
      blobGasUsed: quantity.optional(),
    })
    .default({}),
  /** Accounts of the genesis block, by address. */
  predeploys: z.record(address, genesisAccount).default({}),
  /** sha256 of the consensus module in force from each block; empty: the one that the node is built with, from block 0. */
  modules: z.array(z.strictObject({ fromBlock: quantity, hash: word })).default([]),
  /** Genesis prices of inference by name; absent names keep the built-in value. */
  prices: z.record(z.string(), quantity).default({}),
  /** Who may change the prices; nobody when absent, the timelock where there is a governance. */
  gasScheduleOwner: address.optional(),
  /** Votes, timelock and governor are predeployed; absent: none of them. */
  governance: governance.optional(),
  /** Absent limits keep the built-in value. */
  limits: z
    .strictObject({ maxModelBytes: wholeNumber.optional(), maxPages: wholeNumber.optional(), maxOperandBytes: wholeNumber.optional() })
    .default({}),
}

const nodeShape = {
  ...chainShape,
  /** Receives the fees of a chain that charges them. */
  coinbase: address.default('0x0000000000000000000000000000000000000000'),
  /** Seconds between blocks, fractions allowed; 0 mines each transaction at once. */
  blockTime: seconds.default(0),
  /** Mine nothing until told to. */
  noMining: flag.default(false),
  /** Absent: everything in memory. */
  dataDir: z.string().min(1).optional(),
  /** JSON-RPC over HTTP of a node on whose chain this one goes on, with its state. */
  forkUrl: z.url({ protocol: /^https?$/, error: 'an http or https URL' }).optional(),
  /** Block that it goes on from; absent: the latest. */
  forkBlockNumber: quantity.optional(),
  /** File of blocks in RLP, to execute and append when the node starts. */
  importChain: z.string().min(1).optional(),
  /** File of a state (anvil_dumpState) to begin with. */
  loadState: z.string().min(1).optional(),
  /** File that the state is written to when the node ends. */
  dumpState: z.string().min(1).optional(),
  host: z.string().min(1).default('127.0.0.1'),
  port: wholeNumber.refine((port) => port < 65_536, 'a port below 65536').default(8545),
  /** Origins of pages that may call; `*` allows any. */
  allowedOrigins: z.array(z.string().min(1)).default(['*']),
  /** Names besides localhost and addresses that a request's Host header may carry; `*` allows any. */
  allowedHosts: z.array(z.string().min(1)).default([]),
  /** What the node lets in: docs/free-gas.md. */
  admission: admissionSchema({ address, quantity, wholeNumber }),
  /** Keep blocks of IPFS, and give them to others by a trustless gateway. */
  ipfs: flag.default(false),
  /** Of that gateway. */
  ipfsPort: wholeNumber.refine((port) => port < 65_536, 'a port below 65536').default(8081),
  /** Gateways that are asked for the bytes of models off chain, in this order. */
  ipfsPeers: z.array(url).default([]),
  /** Multiaddresses at which a libp2p peer listens; empty, and `ipfsDial` too: there is none. */
  ipfsListen: z.array(multiaddress).default([]),
  /** Multiaddresses of libp2p peers that are asked, before the gateways. */
  ipfsDial: z.array(multiaddress).default([]),
  /** Milliseconds without a byte after which a peer is given up. */
  ipfsStallMs: wholeNumber.refine((ms) => ms > 0, 'at least a millisecond').default(30_000),
  /** JSON-RPC of a node whose blocks are taken over; this one makes none. */
  follow: url.optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
}

const nodeSchema = z.strictObject(nodeShape)

type Parsed = z.output<typeof nodeSchema>
export type NodeConfig = Omit<Parsed, 'freeGas'> & { freeGas: boolean }
/** What a configuration may leave out or give in other forms. */
export type NodeConfigInput = z.input<typeof nodeSchema>
/** What every node of the chain must agree on. */
export type ChainConfig = Pick<NodeConfig, keyof typeof chainShape>
export type GenesisAccount = z.output<typeof genesisAccount>

export interface ConfigSources {
  /** Path of a JSON file. */
  file?: string | undefined
  /** Path of a genesis file in geth's format; weaker than everything else. */
  genesis?: string | undefined
  /** Usually `process.env`. */
  env?: Record<string, string | undefined>
  /** Parsed command line or a program's own options; undefined entries count as absent. */
  flags?: Record<string, unknown>
}

/**
 * Merges and checks the configuration.
 * @throws NodeError CONFIG_INVALID naming the key, where it was given, what was got and what is wanted.
 */
export function loadConfig(sources: ConfigSources = {}): NodeConfig {
  const layers = [
    { name: sources.genesis ?? 'genesis', values: sources.genesis === undefined ? {} : fromGethGenesis(readConfigFile(sources.genesis)) },
    { name: sources.file ?? 'file', values: sources.file === undefined ? {} : readConfigFile(sources.file) },
    { name: 'environment', values: environmentLayer(sources.env ?? process.env) },
    { name: 'command line', values: sources.flags ?? {} },
  ]
  const merged: Record<string, unknown> = {}
  const origin = new Map<string, string>()
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer.values)) {
      if (value === undefined) continue
      merged[key] = value
      origin.set(key, layer.name)
    }
  }
  const parsed = nodeSchema.safeParse(merged)
  if (parsed.success) return consistent(parsed.data)
  const lines = parsed.error.issues.map((issue) => describeIssue(issue, merged, origin))
  throw new NodeError('CONFIG_INVALID', lines.join('; '))
}

/** What no key shows alone. */
function consistent(config: Parsed): NodeConfig {
  const { rules, hardfork, forks } = config
  const refuse = (problem: string): never => {
    throw new NodeError('CONFIG_INVALID', problem)
  }
  const order = [hardfork, ...forks.map(({ name }) => name)]
  const early = order.find((name, index) => index > 0 && isAtLeast(order[index - 1]!, name))
  if (early !== undefined) refuse(`forks: got ${early} out of order, wanted forks after ${hardfork}, each once and in order`)
  if (rules === 'infernode' && !isAtLeast(hardfork, 'cancun'))
    refuse(`hardfork: got ${hardfork}, wanted cancun or later for inference; earlier ones need rules of ethereum`)
  if (config.forkUrl !== undefined && config.dataDir !== undefined)
    refuse('dataDir: got one beside forkUrl, wanted none: a fork is kept in memory')
  if (rules === 'ethereum' && config.freeGas === true) refuse('freeGas: got true, wanted false under the rules of ethereum')
  const callGas = config.admission.callGas ?? (rules === 'ethereum' ? ETHEREUM_CALL_GAS : undefined)
  return { ...config, freeGas: config.freeGas ?? rules === 'infernode', admission: { ...config.admission, callGas } }
}

/** The consensus keys of a configuration, in a fixed order. */
export function consensusPart(config: ChainConfig): ChainConfig {
  const entries = Object.keys(chainShape).map((key) => [key, config[key as keyof ChainConfig]])
  return Object.fromEntries(entries) as ChainConfig
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new NodeError('CONFIG_INVALID', `cannot read the configuration file ${path}: ${(cause as Error).message}`, { cause })
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw new NodeError('CONFIG_INVALID', `${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
  throw new NodeError('CONFIG_INVALID', `${path}: got something else, wanted a JSON object of configuration keys`)
}

/** INFERNODE_CHAIN_ID is `chainId`; objects and lists are given as JSON. */
function environmentLayer(env: Record<string, string | undefined>): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(nodeShape)) {
    const name = `INFERNODE_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
    const text = env[name]
    if (text === undefined || text === '') continue
    const structured = schema.safeParse({}).success || schema.safeParse([]).success
    try {
      values[key] = structured ? JSON.parse(text) : text
    } catch (cause) {
      throw new NodeError('CONFIG_INVALID', `${name} (environment): got ${text}, wanted JSON`, { cause })
    }
  }
  return values
}

function describeIssue(issue: z.core.$ZodIssue, merged: Record<string, unknown>, origin: Map<string, string>): string {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => [...issue.path, key].join('.'))
    return `${keys.join(', ')} (${origin.get(String(issue.path[0] ?? issue.keys[0])) ?? 'configuration'}): unknown key`
  }
  const got = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], merged)
  const wanted = issue.code === 'invalid_key' ? issue.issues.map((inner) => inner.message).join(', ') : issue.message
  return `${issue.path.join('.')} (${origin.get(String(issue.path[0])) ?? 'default'}): got ${show(got)}, wanted ${wanted}`
}

function show(value: unknown): string {
  return typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? 'nothing')
}
