/**
 * What each part of the build is made from, and whether the outputs in build/ still belong to it.
 * Plain JavaScript without packages: it runs before anything is installed, on any Node >= 20.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ folder: string, extension: string, also: string[], outputs: string[] }} Part */

/**
 * The parts of the build: the folder and the kind of file they read, what else decides their bytes, and what they write.
 * @type {Record<string, Part>}
 */
export const parts = {
  wasm: {
    folder: 'assembly',
    extension: '.ts',
    also: ['asconfig.json', 'scripts/build-wasm.ts', 'node_modules/assemblyscript/package.json', 'node_modules/binaryen/package.json'],
    outputs: ['build/infernode.wasm', 'build/infernode.scalar.wasm'],
  },
  contracts: {
    folder: 'contracts',
    extension: '.sol',
    also: ['scripts/build-contracts.ts', 'node_modules/solc/package.json'],
    outputs: ['build/contracts.json'],
  },
}

const stampFile = 'build/stamp.json'

/** @param {string} root @param {Part} part */
function sourcesOf(root, { folder, extension, also }) {
  const inFolder = existsSync(join(root, folder)) ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }) : []
  const sources = inFolder.filter((name) => name.endsWith(extension)).map((name) => join(folder, name))
  return [...sources.sort(), ...also.filter((name) => existsSync(join(root, name)))]
}

/**
 * SHA-256 over the names and bytes of everything that decides the part's outputs.
 * @param {string} root
 * @param {string} name of the part
 */
export function hashSources(root, name) {
  const part = parts[name]
  if (!part) throw new Error(`no part of the build is named ${name}: there are ${Object.keys(parts).join(' and ')}`)
  const hash = createHash('sha256')
  for (const name of sourcesOf(root, part)) {
    const bytes = readFileSync(join(root, name))
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

/** @param {string} root @returns {Record<string, string>} */
function readStamp(root) {
  try {
    return JSON.parse(readFileSync(join(root, stampFile), 'utf8'))
  } catch {
    return {}
  }
}

/**
 * The names of the parts whose outputs are missing or were built from other sources.
 * @param {string} root
 */
export function staleParts(root) {
  const stamp = readStamp(root)
  return Object.entries(parts)
    .filter(([name, { outputs }]) => stamp[name] !== hashSources(root, name) || outputs.some((file) => !existsSync(join(root, file))))
    .map(([name]) => name)
}

/**
 * Records that the part's outputs were built from sources with this hash.
 * @param {string} root @param {string} name @param {string} hash
 */
export function stampPart(root, name, hash) {
  mkdirSync(join(root, 'build'), { recursive: true })
  writeFileSync(join(root, stampFile), `${JSON.stringify({ ...readStamp(root), [name]: hash }, null, 2)}\n`)
}
