/** Runs a folder of round trips against a node of its own, on the chain that lies in the folder. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { loadConfig } from '../../node/config.ts'
import { startNode } from '../../node/node.ts'
import { difference, formDifference } from './compare.ts'
import { parseIoFile } from './io-file.ts'

export interface CaseResult {
  /** Path in the folder, without its extension. */
  readonly name: string
  /** The folder that it lies in. */
  readonly method: string
  /** Undefined: as wanted. */
  readonly problem: string | undefined
}

/** @throws Error where the folder has no genesis.json or chain.rlp */
export async function runFolder(folder: string): Promise<CaseResult[]> {
  const genesis = chainFile(folder, 'genesis.json')
  const importChain = chainFile(folder, 'chain.rlp')
  const files = filesBelow(folder)
  // Nothing may be mined: later answers are about the head as it is.
  const flags = { port: 0, importChain, noMining: true, logLevel: 'silent' }
  const node = await startNode(loadConfig({ env: {}, genesis, flags }))
  const url = `http://${node.server.host}:${node.server.port}`
  try {
    const results: CaseResult[] = []
    for (const path of files) {
      const name = relative(folder, path).slice(0, -'.io'.length)
      results.push({ name, method: name.split(sep)[0]!, problem: await runFile(url, readFileSync(path, 'utf8')) })
    }
    return results
  } finally {
    await node.close()
  }
}

async function runFile(url: string, text: string): Promise<string | undefined> {
  try {
    const { roundTrips, isSpecOnly } = parseIoFile(text)
    for (const { request, answer } of roundTrips) {
      const got = await send(url, request)
      const problem = isSpecOnly ? formDifference(got, answer) : difference(got, answer)
      if (problem !== undefined) return `${request.method}${problem}`
    }
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

async function send(url: string, request: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) })
  return response.json()
}

/** In the folder, or in one called `chain` in it. */
function chainFile(folder: string, name: string): string {
  const places = [join(folder, name), join(folder, 'chain', name)]
  const found = places.find((place) => existsSync(place))
  if (found === undefined) throw new Error(`${folder} has no ${name}`)
  return found
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name)
      if (statSync(path).isDirectory()) return filesBelow(path)
      return name.endsWith('.io') ? [path] : []
    })
}
