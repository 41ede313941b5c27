/** A JSON-RPC client that costs little: one kept connection, requests one after the other. */
import { Agent, request } from 'node:http'

export type Rpc = {
  call<Result = string>(method: string, ...params: unknown[]): Promise<Result>
  /** Many requests in one. The results in order. @throws where one of them failed */
  batch(method: string, lists: readonly unknown[][]): Promise<unknown[]>
  close(): void
}

type Reply = { id: number; result?: unknown; error?: { message: string } }

/** A transaction's receipt as soon as there is one: anvil answers before it has mined. */
export async function receiptOf<Receipt extends object>(rpc: Rpc, hash: string): Promise<Receipt> {
  for (;;) {
    const receipt = await rpc.call<Receipt | null>('eth_getTransactionReceipt', hash)
    if (receipt !== null) return receipt
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

export function openRpc(port: number): Rpc {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = (body: string) =>
    new Promise<string>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const outgoing = request({ host: '127.0.0.1', port, method: 'POST', agent, headers }, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('end', () => resolve(Buffer.concat(pieces).toString()))
        response.on('error', reject)
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  const unwrap = ({ result, error }: Reply) => {
    if (error !== undefined) throw new Error(error.message)
    return result
  }
  return {
    async call<Result>(method: string, ...params: unknown[]) {
      return unwrap(JSON.parse(await send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))) as Result
    },
    async batch(method, lists) {
      const requests = lists.map((params, id) => ({ jsonrpc: '2.0', id, method, params }))
      const replies = JSON.parse(await send(JSON.stringify(requests))) as Reply[]
      return replies.toSorted((a, b) => a.id - b.id).map(unwrap)
    },
    close: () => agent.destroy(),
  }
}
