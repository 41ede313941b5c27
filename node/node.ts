/** The composition root: configuration, consensus module, chain, JSON-RPC and server, put together here and nowhere else. */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import {
  addresses,
  callPrecompile,
  defaultLimits,
  type Environment,
  type GenesisAccount,
  genesisAccounts,
  installInfernode,
  type Limits,
  precompiles,
  precompileTable,
} from '../precompiles/index.ts'
import { createHost, type Host } from '../runtime/host/host.ts'
import { loadModule } from '../runtime/host/load-module.ts'
import { type Chain, createChain } from './chain/chain.ts'
import type { ChainConfig, NodeConfig } from './config.ts'
import { loadGenesisContracts } from './contracts.ts'
import { NodeError } from './errors.ts'
import type { NativePrecompile } from './evm/precompiles.ts'
import { governanceAccounts } from './governance.ts'
import { graphqlRoute } from './graphql/route.ts'
import { createModelDirectory } from './models.ts'
import type { DispatcherOptions } from './rpc/dispatch.ts'
import { createRpc } from './rpc/rpc.ts'
import { defaultServerOptions, type RunningServer, startServer } from './server.ts'
import { clientVersion } from './version.ts'

export interface InferenceChain {
  readonly chain: Chain
  readonly host: Host
}

export interface RunningNode extends InferenceChain {
  readonly server: RunningServer
  /** Finishes what runs, then closes the chain. */
  close(): Promise<void>
}

export type NodeHooks = Pick<DispatcherOptions, 'onFault' | 'onRequest'>

const noHooks: NodeHooks = { onFault: () => {}, onRequest: () => {} }

/**
 * A chain without a server. Its EVMs have the inference precompiles, unless it has the rules of Ethereum.
 * @throws NodeError MODULE_MISMATCH, CONFIG_INVALID, and those of `createChain`
 */
export async function createInferenceChain(config: NodeConfig): Promise<InferenceChain> {
  const host = createHost({ wasm: loadModule() })
  const modules = checkModules(config.modules, host.hash)
  const limits = Object.fromEntries(Object.entries(config.limits).filter(([, limit]) => limit !== undefined)) as Partial<Limits>
  if (config.rules === 'ethereum') return { chain: await createChain({ ...config, modules }), host }
  const predeploys = { ...inferenceAccounts(config), ...(await governanceAccounts(config)) }
  const chain = await createChain(
    { ...config, modules },
    {
      predeploys,
      equip: (evm) => installInfernode(evm, { host, limits }),
      natives: nativePrecompiles({ host, limits: { ...defaultLimits, ...limits } }),
    },
  )
  return { chain, host }
}

/** Starts a node: an inference chain with JSON-RPC over HTTP and WebSocket. */
export async function startNode(config: NodeConfig, hooks: NodeHooks = noHooks): Promise<RunningNode> {
  const { chain, host } = await createInferenceChain(config)
  try {
    if (config.loadState !== undefined) await readState(chain, config.loadState)
    if (config.importChain !== undefined) await chain.importBlocks(readChainFile(config.importChain))
    const models = createModelDirectory(chain, host)
    const rpc = createRpc({ chain, models, clientVersion, limits: config.admission }, hooks)
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
    return {
      chain,
      host,
      server,
      async close() {
        await server.close()
        rpc.close()
        try {
          if (config.dumpState !== undefined) await writeState(chain, config.dumpState)
        } finally {
          await chain.close()
        }
      },
    }
  } catch (error) {
    await chain.close()
    throw error
  }
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
