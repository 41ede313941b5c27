#!/usr/bin/env node
/** What forge takes for a native solc: the compiler of the main package, so that nothing is downloaded. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const solc = createRequire(new URL('../../package.json', import.meta.url))('solc')
if (process.argv.includes('--version')) {
  // forge takes versions of native builds only.
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace('Emscripten.clang', 'Linux.g++')}`)
} else console.log(solc.compile(readFileSync(0, 'utf8')))
