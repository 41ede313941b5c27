/** Hardhat's hook on a new runtime environment: `hre.infernode`. */
import type { HardhatRuntimeEnvironmentHooks } from 'hardhat/types/hooks'
import { importFile } from './model-files.ts'

export async function environmentHooks(): Promise<Partial<HardhatRuntimeEnvironmentHooks>> {
  return {
    async created(_context, hre) {
      hre.infernode = {
        network: hre.config.infernode.network,
        importModel: (path, options = {}) => importFile(hre.config.paths.root, path, options),
      }
    },
  }
}
