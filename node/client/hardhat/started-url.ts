/**
 * The network's URL, of a node that is started by asking for it. Hardhat asks while it makes a connection, and tells nobody which: the connection in the making is
 * followed through its promises.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ResolvedConfigurationVariable } from 'hardhat/types/config'
import type { RunningNode } from '../../node.ts'
import type { InfernodeConfig } from './types.ts'

/** What a connection has started. */
export interface Started {
  node?: RunningNode
}

const making = new AsyncLocalStorage<Started>()

/** Runs `make` so that the node which it starts, if it starts one, is put into `started`. */
export function withStarted<T>(started: Started, make: () => Promise<T>): Promise<T> {
  return making.run(started, make)
}

/** A URL for Hardhat's network configuration. @param config of the chains that are started. */
export function startedUrl(config: InfernodeConfig['node']): ResolvedConfigurationVariable {
  const url = async () => {
    const started = making.getStore()
    if (started === undefined)
      throw new Error('no node runs yet: each connection starts its own, and connection.infernode.url is its address')
    started.node ??= await start(config)
    return `http://127.0.0.1:${started.node.server.port}`
  }
  const never = async () => {
    throw new Error('the address of a node is a URL and nothing else')
  }
  return { _type: 'ResolvedConfigurationVariable', format: '{variable}', get: url, getUrl: url, getBigInt: never, getHexString: never }
}

async function start(config: InfernodeConfig['node']): Promise<RunningNode> {
  const [{ loadConfig }, { startNode }] = await Promise.all([import('../../config.ts'), import('../../node.ts')])
  const node = await startNode(loadConfig({ flags: { logLevel: 'silent', ...config, host: '127.0.0.1', port: 0 } }))
  // A test need not close its connections, as with Hardhat's own network.
  node.server.unref()
  return node
}
