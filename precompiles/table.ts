import type { Hex } from './abi.ts'
import type { Precompile } from './define.ts'
import { inference } from './inference.ts'
import { tensor } from './tensor.ts'

/** The only list of precompiles. */
export const precompiles: readonly Precompile[] = [tensor, inference]

/** @throws TypeError where two precompiles share an address or a name. */
export function precompileTable(list: readonly Precompile[]): ReadonlyMap<Hex, Precompile> {
  const table = new Map<Hex, Precompile>()
  const names = new Set<string>()
  for (const precompile of list) {
    const other = table.get(precompile.address)
    if (other !== undefined)
      throw new TypeError(`the precompiles ${other.name} and ${precompile.name} share the address ${precompile.address}`)
    if (names.has(precompile.name)) throw new TypeError(`two precompiles have the name ${precompile.name}`)
    if (!/^0x[0-9a-f]{40}$/.test(precompile.address))
      throw new TypeError(`precompile ${precompile.name}: got address ${precompile.address}, wanted 20 bytes of lower-case hex`)
    table.set(precompile.address, precompile)
    names.add(precompile.name)
  }
  return table
}
