/** The composition root: configuration, consensus module, chain, JSON-RPC and server, put together here and nowhere else. */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import {
  addresses,
  callPrecompile,
  defaultLimits,
  type Environment,
  type GenesisAccount,
  genesisAccounts,
  type HeldArtifacts,
  installInfernode,
  type Limits,
  precompiles,
  precompileTable,
} from '../precompiles/index.ts'
import { createHost, type Host } from '../runtime/host/host.ts'
import { loadModule } from '../runtime/host/load-module.ts'
import { createBlockStore, createExchangeSource, createGatewaySource, openMemoryBlocks } from '../runtime/store/index.ts'
import { type Chain, createChain } from './chain/chain.ts'
import type { ChainConfig, NodeConfig } from './config.ts'
import { loadGenesisContracts } from './contracts.ts'
import { NodeError } from './errors.ts'
import type { NativePrecompile } from './evm/precompiles.ts'
import { openFork } from './fork/fork.ts'
import { governanceAccounts } from './governance.ts'
import { graphqlRoute } from './graphql/route.ts'
import { createModelDirectory } from './models.ts'
import { type Activations, createActivations } from './offchain/activations.ts'
import { followChain } from './offchain/follow.ts'
import { type ImportPackage, type Peer, startPeer } from './offchain/helia.ts'
import { type Ipfs, startIpfs } from './offchain/ipfs.ts'
import { createLibrary } from './offchain/library.ts'
import { type OffChain, startOffChain } from './offchain/service.ts'
import type { DispatcherOptions } from './rpc/dispatch.ts'
import { createRpc } from './rpc/rpc.ts'
import { defaultServerOptions, type RunningServer, startServer } from './server.ts'
import { clientVersion } from './version.ts'

export interface InferenceChain {
  readonly chain: Chain
  readonly host: Host
  /** What the chain's next block begins with. */
  readonly activations: Activations
}

export interface RunningNode extends InferenceChain {
  readonly server: RunningServer
  /** URL of the gateway to the node's blocks of IPFS; undefined where it keeps none. */
  readonly gateway: string | undefined
  /** Multiaddresses of its libp2p peer; none where it is none. */
  readonly peerAddresses: readonly string[]
  /** Finishes what runs, then closes the chain. */
  close(): Promise<void>
}

export interface NodeHooks extends Pick<DispatcherOptions, 'onFault' | 'onRequest'> {
  /** What the node does about models off chain and blocks of others, in a line for people. */
  readonly onNote: (note: string) => void
}

const noHooks: NodeHooks = { onFault: () => {}, onRequest: () => {}, onNote: () => {} }

/**
 * A chain without a server. Its EVMs have the inference precompiles, unless it has the rules of Ethereum.
 * @throws NodeError MODULE_MISMATCH, CONFIG_INVALID, and those of `createChain`
 */
export async function createInferenceChain(given: NodeConfig): Promise<InferenceChain> {
  const fork = given.forkUrl === undefined ? undefined : openFork({ url: given.forkUrl, blockNumber: given.forkBlockNumber })
  const config = fork === undefined ? given : { ...given, chainId: fork.point().chainId }
  const host = createHost({ wasm: loadModule(), threads: Math.min(mostThreads, availableParallelism() - 1) })
  const modules = checkModules(config.modules, host.hash)
  const limits = Object.fromEntries(Object.entries(config.limits).filter(([, limit]) => limit !== undefined)) as Partial<Limits>
  if (config.rules === 'ethereum')
    return { chain: await createChain({ ...config, modules }, { fork }), host, activations: createActivations() }
  const predeploys = { ...inferenceAccounts(config), ...(await governanceAccounts(config)) }
  const artifacts: HeldArtifacts = { get: (model) => chain.artifacts.get(model) }
  const activations = createActivations()
  const chain = await createChain(
    { ...config, modules },
    {
      predeploys,
      fork,
      system: activations,
      equip: (evm) => installInfernode(evm, { host, limits, artifacts }),
      natives: nativePrecompiles({ host, limits: { ...defaultLimits, ...limits }, artifacts }),
    },
  )
  return { chain, host, activations }
}

/** Inferences that run beside the thread that makes blocks and reads state; each thread keeps the models that it has run. */
const mostThreads = 2

/**
 * Starts a node: an inference chain with JSON-RPC over HTTP and WebSocket, and what brings it models off chain and the blocks of others.
 * @param importPackage loads the optional packages of a libp2p peer
 */
export async function startNode(
  config: NodeConfig,
  hooks: NodeHooks = noHooks,
  importPackage: ImportPackage = (name) => import(name),
): Promise<RunningNode> {
  const inference = await createInferenceChain(config)
  const { chain, host } = inference
  const closeChain = () => chain.close()
  // Closed in the opposite order of their start.
  const parts: (() => unknown)[] = [() => host.close(), closeChain]
  const close = async () => {
    const failures: unknown[] = []
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
  try {
    if (config.loadState !== undefined) await readState(chain, config.loadState)
    const ipfs = config.ipfs ? await startIpfs({ dataDir: config.dataDir, host: config.host, port: config.ipfsPort }) : undefined
    if (ipfs !== undefined) parts.push(() => ipfs.close())
    const peer = ipfs === undefined ? undefined : await openPeer(config, ipfs, importPackage)
    if (peer !== undefined) parts.push(() => peer.close())
    const storage = startStorage(config, inference, ipfs, peer, hooks)
    parts.push(() => storage.close())
    if (config.importChain !== undefined)
      await chain.importBlocks(readChainFile(config.importChain), (block) => storage.prepare(block, neverAborted))
    const models = createModelDirectory(chain, host)
    const rpc = createRpc({ chain, models, storage, clientVersion, limits: config.admission }, hooks)
    parts.push(() => rpc.close())
    const { host: address, port, allowedOrigins, allowedHosts } = config
    const server = await startServer(rpc.dispatcher, {
      ...defaultServerOptions,
      host: address,
      port,
      allowedOrigins,
      allowedHosts,
      maxBodyBytes: config.admission.maxRequestBytes,
      routes: new Map([['/graphql', graphqlRoute({ chain, models, rate: rpc.rate, onFault: (error) => hooks.onFault('graphql', error) })]]),
    })
    parts.push(() => server.close())
    if (config.follow !== undefined) {
      const onTrouble = (error: Error) => hooks.onNote(error.message)
      const follower = await followChain({ chain, url: config.follow, prepare: storage.prepare, onTrouble })
      parts.push(() => follower.close())
    }
    // Not where the start fails: the file stays as it was.
    if (config.dumpState !== undefined) parts.splice(parts.indexOf(closeChain) + 1, 0, () => writeState(chain, config.dumpState!))
    return { ...inference, server, gateway: ipfs?.url, peerAddresses: peer?.addresses ?? [], close }
  } catch (error) {
    await close()
    throw error
  }
}

const neverAborted = new AbortController().signal

/** Where the configuration wants one. @throws StoreError peerMissing */
async function openPeer({ ipfsListen, ipfsDial }: NodeConfig, { blocks }: Ipfs, importPackage: ImportPackage): Promise<Peer | undefined> {
  if (ipfsListen.length + ipfsDial.length === 0) return undefined
  return startPeer({ blocks, listen: ipfsListen, dial: ipfsDial, importPackage })
}

function startStorage(
  config: NodeConfig,
  { chain, host, activations }: InferenceChain,
  ipfs: Ipfs | undefined,
  peer: Peer | undefined,
  hooks: NodeHooks,
): OffChain {
  const own = ipfs === undefined ? [] : [createBlockStore('this node', ipfs.blocks)]
  const peers = peer === undefined || config.ipfsDial.length === 0 ? [] : [createExchangeSource('libp2p peers', peer, config.ipfsStallMs)]
  const library = createLibrary({
    // What is fetched is kept for others where blocks are kept at all.
    sources: () => [
      ...own,
      ...peers,
      ...config.ipfsPeers.map((url) => createGatewaySource({ url, blocks: ipfs?.blocks ?? openMemoryBlocks() })),
    ],
    identify: host.identify,
    stallMs: config.ipfsStallMs,
    onRefused: ({ id }, { code, message }) => {
      if (code !== 'notFound') hooks.onNote(`model ${id}: ${message} (${code})`)
    },
  })
  return startOffChain({
    chain,
    activations,
    library,
    blocks: ipfs?.blocks,
    gateway: ipfs?.url,
    addresses: peer?.addresses ?? [],
    maxModelBytes: config.limits.maxModelBytes ?? defaultLimits.maxModelBytes,
    isProducer: config.follow === undefined,
    onNote: hooks.onNote,
    onFault: (error) => hooks.onFault('models off chain', error),
  })
}

/** A file that is not there yet will be written when the node ends. @throws NodeError STATE_FILE_INVALID */
async function readState(chain: Chain, path: string): Promise<void> {
  if (!existsSync(path)) return
  if (chain.head().block.header.number > 0n)
    throw new NodeError('STATE_FILE_INVALID', `the chain has blocks already: ${path} can only be the beginning of an empty one`)
  await chain.loadState(new Uint8Array(readFileSync(path)))
}

/** @throws NodeError CHAIN_FILE_INVALID */
export function readChainFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw new NodeError('CHAIN_FILE_INVALID', `cannot read the chain in ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** Whoever reads the file meanwhile sees the old one or the new one. */
async function writeState(chain: Chain, path: string): Promise<void> {
  const state = await chain.dumpState()
  writeFileSync(`${path}.new`, state)
  renameSync(`${path}.new`, path)
}

/**
 * Every block must run under the module that the chain lists for it, and this build has one.
 * @returns the list; without one, the loaded module from the genesis block on
 */
function checkModules(listed: ChainConfig['modules'], loaded: `0x${string}`): ChainConfig['modules'] {
  if (listed.length === 0) return [{ fromBlock: 0n, hash: loaded }]
  if (listed[0]!.fromBlock !== 0n || listed.some(({ fromBlock }, index) => index > 0 && fromBlock <= listed[index - 1]!.fromBlock))
    throw new NodeError('CONFIG_INVALID', 'modules: got entries out of order, wanted fromBlock to start at 0 and to increase')
  const missing = listed.find(({ hash }) => hash !== loaded)
  if (missing !== undefined)
    throw new NodeError(
      'MODULE_MISMATCH',
      `blocks from ${missing.fromBlock} on need the consensus module with sha256 ${missing.hash}, this node has ${loaded}`,
    )
  return listed
}

function nativePrecompiles(environment: Environment): Map<string, NativePrecompile> {
  const table = precompileTable(precompiles)
  return new Map(
    Array.from(table, ([address, precompile]) => [address.slice(2), (state, call) => callPrecompile(precompile, environment, state, call)]),
  )
}

function inferenceAccounts({ prices, governance, ...config }: NodeConfig): Record<`0x${string}`, GenesisAccount> {
  const code = loadGenesisContracts()
  if (governance !== undefined && config.gasScheduleOwner !== undefined)
    throw new NodeError(
      'CONFIG_INVALID',
      'gasScheduleOwner: got an address, wanted none beside a governance, whose timelock owns the prices',
    )
  const gasScheduleOwner = governance === undefined ? config.gasScheduleOwner : addresses.governanceTimelock
  try {
    return genesisAccounts({ code, prices, ...(gasScheduleOwner === undefined ? {} : { gasScheduleOwner }) })
  } catch (error) {
    if (error instanceof TypeError) throw new NodeError('CONFIG_INVALID', `prices: ${error.message}`, { cause: error })
    throw error
  }
}
