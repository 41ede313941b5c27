/**
 * Public entry `infernode/hardhat`: a plugin for Hardhat 3 that brings a network with neural networks.
 *
 * @example
 * // hardhat.config.ts
 * import { infernode } from 'infernode/hardhat'
 *
 * export default defineConfig({ plugins: [hardhatViem, infernode], solidity: '0.8.37' })
 *
 * // test/doorman.ts
 * const { viem, infernode } = await network.create('infernode')
 * const { id } = await infernode.deployModel('models/faces.tflite')
 * const doorman = await viem.deployContract('Doorman', [id])
 */
import type { HardhatPlugin } from 'hardhat/types/plugins'

export type * from './types.ts'

/** Adds the network `infernode`, `infernode` to every connection and to the runtime environment. Nothing of it is loaded before it is used. */
export const infernode: HardhatPlugin = {
  id: 'infernode',
  npmPackage: 'infernode',
  hookHandlers: {
    config: async () => ({ default: (await import('./config.ts')).configHooks }),
    hre: async () => ({ default: (await import('./environment.ts')).environmentHooks }),
    network: async () => ({ default: (await import('./network.ts')).networkHooks }),
  },
}
