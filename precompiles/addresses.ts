import type { Hex } from './abi.ts'

/** Fixed addresses of the precompiles and of the contracts of genesis; docs/precompiles.md lists them. */
export const addresses = {
  tensor: '0x0000000000000000000000000000000000000a10',
  inference: '0x0000000000000000000000000000000000000a11',
  modelRegistry: '0x0000000000000000000000000000000000000a20',
  gasSchedule: '0x0000000000000000000000000000000000000a21',
} as const satisfies Record<string, Hex>
