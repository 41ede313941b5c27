/** viem clients of a chain that a command talks to. */
import {
  type Account,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { UsageError } from './errors.ts'

export interface ChainClients {
  reader: PublicClient
  writer: WalletClient<Transport, Chain | undefined, Account>
}

/**
 * A client that reads.
 * @throws UsageError where the URL does not answer.
 */
export async function connectReader(url: string): Promise<{ reader: PublicClient; chain: Chain; transport: Transport }> {
  const transport = http(url, { retryCount: 0, timeout: 120_000 })
  let id: number
  try {
    id = await createPublicClient({ transport }).getChainId()
  } catch (cause) {
    throw new UsageError(`no chain answers at ${url}; start one with: infernode node`, { cause })
  }
  const chain = defineChain({
    id,
    name: `chain ${id}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
  return { reader: createPublicClient({ chain, transport, pollingInterval: 50 }), chain, transport }
}

/**
 * @param privateKey of the sender; without one the node's first account signs.
 * @throws UsageError where the URL does not answer, or the node has no account of its own.
 */
export async function connect(url: string, privateKey?: string): Promise<ChainClients> {
  const { reader, chain, transport } = await connectReader(url)
  const account = privateKey === undefined ? await firstAccount(url) : accountOf(privateKey)
  return { reader, writer: createWalletClient({ chain, transport, account }) }
}

async function firstAccount(url: string): Promise<Account> {
  const [address] = await createWalletClient({ transport: http(url, { retryCount: 0 }) }).getAddresses()
  if (address === undefined) throw new UsageError(`the node at ${url} holds no accounts; give --private-key`)
  return { address, type: 'json-rpc' }
}

function accountOf(privateKey: string): Account {
  if (!/^0x[0-9a-fA-F]{64}$/.test(privateKey)) throw new UsageError('--private-key: wanted 0x and 64 hex digits')
  return privateKeyToAccount(privateKey as Hex)
}
