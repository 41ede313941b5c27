/** Infernode as a subject of the benches. */
import { readFileSync } from 'node:fs'
import { createHost, type Host } from '../runtime/host/host.ts'
import { instantiate } from '../runtime/host/instance.ts'
import { findModule, loadModule, type ModuleName } from '../runtime/host/load-module.ts'
import type { Subject } from './measure.ts'
import { type Peer, PeerMissing } from './peers/peer.ts'
import { us } from './report.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const names: Readonly<Record<ModuleName, string>> = { 'infernode.wasm': us, 'infernode.scalar.wasm': `${us}, scalar build` }
const hosts = new Map<ModuleName, Host>()

function host(module: ModuleName): Host {
  const known = hosts.get(module) ?? createHost({ wasm: loadModule(findModule(module)) })
  hosts.set(module, known)
  return known
}

/** An artifact on one input: the input is copied in and the answer out, as for the peers. */
export function infernode(artifact: Uint8Array, input: Uint8Array, module: ModuleName = 'infernode.wasm'): Subject {
  const running = host(module).open(artifact)
  return { name: names[module], version, run: () => void running.run(input) }
}

/** The same on the input in place, copying nothing. */
export function infernodeInPlace(artifact: Uint8Array, input: Uint8Array, module: ModuleName = 'infernode.wasm'): Subject {
  const compiled = new WebAssembly.Module(loadModule(findModule(module)) as BufferSource)
  const { exports, write } = instantiate(compiled, host(module).plan(artifact).pages)
  write(exports.artifactPointer(), artifact)
  const status = exports.load(artifact.length)
  if (status !== 0) throw new Error(`the module refuses the artifact with status ${status}`)
  write(exports.inputPointer(), input)
  return { name: names[module], version, run: () => void exports.run() }
}

/** The peers that can run in place. */
export function peersInPlace(peers: readonly Peer[]): Subject[] {
  return peers.flatMap(({ name, version, invoke }) => (invoke === undefined ? [] : [{ name, version, run: invoke }]))
}

let isSaid = false

/** The peers that are installed, prepared. What is missing, or refuses the work, is said. */
export async function preparedPeers(create: () => Peer[]): Promise<Peer[]> {
  const prepared: Peer[] = []
  try {
    for (const peer of create()) {
      await peer.prepare()
      prepared.push(peer)
    }
  } catch (error) {
    if (error instanceof PeerMissing && isSaid) return prepared
    isSaid ||= error instanceof PeerMissing
    console.log(`Without a peer: ${(error as Error).message}`)
  }
  return prepared
}

export async function closePeers(peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await peer.close()
}
