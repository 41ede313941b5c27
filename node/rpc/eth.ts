/** The eth namespace (github.com/ethereum/execution-apis). */
import { blockMethods } from './eth/blocks.ts'
import { chainMethods } from './eth/chain.ts'
import { configMethods } from './eth/config.ts'
import { filterMethods } from './eth/filters.ts'
import { signMethods } from './eth/sign.ts'
import { simulateMethods } from './eth/simulate.ts'
import { stateMethods } from './eth/state.ts'
import { transactionMethods } from './eth/transactions.ts'

export const ethMethods = [
  ...chainMethods,
  ...configMethods,
  ...stateMethods,
  ...simulateMethods,
  ...transactionMethods,
  ...blockMethods,
  ...filterMethods,
  ...signMethods,
]
