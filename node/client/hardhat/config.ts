/** Hardhat's config hooks: the plugin's own configuration, and its network. */
import type { ConfigHooks, HardhatUserConfigValidationError } from 'hardhat/types/hooks'
import { startedUrl } from './started-url.ts'
import type { InfernodeUserConfig } from './types.ts'

const defaultNetwork = 'infernode'
const keys: readonly string[] = ['network', 'url', 'node'] satisfies (keyof InfernodeUserConfig)[]
/** Stands in Hardhat's own validation for the address of a node that is not started yet. */
const notStarted = 'http://not-started.invalid'

export async function configHooks(): Promise<Partial<ConfigHooks>> {
  return {
    validateUserConfig: async ({ infernode }) => problems(infernode),

    async extendUserConfig(config, next) {
      const extended = await next(config)
      const { network = defaultNetwork, url } = extended.infernode ?? {}
      const added = { type: 'http', chainType: 'l1', url: url ?? notStarted } as const
      // A network of that name in the user's own configuration stays as it is.
      return { ...extended, networks: { [network]: added, ...extended.networks } }
    },

    async resolveUserConfig(userConfig, resolveVariable, next) {
      const resolved = await next(userConfig, resolveVariable)
      const { network = defaultNetwork, url, node = {} } = userConfig.infernode ?? {}
      const networks = { ...resolved.networks }
      const [own, given] = [networks[network], userConfig.networks?.[network]]
      if (own?.type === 'http' && given?.type === 'http' && given.url === notStarted) networks[network] = { ...own, url: startedUrl(node) }
      return { ...resolved, networks, infernode: { network, url, node } }
    },
  }
}

function problems(config: unknown): HardhatUserConfigValidationError[] {
  if (config === undefined) return []
  const at = (path: string[], message: string) => ({ path: ['infernode', ...path], message })
  if (!isRecord(config)) return [at([], 'wanted an object')]
  const { network, url, node } = config
  const found = Object.keys(config)
    .filter((key) => !keys.includes(key))
    .map((key) => at([key], `unknown key; known are ${keys.join(', ')}`))
  if (network !== undefined && (typeof network !== 'string' || network === '')) found.push(at(['network'], 'wanted the name of a network'))
  if (url !== undefined && !(typeof url === 'string' && /^https?:/.test(url) && URL.canParse(url)))
    found.push(at(['url'], 'wanted the URL of a node, such as http://127.0.0.1:8545'))
  if (node !== undefined && !isRecord(node)) found.push(at(['node'], 'wanted an object: the configuration of the node'))
  if (url !== undefined && node !== undefined) found.push(at(['node'], 'the node at infernode.url runs already: give one of the two'))
  return found
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
