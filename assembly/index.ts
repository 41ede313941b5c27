export { validateMultiplier } from './ops/check'
export { opCheck, opLoad, opPackedBytes, opRun, opScratchBytes, opValidate, opWork } from './ops/table'
