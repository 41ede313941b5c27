/** A chain in memory with its JSON-RPC server on a free port, in this process. */
import { type Chain, createChain } from '../../node/chain/chain.ts'
import { loadConfig } from '../../node/config.ts'
import { type ModelDirectory, noModels } from '../../node/rpc/models.ts'
import { createRpc } from '../../node/rpc/rpc.ts'
import { noStorage } from '../../node/rpc/storage.ts'
import { defaultServerOptions, startServer } from '../../node/server.ts'
import { clientVersion } from '../../node/version.ts'

export interface TestNode {
  readonly chain: Chain
  readonly url: string
  readonly wsUrl: string
  /** Errors that the node called its own fault: a test that expects none checks that this is empty. */
  readonly faults: unknown[]
  close(): Promise<void>
}

export async function startTestNode(models: ModelDirectory = noModels, flags: Record<string, unknown> = {}): Promise<TestNode> {
  const faults: unknown[] = []
  const config = loadConfig({ env: {}, flags })
  const chain = await createChain(config)
  const rpc = createRpc(
    { chain, models, storage: noStorage, clientVersion, limits: config.admission },
    { onFault: (_, error) => faults.push(error), onRequest: () => {} },
  )
  const server = await startServer(rpc.dispatcher, { ...defaultServerOptions, port: 0 })
  return {
    chain,
    url: `http://127.0.0.1:${server.port}`,
    wsUrl: `ws://127.0.0.1:${server.port}`,
    faults,
    async close() {
      await server.close()
      rpc.close()
      await chain.close()
    },
  }
}

/** Calls methods by HTTP; an error of the node is thrown with its `code` and `data`. */
export function rpcOf(url: string) {
  let id = 0
  return async <T = unknown>(method: string, ...params: unknown[]): Promise<T> => {
    id += 1
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
    const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { result, error } = (await reply.json()) as { result: T; error?: { message: string; code: number; data?: unknown } }
    if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data })
    return result
  }
}
