/** Public entry `infernode/store`: where the bytes of models lie, and how they are brought from there. */
export type { ArtifactRef, ArtifactSource, ArtifactStore, ReadOptions } from './artifact.ts'
export { createBlockStore } from './block-store.ts'
export { type Blocks, type ClosableBlocks, decodeCid, openLevelBlocks, openMemoryBlocks, parseCid } from './blocks.ts'
export { type ChunkReader, createChainSource } from './chain.ts'
export { StoreError, type StoreErrorCode } from './errors.ts'
export { type FetchOptions, type FetchProgress, fetchArtifact } from './fetch.ts'
export { createGatewaySource, type GatewayOptions } from './gateway.ts'
export { serveGateway } from './serve.ts'
