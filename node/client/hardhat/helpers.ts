/** `infernode` of a network connection: the actions of infernode/viem over Hardhat's provider, with files for models. */
import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { EthereumProvider } from 'hardhat/types/providers'
import { type Address, createClient, custom } from 'viem'
import { inferActions } from '../infer-actions.ts'
import { recordingText } from '../recording.ts'
import { installPrecompiles } from './install.ts'
import { readArtifact } from './model-files.ts'
import type { InfernodeHelpers } from './types.ts'

/** A started chain mines at once. */
const pollingMs = 50

/** @param root of the project, where paths begin. */
export function createHelpers(provider: EthereumProvider, { root, url }: { root: string; url: string | undefined }): InfernodeHelpers {
  const client = createClient({ transport: custom(provider, { retryCount: 0 }), pollingInterval: pollingMs }).extend(inferActions())
  const { estimateInferenceGas, recordInferences, describeModel, listModels, getInferences, watchInferences, watchModels } = client
  /** As Hardhat signs with it: one of the network's configuration, or of the node. */
  const firstAccount = async (): Promise<{ account: Address } | Record<string, never>> => {
    const [account] = (await provider.request({ method: 'eth_accounts' })) as Address[]
    return account === undefined ? {} : { account }
  }
  return {
    url,
    estimateInferenceGas,
    describeModel,
    listModels,
    getInferences,
    watchInferences,
    watchModels,
    recordInferences,
    install: (...paths) => installPrecompiles(provider, root, paths),
    async record(path, parameters) {
      await writeFile(resolve(root, path), recordingText(await recordInferences(parameters)))
    },
    consumeModel: async (parameters) => client.consumeModel({ ...(await firstAccount()), ...parameters }),
    requestModel: async (parameters) => client.requestModel({ ...(await firstAccount()), ...parameters }),
    runModel: async (parameters) => client.runModel({ ...(await firstAccount()), ...parameters }),
    async deployModel(path, { metadata = basename(path), account, onProgress, ...file } = {}) {
      const artifact = await readArtifact(root, path, file)
      const sender = account === undefined ? await firstAccount() : { account }
      return client.deployModel({ ...sender, artifact, metadata, onProgress })
    },
  }
}
