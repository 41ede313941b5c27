/** eth_config (EIP-7910): the rules in force, and those of the forks that are still to come. */
import { crc32 } from 'node:zlib'
import { hexToBytes } from '@ethereumjs/util'
import { type HardforkName, isAtLeast, type ScheduledFork } from '../../chain/hardforks.ts'
import type { Chain, Hex } from '../../chain/types.ts'
import { quantity, toHex } from '../hex.ts'
import { defineMethod } from '../method.ts'

/** Ethereum's precompiles by EIP-7910's names, with the fork that each came with. */
const precompiles: readonly { name: string; address: number; since: HardforkName }[] = [
  { name: 'ECREC', address: 0x01, since: 'chainstart' },
  { name: 'SHA256', address: 0x02, since: 'chainstart' },
  { name: 'RIPEMD160', address: 0x03, since: 'chainstart' },
  { name: 'ID', address: 0x04, since: 'chainstart' },
  { name: 'MODEXP', address: 0x05, since: 'byzantium' },
  { name: 'BN254_ADD', address: 0x06, since: 'byzantium' },
  { name: 'BN254_MUL', address: 0x07, since: 'byzantium' },
  { name: 'BN254_PAIRING', address: 0x08, since: 'byzantium' },
  { name: 'BLAKE2F', address: 0x09, since: 'istanbul' },
  { name: 'KZG_POINT_EVALUATION', address: 0x0a, since: 'cancun' },
  { name: 'BLS12_G1ADD', address: 0x0b, since: 'prague' },
  { name: 'BLS12_G1MSM', address: 0x0c, since: 'prague' },
  { name: 'BLS12_G2ADD', address: 0x0d, since: 'prague' },
  { name: 'BLS12_G2MSM', address: 0x0e, since: 'prague' },
  { name: 'BLS12_PAIRING_CHECK', address: 0x0f, since: 'prague' },
  { name: 'BLS12_MAP_FP_TO_G1', address: 0x10, since: 'prague' },
  { name: 'BLS12_MAP_FP2_TO_G2', address: 0x11, since: 'prague' },
  { name: 'P256VERIFY', address: 0x100, since: 'osaka' },
]

const MAINNET_DEPOSIT_CONTRACT: Hex = '0x00000000219ab540356cbb839cbe05303d7705fa'
const systemContracts = (deposits: Hex): readonly { name: string; address: Hex; since: HardforkName }[] => [
  { name: 'BEACON_ROOTS_ADDRESS', address: '0x000f3df6d732807ef1319fb7b8bb8522d0beac02', since: 'cancun' },
  { name: 'CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS', address: '0x0000bbddc7ce488642fb579f8b00f3a590007251', since: 'prague' },
  { name: 'DEPOSIT_CONTRACT_ADDRESS', address: deposits, since: 'prague' },
  { name: 'HISTORY_STORAGE_ADDRESS', address: '0x0000f90827f1c53a10cb7a02335b175320002935', since: 'prague' },
  { name: 'WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS', address: '0x00000961ef480eb55e80d19ad83579a64c007002', since: 'prague' },
]

export const configMethods = [
  defineMethod({
    name: 'eth_config',
    summary:
      'The rules in force, the next ones and the last ones that are scheduled: fork, blobs, precompiles, system contracts (EIP-7910).',
    params: {},
    run: ({ chain }) => describeForks(chain),
  }),
]

async function describeForks(chain: Chain) {
  const genesis = (await chain.block(chain.firstBlock()))!
  const { timestamp } = chain.head().block.header
  const { schedule } = chain.forks
  const current = schedule.findLastIndex((fork) => hasBegun(fork, timestamp))
  const describe = (index: number) => describeFork(chain, index, genesis.hash, genesis.block.header.timestamp)
  const last = schedule.length - 1
  return {
    current: describe(current),
    next: current < last ? describe(current + 1) : null,
    last: current < last ? describe(last) : null,
  }
}

/** Whatever begins at a block is behind the first fork that begins at a time; where none does, it has begun with the head. */
const hasBegun = ({ timestamp }: ScheduledFork, now: bigint): boolean => timestamp === undefined || timestamp <= now

function describeFork({ config, forks }: Chain, index: number, genesisHash: Hex, genesisTime: bigint) {
  const fork = forks.schedule[index]!
  const common = forks.common(fork.name)
  const isThere = ({ since }: { since: HardforkName }) => isAtLeast(fork.name, since)
  const named = (list: readonly { name: string; address: Hex }[]) => Object.fromEntries(list.map(({ name, address }) => [name, address]))
  const blobs = common.isActivatedEIP(4844) ? { blobSchedule: blobSchedule(common.getBlobGasSchedule()) } : {}
  return {
    activationTime: Number(fork.timestamp ?? 0n),
    ...blobs,
    chainId: quantity(config.chainId),
    forkId: forkId(forks.schedule.slice(0, index + 1), genesisHash, genesisTime),
    precompiles: named(
      precompiles.filter(isThere).map(({ name, address }) => ({ name, address: `0x${address.toString(16).padStart(40, '0')}` as const })),
    ),
    systemContracts: named(systemContracts(config.depositContract ?? MAINNET_DEPOSIT_CONTRACT).filter(isThere)),
  }
}

const BLOB_GAS = 131_072n

function blobSchedule(limits: { targetBlobGasPerBlock: bigint; maxBlobGasPerBlock: bigint; blobGasPriceUpdateFraction: bigint }) {
  return {
    target: Number(limits.targetBlobGasPerBlock / BLOB_GAS),
    max: Number(limits.maxBlobGasPerBlock / BLOB_GAS),
    baseFeeUpdateFraction: Number(limits.blobGasPriceUpdateFraction),
  }
}

/** EIP-2124: the CRC-32 of the genesis hash and of all blocks, then all times, at which rules have changed. */
function forkId(schedule: readonly ScheduledFork[], genesisHash: Hex, genesisTime: bigint): Hex {
  const blocks = schedule.filter(({ block, timestamp }) => timestamp === undefined && (block ?? 0n) > 0n).map(({ block }) => block!)
  const times = schedule.map(({ timestamp }) => timestamp ?? 0n).filter((timestamp) => timestamp > genesisTime)
  let checksum = crc32(hexToBytes(genesisHash))
  for (const point of new Set([...blocks, ...times])) {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, point)
    checksum = crc32(bytes, checksum)
  }
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, checksum)
  return toHex(bytes)
}
