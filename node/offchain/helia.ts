/**
 * A peer of IPFS: blocks over libp2p and Bitswap, by helia. Its packages are optional peers of this one and loaded when a peer is started.
 *
 * Nothing is joined that was not named: no bootstrap nodes, no local discovery, no routing, no relays; it listens and dials where it is told to.
 */
import type { CID } from 'multiformats/cid'
import { type BlockExchange, type Blocks, StoreError } from '../../runtime/store/index.ts'

export interface PeerOptions {
  /** What the peer gives to others, and keeps of what it gets. */
  readonly blocks: Blocks
  /** Multiaddresses, such as `/ip4/127.0.0.1/tcp/0`. */
  readonly listen: readonly string[]
  /** Multiaddresses of peers, with their ids. */
  readonly dial: readonly string[]
  /** Loads an optional package. */
  readonly importPackage: ImportPackage
}

export interface Peer extends BlockExchange {
  /** Multiaddresses under which it can be dialled. */
  readonly addresses: readonly string[]
  close(): Promise<void>
}

export type ImportPackage = (name: string) => Promise<unknown>

/** What is used of the packages. */
interface Packages {
  '@chainsafe/libp2p-noise': { noise(): unknown }
  '@chainsafe/libp2p-yamux': { yamux(): unknown }
  '@helia/bitswap': { withBitswap(helia: Helia): Helia }
  '@helia/libp2p': { withLibp2pLight(helia: Helia, options: object): Helia }
  '@libp2p/identify': { identify(): unknown }
  '@libp2p/tcp': { tcp(): unknown }
  '@multiformats/multiaddr': { multiaddr(text: string): unknown }
  'datastore-core': { MemoryDatastore: new () => unknown }
  helia: { createHeliaLight(options: object): Helia }
}

interface Helia {
  start(): Promise<void>
  stop(): Promise<void>
  readonly blockstore: { get(cid: CID, options: { signal: AbortSignal }): AsyncIterable<Uint8Array> }
  readonly libp2p: { getMultiaddrs(): { toString(): string }[]; dial(address: unknown): Promise<unknown> }
}

/** @throws StoreError peerMissing */
export async function startPeer({ blocks, listen, dial, importPackage }: PeerOptions): Promise<Peer> {
  const load = async <Name extends keyof Packages>(name: Name): Promise<Packages[Name]> => {
    try {
      return (await importPackage(name)) as Packages[Name]
    } catch (cause) {
      const install =
        'npm install helia @helia/bitswap @helia/libp2p @libp2p/tcp @libp2p/identify @chainsafe/libp2p-noise @chainsafe/libp2p-yamux @multiformats/multiaddr datastore-core'
      throw new StoreError('peerMissing', `a peer of IPFS needs the package ${name}, which is not installed: ${install}`, { cause })
    }
  }
  const { createHeliaLight } = await load('helia')
  const { withBitswap } = await load('@helia/bitswap')
  const { withLibp2pLight } = await load('@helia/libp2p')
  const { tcp } = await load('@libp2p/tcp')
  const { noise } = await load('@chainsafe/libp2p-noise')
  const { yamux } = await load('@chainsafe/libp2p-yamux')
  const { identify } = await load('@libp2p/identify')
  const { multiaddr } = await load('@multiformats/multiaddr')
  const { MemoryDatastore } = await load('datastore-core')

  const light = createHeliaLight({ blockstore: blocks, datastore: new MemoryDatastore() })
  const libp2p = {
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  }
  const helia = withBitswap(withLibp2pLight(light, libp2p))
  await helia.start()
  // A connection that is there already is used again; a peer that is away now may be back at the next block.
  const connect = () => Promise.allSettled(dial.map((address) => helia.libp2p.dial(multiaddr(address))))
  await connect()

  return {
    addresses: helia.libp2p.getMultiaddrs().map(String),
    async get(cid, signal) {
      await connect()
      const pieces: Uint8Array[] = []
      for await (const piece of helia.blockstore.get(cid, { signal })) pieces.push(piece)
      return new Uint8Array(Buffer.concat(pieces))
    },
    close: () => helia.stop(),
  }
}
