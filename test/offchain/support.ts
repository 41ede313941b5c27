/** Nodes that keep models in IPFS, in this process, and what it takes to ask them for one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Hex } from '../../node/chain/types.ts'
import { connect } from '../../node/cli/clients.ts'
import { deployToIpfs, type IpfsDeployment } from '../../node/cli/deploy-ipfs.ts'
import { loadConfig } from '../../node/config.ts'
import { type RunningNode, startNode } from '../../node/node.ts'

export interface TestNode {
  readonly node: RunningNode
  readonly url: string
  /** What the node has said of models off chain and blocks of others. */
  readonly notes: string[]
  readonly faults: unknown[]
}

/** A node on free ports that is closed when the test ends. */
export async function openNode(t: TestContext, flags: Record<string, unknown> = {}): Promise<TestNode> {
  const notes: string[] = []
  const faults: unknown[] = []
  const config = loadConfig({ env: {}, flags: { port: 0, ipfsPort: 0, logLevel: 'silent', ipfsStallMs: 2000, ...flags } })
  const node = await startNode(config, {
    onFault: (_, error) => void faults.push(error),
    onRequest: () => {},
    onNote: (note) => void notes.push(note),
  })
  t.after(() => node.close())
  return { node, url: `http://127.0.0.1:${node.server.port}`, notes, faults }
}

/** As `infernode deploy --storage ipfs` does it. */
export async function deployOffChain(
  { node, url }: TestNode,
  artifact: Uint8Array,
  { wait = true, onFetch = () => {} } = {},
): Promise<IpfsDeployment> {
  const options = { artifact, host: node.host, metadata: 'far away', wait, onUpload: () => {}, onFetch }
  return deployToIpfs(await connect(url), options)
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; await sleep(20)) if (await holds()) return
  throw new Error(`${what}: did not come within ${timeoutMs} ms`)
}

export async function stateRoots({ node: { chain } }: TestNode): Promise<Hex[]> {
  const roots: Hex[] = []
  for (let number = 0n; number <= chain.head().block.header.number; number++)
    roots.push(`0x${Buffer.from((await chain.block(number))!.block.header.stateRoot).toString('hex')}`)
  return roots
}

export const headOf = ({ node }: TestNode) => node.chain.head().block.header.number

/** A directory that is removed when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'infernode-offchain-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
