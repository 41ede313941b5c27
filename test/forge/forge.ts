/** Where forge is, and what it needs so that nothing is downloaded. */
import { fileURLToPath } from 'node:url'

const clients = new URL('../clients/', import.meta.url)

export const forge = fileURLToPath(new URL('node_modules/.bin/forge', clients))

export function forgeEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, FOUNDRY_SOLC: fileURLToPath(new URL('forge-solc.mjs', clients)), FOUNDRY_OFFLINE: 'true' }
}
