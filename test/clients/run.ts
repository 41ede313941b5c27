/** Installs the clients in this folder, then tries each against a running node: `npm run test:clients [-- NAME]`. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installClients, run } from './install.ts'

installClients()

const wanted = process.argv.slice(2)
const files = readdirSync(fileURLToPath(new URL('.', import.meta.url))).filter(
  (name) => name.endsWith('.client.ts') && (wanted.length === 0 || wanted.includes(name.split('.')[0]!)),
)
if (files.length === 0) throw new Error(`no client of that name: ${wanted.join(', ')}`)
// The Hardhat plugin among them: Hardhat's types are installed nowhere else.
run(process.execPath, [fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url)), '-p', '.', '--noEmit'])
run(process.execPath, ['--test', ...files])
