import type { Peer } from '../peers/peer.ts'

/** One kernel's work: an artifact that does nothing else, and peers that do the same. */
export type KernelBench = {
  work: string
  macs: number
  artifact: Uint8Array
  input: Uint8Array
  peers: () => Peer[]
}
