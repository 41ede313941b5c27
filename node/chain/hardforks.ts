/** The hardforks of Ethereum that a chain can have, oldest first, and what geth's genesis files call their beginnings. */

export const hardforks = [
  { name: 'chainstart', genesisKey: undefined },
  { name: 'homestead', genesisKey: 'homesteadBlock' },
  { name: 'tangerineWhistle', genesisKey: 'eip150Block' },
  { name: 'spuriousDragon', genesisKey: 'eip155Block' },
  { name: 'byzantium', genesisKey: 'byzantiumBlock' },
  { name: 'constantinople', genesisKey: 'constantinopleBlock' },
  { name: 'petersburg', genesisKey: 'petersburgBlock' },
  { name: 'istanbul', genesisKey: 'istanbulBlock' },
  { name: 'muirGlacier', genesisKey: 'muirGlacierBlock' },
  { name: 'berlin', genesisKey: 'berlinBlock' },
  { name: 'london', genesisKey: 'londonBlock' },
  { name: 'arrowGlacier', genesisKey: 'arrowGlacierBlock' },
  { name: 'grayGlacier', genesisKey: 'grayGlacierBlock' },
  { name: 'paris', genesisKey: 'mergeNetsplitBlock' },
  { name: 'shanghai', genesisKey: 'shanghaiTime' },
  { name: 'cancun', genesisKey: 'cancunTime' },
  { name: 'prague', genesisKey: 'pragueTime' },
  { name: 'osaka', genesisKey: 'osakaTime' },
  { name: 'bpo1', genesisKey: 'bpo1Time' },
  { name: 'bpo2', genesisKey: 'bpo2Time' },
] as const

export type HardforkName = (typeof hardforks)[number]['name']

export interface ScheduledFork {
  readonly name: HardforkName
  readonly block?: bigint | undefined
  readonly timestamp?: bigint | undefined
  readonly totalDifficulty?: bigint | undefined
}

export const hardforkNames = hardforks.map(({ name }) => name)

export const isAtLeast = (fork: HardforkName, other: HardforkName): boolean => hardforkNames.indexOf(fork) >= hardforkNames.indexOf(other)

/** The first fork that begins at a time and not at a block. */
export const isTimed = (fork: HardforkName): boolean => isAtLeast(fork, 'shanghai')
