/** The precompiles in Hardhat's own EVM: ITensor in plain Solidity, and IInference with answers that a node gave before. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { EthereumProvider } from 'hardhat/types/providers'
import { type Address, encodeFunctionData, type Hex } from 'viem'
import { addresses } from '../../../precompiles/addresses.ts'
import { loadContract } from '../../contracts.ts'
import { InferError } from '../errors.ts'
import { parseRecording } from '../recording.ts'

/** What an Infernode chain has at a precompile's address: docs/precompiles.md. */
const precompileCode = '0xfe'
/** Enough for an output of 16 KiB, whose bytes are stored. */
const recordGas: Hex = '0xe4e1c0'

/**
 * @param paths of recordings, from `root` on.
 * @throws InferError IS_INFERNODE; RecordingError; whatever reading a file throws; the network's error where it is not Hardhat's own.
 */
export async function installPrecompiles(provider: EthereumProvider, root: string, paths: readonly string[]): Promise<void> {
  const recordings = await Promise.all(paths.map(async (path) => parseRecording(await readFile(resolve(root, path), 'utf8'), path)))
  if ((await provider.request({ method: 'eth_getCode', params: [addresses.inference, 'latest'] })) === precompileCode)
    throw new InferError('IS_INFERNODE', "the network has the precompiles: install is for Hardhat's own network")
  const { abi, deployedBytecode } = loadContract('RecordedInference')
  await provider.request({ method: 'hardhat_setCode', params: [addresses.tensor, loadContract('TensorReference').deployedBytecode] })
  await provider.request({ method: 'hardhat_setCode', params: [addresses.inference, deployedBytecode] })
  const [from] = (await provider.request({ method: 'eth_accounts' })) as Address[]
  for (const { callData, isRevert, data } of recordings.flat()) {
    const recording = encodeFunctionData({ abi, functionName: 'record', args: [callData, isRevert, data] })
    await provider.request({ method: 'eth_sendTransaction', params: [{ from, to: addresses.inference, data: recording, gas: recordGas }] })
  }
}
