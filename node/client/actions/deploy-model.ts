import type { Hex } from 'viem'
import { getCode, readContract, simulateContract, waitForTransactionReceipt, writeContract } from 'viem/actions'
import { toHex } from 'viem/utils'
import { addresses } from '../../../precompiles/addresses.ts'
import { inferenceAbi } from '../../../precompiles/inference-abi.ts'
import type { OnnxOptions } from '../../../runtime/import/onnx/import.ts'
import { modelId, type Rounding } from '../../../runtime/model/types.ts'
import { registryAbi } from '../abi.ts'
import { chunkAddress, splitArtifact, uploadGas } from '../chunks.ts'
import { type AsAccount, type InferClient, senderOf } from '../client.ts'
import { InferError, inferErrors } from '../errors.ts'

export type DeployModelParameters = AsAccount & {
  /** Free text or a URI to record with the model, for people. */
  metadata?: string | undefined
  /** Called before each chunk and after the last. */
  onProgress?: ((progress: DeployProgress) => void) | undefined
} & (
    | {
        /** A model artifact, as `infernode import` writes it, or importTflite and importOnnx of `infernode` give it. */
        artifact: Uint8Array
      }
    | {
        /** A trained model: the bytes of an int8 .tflite file, or of an .onnx file that is quantized or has operators of ai.onnx.ml. */
        model: Uint8Array
        /** Whose bytes to give: fp32 (XNNPACK and onnxruntime, the default), for .tflite also single (ruy) or double (TFLite Micro). */
        rounding?: Rounding | undefined
        /** How to read an .onnx file: sizes of inputs that it leaves open, data that lie beside it, and so on. */
        onnx?: Omit<OnnxOptions, 'rounding'> | undefined
      }
  )

export interface DeployProgress {
  /** Chunks on chain so far, and in all. */
  done: number
  of: number
}

export interface Deployment {
  /** hash_tree_root of the artifact: what contracts call the model by. */
  id: Hex
  chunks: Hex[]
  /** Chunks that were on chain before, and whether the whole model was. */
  chunksFound: number
  wasPublished: boolean
  transactions: number
  gasUsed: bigint
}

/** Between two looks for a receipt; a local chain mines at once. */
const receiptPollingMs = 50

/**
 * Brings a model on chain: its bytes in chunks, then one transaction that makes it usable. What is there already is not sent again, so a deployment that was
 * cut off goes on where it stopped; until the last transaction has succeeded no contract can use the model.
 *
 * @param client A viem client with an account, or with one that the node holds.
 * @returns The model's id, and what it took to bring it there.
 * @throws InferError ACCOUNT_MISSING; NOT_INFERNODE; REFUSED, where the chain does not accept the model; REVERTED.
 * @throws ImportError for a file that cannot be imported, ModelError for bytes that are no artifact: before anything is sent.
 *
 * @example
 * import { createWalletClient, http } from 'viem'
 * import { privateKeyToAccount } from 'viem/accounts'
 * import { inferActions } from 'infernode/viem'
 *
 * const client = createWalletClient({ account: privateKeyToAccount('0x…'), transport: http('http://127.0.0.1:8545') }).extend(inferActions())
 * const { id } = await client.deployModel({ model: readFileSync('digits.tflite'), metadata: 'digits' })
 */
export async function deployModel(client: InferClient, parameters: DeployModelParameters): Promise<Deployment> {
  const { metadata = '', onProgress = () => {} } = parameters
  const account = senderOf(client, parameters.account, 'deployModel')
  const artifact = await artifactOf(parameters)
  const id = modelId(artifact)
  const registry = openRegistry(client, account)
  await registry.checkPresent()

  const parts = splitArtifact(artifact)
  const chunks = parts.map(chunkAddress)
  const deployment: Deployment = { id, chunks, chunksFound: 0, wasPublished: false, transactions: 0, gasUsed: 0n }
  if (await registry.hasModel(id)) return { ...deployment, wasPublished: true, chunksFound: chunks.length }
  const count = (gasUsed: bigint) => {
    deployment.gasUsed += gasUsed
    deployment.transactions++
  }
  for (const [index, part] of parts.entries()) {
    onProgress({ done: index, of: parts.length })
    if (await registry.hasChunk(chunks[index]!)) deployment.chunksFound++
    else count(await registry.upload(part))
  }
  onProgress({ done: parts.length, of: parts.length })
  count(await registry.publish(id, chunks, metadata))
  return deployment
}

async function artifactOf(parameters: DeployModelParameters): Promise<Uint8Array> {
  if ('artifact' in parameters) return parameters.artifact
  const { model, rounding = 'fp32', onnx = {} } = parameters
  // Most of the client's code, and not needed by those who bring artifacts.
  if (isTflite(model)) {
    const { importTflite } = await import('../../../runtime/import/tflite/import.ts')
    return importTflite(model, { rounding }).bytes
  }
  const { importOnnx } = await import('../../../runtime/import/onnx/import.ts')
  return importOnnx(model, { ...onnx, rounding }).bytes
}

/** A FlatBuffer of TFLite names itself behind its first offset. */
function isTflite(file: Uint8Array): boolean {
  return new TextDecoder().decode(file.subarray(4, 8)) === 'TFL3'
}

function openRegistry(client: InferClient, account: ReturnType<typeof senderOf>) {
  const address = addresses.modelRegistry
  const registry = { address, abi: registryAbi } as const
  const chain = client.chain ?? null

  /** @returns gas used */
  const mined = async (what: string, sent: Promise<Hex>) => {
    const hash = await inferErrors(what, sent)
    const { status, gasUsed } = await waitForTransactionReceipt(client, { hash, pollingInterval: receiptPollingMs })
    if (status !== 'success') throw new InferError('REVERTED', `${what} reverted in transaction ${hash}`)
    return gasUsed
  }

  return {
    async checkPresent() {
      if ((await getCode(client, { address })) !== undefined) return
      const where = client.transport.url ?? 'this endpoint'
      throw new InferError('NOT_INFERNODE', `there is no ModelRegistry at ${address}: the chain at ${where} is not an Infernode chain`)
    },
    hasModel: async (id: Hex) => (await readContract(client, { ...registry, functionName: 'modelOf', args: [id] })).status !== 0,
    hasChunk: (chunk: Hex) => readContract(client, { ...registry, functionName: 'isChunk', args: [chunk] }),
    upload: (part: Uint8Array) =>
      mined(
        'upload',
        writeContract(client, { ...registry, functionName: 'upload', args: [toHex(part)], gas: uploadGas(part), account, chain }),
      ),
    async publish(id: Hex, chunks: Hex[], metadata: string) {
      // What the precompile reverts with passes through the registry.
      const abi = [...registryAbi, ...inferenceAbi.filter(({ type }) => type === 'error')] as const
      const call = { address, abi, functionName: 'publish', args: [id, chunks, metadata], account } as const
      await inferErrors('publish', simulateContract(client, call))
      return mined('publish', writeContract(client, { ...call, chain }))
    },
  }
}
