/** The chain: see `Chain` in types.ts for what it offers. */

export type * from './types.ts'
