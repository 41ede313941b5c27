/**
 * npm run bench [-- PART…]   parts: kernels, operators, models, rpc, node; all by default
 *
 * Times Infernode and, where they are installed (npm ci --prefix bench/peers), its peers, side by side in one process.
 * Writes docs/performance/results.json (the rows of the measured parts are replaced) and docs/performance/results.md, and prints the table.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { plotNodes } from './node/plot.ts'
import { machine, markdown, mergeResults, type Row } from './report.ts'

// Loaded when they are asked for: a chain that is not measured does not stand in the memory of kernels that are.
const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
  kernels: async () => (await import('./parts/kernels.ts')).kernels(),
  operators: async () => (await import('./parts/operators.ts')).operatorsPart(),
  models: async () => (await import('./parts/models.ts')).modelsPart(),
  rpc: async () => (await import('./parts/rpc.ts')).rpcPart(),
  node: async () => (await import('./parts/node.ts')).nodePart(),
}

const folder = new URL('../docs/performance/', import.meta.url)

async function main(names: string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(parts, name))
  if (unknown !== undefined) {
    console.error(`bench: there is no part "${unknown}"; parts are ${Object.keys(parts).join(', ')}`)
    return 1
  }
  const rows: Row[] = []
  for (const name of names.length > 0 ? names : Object.keys(parts)) {
    console.log(`Measuring ${name} …`)
    rows.push(...(await parts[name]!()))
  }
  const all = mergeResults(fileURLToPath(new URL('results.json', folder)), rows)
  writeFileSync(new URL('results.md', folder), document(all))
  const nodes = all.filter(({ part }) => part === 'node')
  if (nodes.length > 0) writeFileSync(new URL('node.svg', folder), plotNodes(nodes))
  console.log(`\n${heading(rows)}\n\n${markdown(rows)}`)
  return 0
}

function heading(rows: readonly Row[]): string {
  const versions = new Map(rows.map(({ subject, versions }) => [subject.replace(/ \(.*|,.*/, ''), versions.subject]))
  return [
    `${machine()}, Node ${process.versions.node} (V8 ${process.versions.v8}), one thread.`,
    `Medians of CPU time. ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')}.`,
  ].join('\n')
}

function document(rows: readonly Row[]): string {
  return `# Measurements\n\nWritten by \`npm run bench\`.\n\n${heading(rows)}\n\n${markdown(rows)}`
}

// The peers leave threads and timers behind.
process.exit(await main(process.argv.slice(2)))
