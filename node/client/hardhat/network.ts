/** Hardhat's network hooks: a connection gets `infernode`, and the node that it started ends with it. */
import type { HookContext, NetworkHooks } from 'hardhat/types/hooks'
import type { ChainType, NetworkConnection } from 'hardhat/types/network'
import type { RunningNode } from '../../node.ts'
import { createHelpers } from './helpers.ts'
import { type Started, withStarted } from './started-url.ts'

export async function networkHooks(): Promise<Partial<NetworkHooks>> {
  const nodes = new WeakMap<object, RunningNode>()
  return {
    async newConnection<T extends ChainType | string>(
      context: HookContext,
      next: (context: HookContext) => Promise<NetworkConnection<T>>,
    ): Promise<NetworkConnection<T>> {
      const started: Started = {}
      const connection = await withStarted(started, () => next(context)).catch(async (error: unknown) => {
        await started.node?.close()
        throw error
      })
      if (started.node !== undefined) nodes.set(connection, started.node)
      connection.infernode = createHelpers(connection.provider, {
        root: context.config.paths.root,
        url: started.node === undefined ? await urlOf(connection) : `http://127.0.0.1:${started.node.server.port}`,
      })
      return connection
    },

    async closeConnection<T extends ChainType | string>(
      context: HookContext,
      connection: NetworkConnection<T>,
      next: (context: HookContext, connection: NetworkConnection<T>) => Promise<void>,
    ): Promise<void> {
      await next(context, connection)
      await nodes.get(connection)?.close()
      nodes.delete(connection)
    },
  }
}

async function urlOf({ networkConfig }: NetworkConnection<string>): Promise<string | undefined> {
  return networkConfig.type === 'http' ? networkConfig.url.getUrl() : undefined
}
