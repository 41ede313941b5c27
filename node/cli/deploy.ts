/** Brings a model artifact on chain: chunks first, then one transaction that makes the model usable. What is there already is not sent again. */
import type { Abi, Account, Chain, PublicClient, Transport, WalletClient } from 'viem'
import { BaseError, ContractFunctionRevertedError } from 'viem'
import { getContractAddress } from 'viem/utils'
import { addresses } from '../../precompiles/addresses.ts'
import { loadContract } from '../contracts.ts'

type Hex = `0x${string}`

export type DeployErrorCode = 'REGISTRY_MISSING' | 'DEPLOY_REVERTED'

export class DeployError extends Error {
  override readonly name = 'DeployError'
  readonly code: DeployErrorCode

  constructor(code: DeployErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}

export interface DeployClients {
  reader: PublicClient
  writer: WalletClient<Transport, Chain | undefined, Account>
}

export interface Deployment {
  id: Hex
  chunks: Hex[]
  /** Chunks that were on chain before, and whether the whole model was. */
  chunksFound: number
  wasPublished: boolean
  transactions: number
  gasUsed: bigint
}

/** Bytes of one chunk: ModelRegistry.MAX_CHUNK_BYTES. */
const chunkBytes = 24_575

/** `onProgress(done, of)`: chunks on chain, in order. */
export async function deployModel(
  clients: DeployClients,
  { id, bytes, metadata }: { id: Hex; bytes: Uint8Array; metadata: string },
  onProgress: (done: number, of: number) => void = () => {},
): Promise<Deployment> {
  const registry = registryOf(clients)
  await registry.checkPresent()
  const parts = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) => bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes))
  const chunks = parts.map(chunkAddress)
  const deployment: Deployment = { id, chunks, chunksFound: 0, wasPublished: false, transactions: 0, gasUsed: 0n }
  const { status } = (await registry.read('modelOf', [id])) as { status: number }
  if (status !== 0) return { ...deployment, wasPublished: true, chunksFound: chunks.length }
  const write = async (name: string, args: unknown[]) => {
    deployment.gasUsed += await registry.write(name, args)
    deployment.transactions++
  }
  for (const [index, part] of parts.entries()) {
    onProgress(index, parts.length)
    if (await registry.read('isChunk', [chunks[index]])) deployment.chunksFound++
    else await write('upload', [toHex(part)])
  }
  onProgress(parts.length, parts.length)
  await write('publish', [id, chunks, metadata])
  return deployment
}

function registryOf({ reader, writer }: DeployClients) {
  const address = addresses.modelRegistry
  const { abi } = loadContract('ModelRegistry')
  // What the precompile reverts with passes through the registry.
  const errors = loadContract('IInference').abi.filter(({ type }) => type === 'error')
  const contract = { address, abi: [...abi, ...errors] as Abi }
  return {
    async checkPresent() {
      if ((await reader.getCode({ address })) === undefined)
        throw new DeployError(
          'REGISTRY_MISSING',
          `there is no ModelRegistry at ${address}: the chain at ${reader.transport.url ?? 'this endpoint'} is not an Infernode chain`,
        )
    },
    read: (functionName: string, args: unknown[]) => reader.readContract({ ...contract, functionName, args }),
    /** @returns gas used */
    async write(functionName: string, args: unknown[]): Promise<bigint> {
      try {
        const { request } = await reader.simulateContract({ ...contract, functionName, args, account: writer.account })
        const hash = await writer.writeContract(request as Parameters<typeof writer.writeContract>[0])
        const receipt = await reader.waitForTransactionReceipt({ hash, pollingInterval: 50 })
        if (receipt.status !== 'success') throw new DeployError('DEPLOY_REVERTED', `${functionName} reverted in transaction ${hash}`)
        return receipt.gasUsed
      } catch (cause) {
        throw cause instanceof BaseError ? reverted(functionName, cause) : cause
      }
    },
  }
}

function reverted(functionName: string, error: BaseError): Error {
  const revert = error.walk((inner) => inner instanceof ContractFunctionRevertedError)
  if (!(revert instanceof ContractFunctionRevertedError) || revert.data === undefined) return error
  const { errorName, args = [] } = revert.data
  return new DeployError('DEPLOY_REVERTED', `${functionName} was refused: ${errorName}(${args.map(String).join(', ')})`, { cause: error })
}

/** Where ModelRegistry.upload puts bytes: CREATE2 from the registry, salt 0, of code that returns 0x00 and the bytes. */
export function chunkAddress(part: Uint8Array): Hex {
  const length = part.length + 1
  const bytecode = toHex(
    Buffer.concat([Buffer.from([0x61, length >> 8, length & 0xff]), Buffer.from('80600a3d393df3', 'hex'), Buffer.from([0]), part]),
  )
  return getContractAddress({
    opcode: 'CREATE2',
    from: addresses.modelRegistry,
    salt: `0x${'00'.repeat(32)}`,
    bytecode,
  }).toLowerCase() as Hex
}

function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
