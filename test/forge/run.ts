/**
 * npm run test:contracts [-- FORGE ARGUMENT…]   forge test on test/forge
 *
 * forge comes from npm with the other clients (test/clients), its compiler is the project's own.
 */
import { fileURLToPath } from 'node:url'
import { installClients, run } from '../clients/install.ts'
import { forge, forgeEnvironment } from './forge.ts'

installClients()
run(forge, ['test', ...process.argv.slice(2)], { cwd: fileURLToPath(new URL('../..', import.meta.url)), env: forgeEnvironment() })
