/** Writes the method table of docs/rpc.md from the declarations in node/rpc: `npm run docs:rpc`. A test compares the two. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Method } from '../node/rpc/method.ts'
import { namespaces } from '../node/rpc/table.ts'

export const docsPath = new URL('../docs/rpc.md', import.meta.url)

const OPEN = '<!-- methods: written by npm run docs:rpc -->'
const CLOSE = '<!-- /methods -->'

/** The text of docs/rpc.md with its method table brought up to date. */
export function withMethodTable(text: string): string {
  const start = text.indexOf(OPEN)
  const end = text.indexOf(CLOSE)
  if (start < 0 || end < start) throw new Error(`docs/rpc.md lacks its markers ${OPEN} … ${CLOSE}`)
  return `${text.slice(0, start + OPEN.length)}\n\n${methodTables()}\n\n${text.slice(end)}`
}

const methodTables = (): string =>
  Object.entries(namespaces)
    .map(([name, methods]) => [`### ${name}`, '', '| method | parameters | |', '|---|---|---|', ...methods.map(row)].join('\n'))
    .join('\n\n')

const row = ({ name, params, summary }: Method): string =>
  `| \`${name}\` | ${Object.entries(params).map(parameter).join(', ')} | ${summary} |`

/** A parameter that accepts nothing is optional. */
const parameter = ([name, schema]: [string, Method['params'][string]]): string =>
  schema.safeParse(undefined).success ? `*${name}?*` : `*${name}*`

if (import.meta.main) writeFileSync(docsPath, withMethodTable(readFileSync(docsPath, 'utf8')))
