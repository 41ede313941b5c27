/** `infernode node`: runs a chain of its own with JSON-RPC, until Ctrl-C. */
import { enableCompileCache, flushCompileCache } from 'node:module'
import { type Command, Option } from 'commander'
import type { NodeConfig } from '../../config.ts'
import type { RunningNode } from '../../node.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'

/** Options as commander gives them; values are checked where the configuration is merged. */
interface NodeFlags {
  readonly port?: string
  readonly host?: string
  readonly blockTime?: string
  readonly mining: boolean
  readonly automine: boolean
  readonly config?: string
  readonly dataDir?: string
  readonly genesis?: string
  readonly import?: string
  readonly forkUrl?: string
  readonly forkBlockNumber?: string
  readonly rules?: string
  readonly state?: string
  readonly loadState?: string
  readonly dumpState?: string
  readonly chainId?: string
  readonly accounts?: string
  readonly balance?: string
  readonly mnemonic?: string
  readonly gasLimit?: string
  readonly hardfork?: string
  readonly ipfs?: true
  readonly ipfsPort?: string
  readonly ipfsPeer?: string[]
  readonly ipfsListen?: string[]
  readonly ipfsDial?: string[]
  readonly follow?: string
  readonly allowOrigin?: string[]
  readonly allowHost?: string[]
  readonly silent?: true
  readonly logLevel?: string
  readonly logJson?: true
}

export function addNodeCommand(program: Command, io: Io): void {
  program
    .command('node')
    .description('run a local chain with JSON-RPC over HTTP and WebSocket')
    .option('-p, --port <number>', 'port to listen on; 0 takes a free one (default: 8545)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('-b, --block-time <seconds>', 'mine a block at this interval, for example 0.25 (default: one for each transaction)')
    .option('--no-mining', 'mine only when evm_mine asks for it')
    .addOption(new Option('--no-automine', 'what Hardhat calls --no-mining').hideHelp())
    .option('-c, --config <file>', 'chain configuration in JSON')
    .option('-d, --data-dir <directory>', 'keep the chain here (default: in memory)')
    .option('--genesis <file>', "genesis in geth's format: Ethereum's own rules, or with an infernode section those of Infernode")
    .option('-f, --fork-url <url>', 'go on from the chain of the node at this URL, with its state')
    .option('--fork-block-number <number>', 'block to go on from (default: the latest)')
    .option('--import <file>', "execute and append the blocks of this file (RLP, as geth's export writes it)")
    .option('--state <file>', 'begin with the chain in this file, and write it there at the end')
    .option('--load-state <file>', 'begin with the chain in this file')
    .option('--dump-state <file>', 'write the chain to this file at the end')
    .option('--chain-id <number>', 'chain id (default: 31337)')
    .option('-a, --accounts <count>', 'funded accounts (default: 10)')
    .option('--balance <ether>', 'balance of each account (default: 10000)')
    .option('-m, --mnemonic <words>', 'phrase that the accounts come from (default: test test … junk)')
    .option('--gas-limit <gas>', 'block gas limit (default: 1000000000)')
    .option('--hardfork <name>', 'from chainstart to bpo2 (default: osaka)')
    .option('--rules <name>', 'infernode, or ethereum: base fee, transaction gas limit, no inference (default: infernode)')
    .option('--ipfs', 'keep blocks of IPFS for models off chain, and give them to others by an HTTP gateway')
    .option('--ipfs-port <number>', 'port of that gateway; 0 takes a free one (default: 8081)')
    .option('--ipfs-peer <url...>', 'gateways to ask for models off chain')
    .option('--ipfs-listen <multiaddress...>', 'be a libp2p peer there, as at /ip4/127.0.0.1/tcp/4001; needs the package helia')
    .option('--ipfs-dial <multiaddress...>', 'libp2p peers to ask for models off chain')
    .option('--follow <url>', 'take over the blocks of the node with this JSON-RPC, executing each, and make none')
    .option('--allow-origin <origin...>', 'let only pages of these origins call (default: any)')
    .option('--allow-host <name...>', 'names besides localhost that requests may be addressed to')
    .option('-s, --silent', 'print nothing but errors')
    .option('--log-level <level>', 'debug shows each request (default: info)')
    .option('--log-json', 'log as JSON lines')
    .action((flags: NodeFlags) => runNode(flags, io))
    .addHelpText(
      'after',
      '\nOptions may also come from the configuration file, or from the environment as INFERNODE_PORT, INFERNODE_CHAIN_ID and so on.',
    )
}

/** When the node has started. */
const COMPILE_CACHE_DELAY_MS = 3000

async function runNode(flags: NodeFlags, io: Io): Promise<void> {
  // What the node loads are hundreds of files; compiled, they wait for the next start.
  enableCompileCache()
  setTimeout(flushCompileCache, COMPILE_CACHE_DELAY_MS).unref()
  const stop = io.stopSignal()
  const { loadConfig } = await import('../../config.ts')
  const config = loadConfig({ genesis: flags.genesis, file: flags.config, flags: toConfig(flags) })
  const [{ startNode }, { createLogger }, report] = await Promise.all([
    import('../../node.ts'),
    import('../log.ts'),
    import('../node-report.ts'),
  ])
  const log = createLogger(io, flags.silent ? 'error' : config.logLevel, flags.logJson ? 'json' : 'text')
  const node = await startNode(config, {
    onFault: (method, err) => log.error({ err, method }, 'the node failed to answer'),
    onNote: (note) => log.info(note),
    onRequest: (method, milliseconds, error) =>
      log.debug({ ms: Math.round(milliseconds * 100) / 100, ...(error ? { error } : {}) }, method),
  })
  try {
    if (!flags.silent) io.out(report.banner(await bannerFacts(config, node), io.colors))
    node.chain.events.on('block', (block) => {
      // An interval's empty blocks would bury what happens.
      const level = block.receipts.length === 0 ? 'debug' : 'info'
      if (log.isLevelEnabled(level)) for (const line of report.blockLines(block, io.colors)) log[level](line)
    })
    await aborted(stop)
    log.info('closing')
  } finally {
    await node.close()
  }
}

/** Ether on the command line is wei in the configuration; the rest differs in name only. */
function toConfig(flags: NodeFlags): Record<string, unknown> {
  return {
    port: flags.port,
    host: flags.host,
    blockTime: flags.blockTime,
    noMining: flags.mining && flags.automine ? undefined : true,
    dataDir: flags.dataDir,
    loadState: flags.loadState ?? flags.state,
    dumpState: flags.dumpState ?? flags.state,
    chainId: flags.chainId,
    accountCount: flags.accounts,
    accountBalance: flags.balance === undefined ? undefined : etherToWei(flags.balance),
    mnemonic: flags.mnemonic,
    blockGasLimit: flags.gasLimit,
    hardfork: flags.hardfork,
    rules: flags.rules,
    importChain: flags.import,
    forkUrl: flags.forkUrl,
    forkBlockNumber: flags.forkBlockNumber,
    ipfs: flags.ipfs,
    ipfsPort: flags.ipfsPort,
    ipfsPeers: flags.ipfsPeer,
    ipfsListen: flags.ipfsListen,
    ipfsDial: flags.ipfsDial,
    follow: flags.follow,
    allowedOrigins: flags.allowOrigin,
    allowedHosts: flags.allowHost,
    logLevel: flags.logLevel,
  }
}

const WEI_DECIMALS = 18

function etherToWei(text: string): string {
  const match = /^(\d+)(?:\.(\d{1,18}))?$/.exec(text)
  if (!match) throw new UsageError(`--balance: got ${JSON.stringify(text)}, wanted a number of ether with at most 18 decimals`)
  return BigInt(match[1] + (match[2] ?? '').padEnd(WEI_DECIMALS, '0')).toString()
}

async function bannerFacts(config: NodeConfig, { chain, server, gateway, peerAddresses }: RunningNode) {
  const [{ createWallet }, { version }] = await Promise.all([import('../../chain/wallet.ts'), import('../../version.ts')])
  const wallet = createWallet(config.mnemonic, config.accountCount)
  const accounts = await Promise.all(
    wallet.addresses.map(async (address) => ({
      address,
      privateKey: wallet.privateKey(address),
      balance: (await chain.account(address, 'latest')).balance,
    })),
  )
  const { header } = chain.head().block
  return {
    version,
    accounts,
    mnemonic: config.mnemonic,
    chainId: config.chainId,
    hardfork: config.hardfork,
    baseFee: header.baseFeePerGas ?? 0n,
    gasLimit: header.gasLimit,
    blockTime: config.blockTime,
    isMining: !config.noMining,
    dataDir: config.dataDir,
    head: header.number,
    host: server.host,
    port: server.port,
    gateway,
    peerAddresses,
    follow: config.follow,
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
