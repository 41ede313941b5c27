/** The browser's name for bytes. */
type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer>

/** The part of the WebAssembly JavaScript API that the project uses; the types of Node have none, those of the browser bring a window along. */
declare namespace WebAssembly {
  type ImportValue = Memory | ((...args: never[]) => unknown)
  type Imports = Record<string, Record<string, ImportValue>>
  type ExportValue = Memory | ((...args: (number | bigint)[]) => number | bigint | undefined)
  type Exports = Record<string, ExportValue>
  type Descriptor = { module?: string; name: string; kind: string }

  class Module {
    constructor(bytes: BufferSource)
    static exports(module: Module): Descriptor[]
    static imports(module: Module): Descriptor[]
    static customSections(module: Module, name: string): ArrayBuffer[]
  }
  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Exports
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean })
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function compile(bytes: BufferSource): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
  function validate(bytes: BufferSource): boolean
}
