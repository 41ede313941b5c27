/**
 * One instance of the consensus module and its memory (docs/embedding.md). Nothing else holds a view of that memory.
 * The module never grows it, so the views stay valid.
 */
import { NodeFault } from './errors.ts'

export const pageBytes = 65536
/** Length of the work vector and of the price vector. */
export const workSlots = 16

export interface ModuleExports {
  abi(): number
  minimumPages(): number
  artifactPointer(): number
  planningPages(bytes: number): number
  identify(bytes: number): number
  measure(bytes: number): number
  plan(bytes: number): number
  pages(): number
  load(bytes: number): number
  inputPointer(): number
  inputBytes(): number
  outputPointer(): number
  outputBytes(): number
  run(): number
  operatorCount(): number
  runOperator(index: number): number
  operatorWork(index: number): number
  tensorPointer(index: number): number
  tensorBytes(index: number): number
  workPointer(): number
  pricesPointer(): number
  gas(firstUse: number): bigint
  activationGas(bytes: number): bigint
  errorPointer(): number
}

const exportNames = [
  'abi',
  'minimumPages',
  'artifactPointer',
  'planningPages',
  'identify',
  'measure',
  'plan',
  'pages',
  'load',
  'inputPointer',
  'inputBytes',
  'outputPointer',
  'outputBytes',
  'run',
  'operatorCount',
  'runOperator',
  'operatorWork',
  'tensorPointer',
  'tensorBytes',
  'workPointer',
  'pricesPointer',
  'gas',
  'activationGas',
  'errorPointer',
] as const satisfies readonly (keyof ModuleExports)[]

export interface Instance {
  readonly pages: number
  readonly exports: ModuleExports
  /** A copy of `length` bytes. */
  read(pointer: number, length: number): Uint8Array
  write(pointer: number, bytes: Uint8Array): void
  readWords(pointer: number): bigint[]
  writeWords(pointer: number, words: readonly bigint[]): void
  errorRecord(): ErrorRecord
}

/** `operator`, `tensor`: undefined where the error is of the whole artifact. */
export interface ErrorRecord {
  code: number
  operator: number | undefined
  tensor: number | undefined
  field: number
  got: bigint
  wanted: bigint
}

/**
 * @param pages size of the memory, initial and maximum.
 * @throws NodeFault `memory` where the machine has none left, `module` where the bytes are another module.
 */
export function instantiate(module: WebAssembly.Module, pages: number): Instance {
  let memory: WebAssembly.Memory
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  } catch (cause) {
    throw new NodeFault('memory', `cannot allocate ${pages} pages (${(pages / 16).toFixed(1)} MiB) for an instance`, { cause })
  }
  let exports: ModuleExports
  try {
    exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ModuleExports
  } catch (cause) {
    throw new NodeFault('module', `the consensus module cannot be instantiated: ${(cause as Error).message}`, { cause })
  }
  for (const name of exportNames)
    if (typeof exports[name] !== 'function') throw new NodeFault('module', `the module has no export ${name}: not an infernode.wasm`)
  const bytes = new Uint8Array(memory.buffer)
  const view = new DataView(memory.buffer)
  return {
    pages,
    exports,
    read: (pointer, length) => bytes.slice(pointer, pointer + length),
    write: (pointer, data) => bytes.set(data, pointer),
    readWords: (pointer) => Array.from({ length: workSlots }, (_, slot) => view.getBigUint64(pointer + 8 * slot, true)),
    writeWords: (pointer, words) => {
      for (let slot = 0; slot < workSlots; slot++) view.setBigUint64(pointer + 8 * slot, words[slot] ?? 0n, true)
    },
    errorRecord: () => {
      const pointer = exports.errorPointer()
      const index = (offset: number) => {
        const value = view.getUint32(pointer + offset, true)
        return value === 0xffffffff ? undefined : value
      }
      return {
        code: view.getUint32(pointer, true),
        operator: index(4),
        tensor: index(8),
        field: view.getUint32(pointer + 12, true),
        got: view.getBigInt64(pointer + 16, true),
        wanted: view.getBigInt64(pointer + 24, true),
      }
    },
  }
}
