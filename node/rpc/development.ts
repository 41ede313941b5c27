/**
 * What Anvil and Hardhat offer beyond Ethereum, for tests and scripts. `anvil_*` and `hardhat_*` are the same methods under both names;
 * where the two differ, this node does as Anvil: intervals are in seconds.
 */
import { anvilOnlyMethods } from './development/anvil.ts'
import { controlMethods } from './development/controls.ts'
import { evmMethods, timeMethods } from './development/evm.ts'
import { renamed } from './method.ts'

export { evmMethods }

export const anvilMethods = [
  ...controlMethods('anvil', null),
  ...timeMethods.map((method) => renamed(method, method.name.replace('evm_', 'anvil_'))),
  ...anvilOnlyMethods,
]

export const hardhatMethods = controlMethods('hardhat', true)
