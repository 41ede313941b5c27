/** Writes a small project that works: a contract that calls the digits model, and its test, for one of three tools. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { importTflite } from '../../runtime/import/tflite/import.ts'
import { version } from '../version.ts'

export const templates = ['hardhat', 'viem', 'foundry'] as const
export type Template = (typeof templates)[number]

export type InitErrorCode = 'FOLDER_NOT_EMPTY' | 'PACKAGE_INCOMPLETE' | 'PACK_FAILED'

export class InitError extends Error {
  override readonly name = 'InitError'
  readonly code: InitErrorCode

  constructor(code: InitErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}

export interface InitOptions {
  folder: string
  template: Template
  /** What package.json is to ask for as infernode: a version, or a path as npm takes it. */
  packageSpec?: string | undefined
}

/** Where each template keeps contracts, and what is done to see it work. */
const layouts: Record<Template, { contracts: string; next: readonly string[] }> = {
  hardhat: { contracts: 'contracts', next: ['npm install', 'npm test'] },
  viem: { contracts: 'contracts', next: ['npm install', 'npm test'] },
  foundry: {
    contracts: 'src',
    next: ['npm install', 'npm run node', 'npm run model   # in another terminal, as what follows', 'npm test'],
  },
}

/** Ten samples, the digits 0 to 9, of 28 × 28 bytes each. */
const pictureBytes = 10 * 784

/**
 * @returns the files written, relative to the folder, and the commands to go on with.
 * @throws InitError
 */
export async function initProject({ folder, template, packageSpec }: InitOptions): Promise<{ files: string[]; next: readonly string[] }> {
  const target = resolve(folder)
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new InitError('FOLDER_NOT_EMPTY', `${folder} is not empty: a project is written into a new folder`)
  const root = packageRoot()
  const source = (path: string) => {
    if (existsSync(join(root, path))) return join(root, path)
    throw new InitError('PACKAGE_INCOMPLETE', `${path} is missing from the package at ${root}`)
  }
  const { contracts, next } = layouts[template]
  const templateFolder = source(`node/cli/templates/${template}`)

  mkdirSync(target, { recursive: true })
  const spec = packageSpec ?? (isInstalled(root) ? version : `file:./${await pack(root, target)}`)
  cpSync(templateFolder, target, { recursive: true })
  cpSync(source('node/cli/templates/shared/Scoreboard.sol'), join(target, contracts, 'Scoreboard.sol'))
  // Under its own name npm would not put it into the package.
  cpSync(source('node/cli/templates/shared/gitignore'), join(target, '.gitignore'))
  const model = new Uint8Array(readFileSync(source('examples/digits/digits.tflite')))
  const pictures = readFileSync(source('examples/digits/expected/in0.bin')).subarray(0, pictureBytes)
  mkdirSync(join(target, 'models'))
  writeFileSync(join(target, 'models/digits.tflite'), model)
  writeFileSync(join(target, 'models/pictures.bin'), pictures)
  if (template === 'foundry') writeFoundryModel(target, model)
  for (const path of ['package.json', 'README.md']) fillIn(join(target, path), { NAME: packageName(target), INFERNODE: spec })
  return { files: filesIn(target), next }
}

/** Solidity names a model by its id: forge deploys contracts, and the command line models. */
function writeFoundryModel(target: string, tflite: Uint8Array): void {
  const { bytes, id } = importTflite(tflite, { rounding: 'fp32' })
  writeFileSync(join(target, 'models/digits.infer'), bytes)
  const lines = [
    '// SPDX-License-Identifier: MIT',
    'pragma solidity ^0.8.28;',
    '',
    '/// @dev models/digits.infer, by the hash of its bytes.',
    `bytes32 constant DIGITS = ${id};`,
  ]
  writeFileSync(join(target, 'src/Models.sol'), `${lines.join('\n')}\n`)
}

function fillIn(path: string, values: Record<string, string>): void {
  const text = readFileSync(path, 'utf8').replace(/\b(NAME|INFERNODE)\b/g, (name) => values[name] as string)
  writeFileSync(path, text)
}

/** As npm allows names. */
function packageName(target: string): string {
  const name = basename(target)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'project' : name
}

/** The folder of this package: of a checkout, or where it is installed. */
function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder
  throw new InitError('PACKAGE_INCOMPLETE', 'the package has no package.json')
}

const isInstalled = (root: string) => root.split(sep).includes('node_modules')

/** A checkout's package as a file in the project: what is not in a registry cannot be asked for by its version. @returns the file's name */
async function pack(root: string, target: string): Promise<string> {
  try {
    const args = ['pack', '--json', '--pack-destination', target, '--loglevel=error']
    const { stdout } = await promisify(execFile)('npm', args, { cwd: root, shell: process.platform === 'win32' })
    // What the build prints may come before the listing.
    const [{ filename }] = JSON.parse(stdout.slice(stdout.search(/^\[/m)))
    // A name without a version: the project's file is replaced by the next one.
    renameSync(join(target, filename), join(target, 'infernode.tgz'))
    return 'infernode.tgz'
  } catch (cause) {
    throw new InitError('PACK_FAILED', `npm pack failed in ${root}: ${(cause as Error).message}`, { cause })
  }
}

function filesIn(target: string): string[] {
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .map((path) => path.split(sep).join('/'))
    .sort()
}
