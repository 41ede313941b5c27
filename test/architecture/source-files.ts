/** What the import rules look at: every TypeScript file of the tree with what it imports, exports by default and reads of the environment. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from 'oxc-parser'

export type Import = {
  /** As written. */
  specifier: string
  /** The file it names, relative to the tree's root; undefined for a package. */
  file: string | undefined
}

export type SourceFile = {
  /** Relative to the tree's root, with forward slashes. */
  path: string
  /** The top-level folder. */
  folder: string
  imports: Import[]
  exportsDefault: boolean
  readsEnvironment: boolean
}

type Node = { type: string; [key: string]: unknown }

const folders = ['assembly', 'runtime', 'precompiles', 'node', 'contracts', 'bench', 'examples', 'test', 'scripts']

/** Folders of installed packages, of what Hardhat writes, and of projects that `infernode init` writes. */
const notOurs = new Set(['node_modules', 'artifacts', 'cache', 'templates'])

/** Reads and parses every source file below `root`'s known folders. */
export function readSourceFiles(root: string): SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,mts,mjs,js}`, { cwd: root, exclude: (name) => notOurs.has(posix.basename(name)) }))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => readSourceFile(root, path))
}

function readSourceFile(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const { program, errors } = parseSync(path, path.startsWith('assembly/') ? withoutDecorators(text) : text)
  const [error] = errors
  if (error) throw new Error(`${path} cannot be parsed: ${error.message}\n${error.codeframe}`)

  const specifiers: string[] = []
  const file: SourceFile = { path, folder: path.split('/')[0] ?? '', imports: [], exportsDefault: false, readsEnvironment: false }
  walk(program as unknown as Node, (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) specifiers.push(specifier)
    if (isDefaultExport(node)) file.exportsDefault = true
    if (isEnvironment(node)) file.readsEnvironment = true
  })
  file.imports = [...new Set(specifiers)].map((specifier) => ({ specifier, file: resolve(root, path, specifier) }))
  return file
}

/** AssemblyScript decorates functions and variables, which is no TypeScript. Blanked, so that positions stay. */
function withoutDecorators(text: string): string {
  return text.replace(/^[ \t]*@\w+(\([^)\n]*\))?/gm, (decorator) => ' '.repeat(decorator.length))
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child === 'object' && child !== null && typeof child.type === 'string') walk(child as Node, visit)
}

/** The module that a node imports: by a statement, a re-export, import() of a value or a type, or require(). */
function specifierOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node.source)
    case 'CallExpression':
      return isNamed(node.callee, 'require') ? literal((node.arguments as unknown[])[0]) : undefined
    default:
      return undefined
  }
}

function isDefaultExport(node: Node): boolean {
  if (node.type === 'ExportDefaultDeclaration') return true
  return node.type === 'ExportSpecifier' && isNamed(node.exported, 'default')
}

/** `process.env`, `const { env } = process`, or an import of `env` from node:process. */
function isEnvironment(node: Node): boolean {
  if (node.type === 'MemberExpression')
    return isNamed(node.object, 'process') && (isNamed(node.property, 'env') || literal(node.property) === 'env')
  if (node.type === 'VariableDeclarator') return isNamed(node.init, 'process') && (node.id as Node).type === 'ObjectPattern'
  if (node.type !== 'ImportDeclaration') return false
  return (
    /^(node:)?process$/.test(literal(node.source) ?? '') && (node.specifiers as Node[]).some(({ imported }) => isNamed(imported, 'env'))
  )
}

function isNamed(node: unknown, name: string): boolean {
  return typeof node === 'object' && node !== null && (node as Node).type === 'Identifier' && (node as Node).name === name
}

function literal(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  const { value } = node as Node
  return typeof value === 'string' ? value : undefined
}

/** AssemblyScript leaves the extension out. */
function resolve(root: string, from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = posix.join(posix.dirname(from), specifier)
  return [path, `${path}.ts`, `${path}/index.ts`].find((name) => /\.\w+$/.test(name) && existsSync(join(root, name))) ?? path
}
