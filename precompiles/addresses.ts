import type { Hex } from './abi.ts'

/** Fixed addresses of the precompiles and of the contracts of genesis; docs/precompiles.md lists them. */
export const addresses = {
  tensor: '0x0000000000000000000000000000000000000a10',
  inference: '0x0000000000000000000000000000000000000a11',
  modelRegistry: '0x0000000000000000000000000000000000000a20',
  gasSchedule: '0x0000000000000000000000000000000000000a21',
  modelAccess: '0x0000000000000000000000000000000000000a22',
  modelNames: '0x0000000000000000000000000000000000000a23',
  governanceToken: '0x0000000000000000000000000000000000000a30',
  governanceTimelock: '0x0000000000000000000000000000000000000a31',
  modelGovernor: '0x0000000000000000000000000000000000000a32',
} as const satisfies Record<string, Hex>

/** In whose name the chain acts by itself, at the start of a block: nobody has its key (EIP-4788). */
export const systemAddress: Hex = '0xfffffffffffffffffffffffffffffffffffffffe'
