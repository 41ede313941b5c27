/**
 * What the benches time beside Infernode. A peer answers one fixed input; preparing it (loading, compiling, packing weights) is not timed.
 * The peers' packages stand in a folder of their own, `npm ci --prefix bench/peers`, but for onnxruntime-web, which the project uses itself.
 */
import { existsSync, readFileSync } from 'node:fs'

export type Peer = {
  /** As a bench table shows it. */
  readonly name: string
  readonly version: string
  /** To be awaited once, before the first run. */
  prepare(): Promise<void>
  /** One inference, input copied in and answer copied out. A promise only where the library has no other way. */
  run(): void | Promise<void>
  /** Once more on the input in place, copying nothing; absent where the library has no such call. To be called after run. */
  invoke?(): void
  /** The outputs of the latest run, raw little-endian bytes in model order. */
  answer(): Uint8Array[]
  close(): void | Promise<void>
}

/** A peer's package that is not installed: `code` is `peerMissing`. */
export class PeerMissing extends Error {
  readonly code = 'peerMissing'
  constructor(packageName: string) {
    super(`the bench peer ${packageName} is not installed; run: npm ci --prefix bench/peers`)
  }
}

/** The folder (a file URL ending in a slash) and version of an installed peer's package. @throws PeerMissing */
export function peerPackage(packageName: string): { folder: URL; version: string } {
  for (const base of ['', '../../']) {
    const folder = new URL(`${base}node_modules/${packageName}/`, import.meta.url)
    const manifest = new URL('package.json', folder)
    if (!existsSync(manifest)) continue
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    return { folder, version }
  }
  throw new PeerMissing(packageName)
}
