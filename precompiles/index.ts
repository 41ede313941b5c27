/** Public entry `infernode/precompiles`. */
export type { Hex } from './abi.ts'
export { type AccessRule, authorityGas, readRule } from './access.ts'
export { addresses, systemAddress } from './addresses.ts'
export {
  type CallState,
  defaultLimits,
  type Environment,
  type HeldArtifacts,
  type Limits,
  type StateReader,
  type StaticCall,
  type Surroundings,
} from './context.ts'
export { maxChunkBytes } from './data.ts'
export { callPrecompile, type Precompile, type PrecompileCall } from './define.ts'
export { type InstallOptions, installInfernode } from './ethereumjs.ts'
export { calldataWordGas, callGas, genesisPrices, type PriceName, type Prices, priceNames, priceVector, readPrices } from './gas.ts'
export { type GenesisAccount, type GenesisOptions, genesisAccounts, type PredeployCode, predeploys } from './genesis.ts'
export { heldActivationGas } from './inference.ts'
export { inferenceAbi } from './inference-abi.ts'
export { listModels, type ModelRecord, type ModelStatus, readChunks, readModel, readRecord, workSlot } from './models.ts'
export type { Outcome } from './outcome.ts'
export { precompiles, precompileTable } from './table.ts'
export { tensorAbi } from './tensor-abi.ts'
