/**
 * The host of the consensus module: compiles it once, lends instances, keeps a bounded number of models loaded.
 *
 * Every function gives the same answer on every machine, or throws: ModelError and InputError (the caller's fault), ModuleTrap (the module's), NodeFault (this
 * machine's). What is kept loaded changes the time, never the answer.
 */
import { createHash } from 'node:crypto'
import { decodeModel, type Model } from '../model/types.ts'
import { NodeFault } from './errors.ts'
import { type Instance, instantiate, pageBytes } from './instance.ts'
import { createPool } from './pool.ts'
import { statusError } from './report.ts'
import { type Authorize, guard, loadModel, type RunningModel } from './running-model.ts'
import { createThreads } from './threads.ts'

/** hash_tree_root of an artifact, lower-case hex. */
export type ModelId = `0x${string}`
export type LoadArtifact = () => Uint8Array | Promise<Uint8Array>

/** `work`: 16 slots, docs/embedding.md; the slots of pages and model bytes included where they are known. */
export interface Measurement {
  work: bigint[]
  operatorCount: number
}

export interface Plan extends Measurement {
  /** 64 KiB pages of a running instance. */
  pages: number
}

export interface Host {
  /** sha256 of the module's bytes, lower-case hex with 0x. */
  readonly hash: `0x${string}`
  /** hash_tree_root, without validating more than the container. Throws ModelError where the bytes are none. */
  identify(artifact: Uint8Array): ModelId
  /** Validates everything but the values of constants, at a cost that does not grow with them. Throws ModelError. */
  measure(artifact: Uint8Array): Measurement
  /** Validates everything. Throws ModelError. */
  plan(artifact: Uint8Array): Plan
  /** A model in an instance of its own, not counted in the cache. Throws ModelError. */
  open(artifact: Uint8Array): RunningModel
  /**
   * Runs a model that chain state names. `load` is asked for the artifact only where the model is not loaded; it answers for the bytes being that model's.
   */
  run(id: ModelId, load: LoadArtifact, input: Uint8Array): Promise<Uint8Array>
  /** Runs one operator of such a model: RunningModel.step. */
  step(id: ModelId, load: LoadArtifact, index: number, operands: Uint8Array, authorize?: Authorize): Promise<Uint8Array>
  /** The decoded artifact of such a model, its constants left out. */
  describe(id: ModelId, load: LoadArtifact): Promise<Model>
  /**
   * Runs an artifact once and forgets it. `authorize` is called with the work known so far: before the constants are read, and again with the pages before memory is
   * taken; it throws to prevent what follows.
   */
  evaluate(artifact: Uint8Array, input: Uint8Array, authorize?: (work: bigint[]) => void): Uint8Array
  /** Gas of one run. `work` and `prices`: 16 slots, prices in milli-gas. */
  gas(work: readonly bigint[], prices: readonly bigint[], firstUse: boolean): bigint
  /** Gas of activating an artifact of so many bytes. */
  activationGas(bytes: number, prices: readonly bigint[]): bigint
  /** What is loaded now. */
  cached(): { models: number; bytes: number }
  /** Unloads everything. */
  clear(): void
  /** Ends the threads. */
  close(): Promise<void>
}

export interface HostOptions {
  /** Bytes of infernode.wasm. */
  wasm: Uint8Array
  /** Most bytes of loaded models that are kept, least recently used first to go; default 512 MiB. */
  cacheBytes?: number
  /** Threads beside this one that `run` may use; default 0. */
  threads?: number
  /** Multiply-adds of a run that is worth a thread: by default, of about a millisecond. */
  threadedMacs?: bigint
}

const moduleAbi = 1
/** Decoded artifacts without constants: a few KB each. */
const keptDescriptions = 256

/** @throws NodeFault `module` where the bytes are not a module of this version. */
export function createHost({
  wasm,
  cacheBytes = 512 * 1024 * 1024,
  threads: threadCount = 0,
  threadedMacs = 50_000_000n,
}: HostOptions): Host {
  const hash = `0x${createHash('sha256').update(wasm).digest('hex')}` as const
  const module = compile(wasm)
  const utility = openUtility(module)
  const pool = createPool(module, utility.pages)
  const loaded = new Map<ModelId, RunningModel>()
  const shared = new WeakMap<RunningModel, SharedArrayBuffer>()
  const threads = threadCount > 0 ? createThreads({ wasm, count: threadCount, cacheBytes }) : undefined
  const descriptions = new Map<ModelId, Model>()
  let loadedBytes = 0

  const planning = <T>(artifact: Uint8Array, use: (instance: Instance) => T): T => {
    const pages = utility.exports.planningPages(artifact.length)
    // Past the limit: the smallest instance refuses by the length alone, before anything is written.
    if (pages === 0)
      throw statusError(
        guard(() => utility.exports.measure(artifact.length)),
        utility.errorRecord(),
        artifact,
      )
    return pool.withInstance(pages, (instance) => {
      instance.write(instance.exports.artifactPointer(), artifact)
      return use(instance)
    })
  }
  const checked = (instance: Instance, status: number, artifact: Uint8Array) => {
    if (status !== 0) throw statusError(status, instance.errorRecord(), artifact)
  }
  const measurement = ({ exports, readWords }: Instance): Measurement => ({
    work: readWords(exports.workPointer()),
    operatorCount: exports.operatorCount(),
  })
  const plan = (artifact: Uint8Array): Plan =>
    planning(artifact, (instance) => {
      checked(
        instance,
        guard(() => instance.exports.plan(artifact.length)),
        artifact,
      )
      return { ...measurement(instance), pages: instance.exports.pages() }
    })
  const identify = (artifact: Uint8Array): ModelId =>
    planning(artifact, (instance) => {
      const pointer = guard(() => instance.exports.identify(artifact.length)) >>> 0
      if (pointer === 0) throw statusError(instance.errorRecord().code, instance.errorRecord(), artifact)
      return toHex(instance.read(pointer, 32))
    })

  const allocate = (wantedPages: number): Instance => {
    const pages = Math.max(wantedPages, utility.pages)
    try {
      return instantiate(module, pages)
    } catch (fault) {
      if (!(fault instanceof NodeFault && fault.code === 'memory')) throw fault
      clear()
      return instantiate(module, pages)
    }
  }
  const open = (artifact: Uint8Array): RunningModel => loadModel(allocate(plan(artifact).pages), artifact)
  const unload = (id: ModelId) => {
    loadedBytes -= loaded.get(id)?.memoryBytes ?? 0
    loaded.delete(id)
  }
  const clear = () => {
    loaded.clear()
    descriptions.clear()
    pool.clear()
    loadedBytes = 0
  }
  const keep = (id: ModelId, model: RunningModel) => {
    unload(id)
    if (model.memoryBytes > cacheBytes) return
    for (const oldest of loaded.keys()) {
      if (loadedBytes + model.memoryBytes <= cacheBytes) break
      unload(oldest)
    }
    loaded.set(id, model)
    loadedBytes += model.memoryBytes
  }
  const loadShared = async (load: LoadArtifact): Promise<RunningModel> => {
    const artifact = await load()
    const model = open(artifact)
    if (threads !== undefined && model.work[0]! >= threadedMacs) shared.set(model, share(artifact))
    return model
  }
  const run = async (id: ModelId, load: LoadArtifact, input: Uint8Array): Promise<Uint8Array> => {
    const model = loaded.get(id)
    const artifact = model === undefined ? undefined : shared.get(model)
    if (model !== undefined && artifact !== undefined && input.length === model.inputBytes) {
      keep(id, model)
      const output = await threads!.run(id, artifact, input)
      if (output !== undefined) return output
    }
    return withModel(id, load, (running) => running.run(input))
  }
  /** Uses a model between two turns of the event loop, so that callers can share it. */
  const withModel = async <T>(id: ModelId, load: LoadArtifact, use: (model: RunningModel) => T): Promise<T> => {
    const model = loaded.get(id) ?? (await loadShared(load))
    keep(id, model)
    try {
      return use(model)
    } catch (error) {
      if (error instanceof Error && (error.name === 'ModuleTrap' || error.name === 'NodeFault')) unload(id)
      throw error
    }
  }
  const describe = async (id: ModelId, load: LoadArtifact): Promise<Model> => {
    const known = descriptions.get(id)
    if (known !== undefined) return known
    const model = withoutConstants(decodeModel(await load()))
    const oldest = descriptions.keys().next().value
    if (descriptions.size >= keptDescriptions && oldest !== undefined) descriptions.delete(oldest)
    descriptions.set(id, model)
    return model
  }

  return {
    hash,
    identify,
    measure: (artifact) =>
      planning(artifact, (instance) => {
        checked(
          instance,
          guard(() => instance.exports.measure(artifact.length)),
          artifact,
        )
        return measurement(instance)
      }),
    plan,
    open,
    run,
    async step(id, load, index, operands, authorize) {
      const model = await describe(id, load)
      return withModel(id, load, (running) => running.step(model, index, operands, authorize))
    },
    describe,
    evaluate(artifact, input, authorize) {
      const pages = planning(artifact, (instance) => {
        const { exports } = instance
        checked(
          instance,
          guard(() => exports.measure(artifact.length)),
          artifact,
        )
        authorize?.(instance.readWords(exports.workPointer()))
        checked(
          instance,
          guard(() => exports.plan(artifact.length)),
          artifact,
        )
        authorize?.(instance.readWords(exports.workPointer()))
        return exports.pages()
      })
      return pool.withInstance(pages, (instance) => loadModel(instance, artifact).run(input))
    },
    gas(work, prices, firstUse) {
      utility.writeWords(utility.exports.workPointer(), work)
      utility.writeWords(utility.exports.pricesPointer(), prices)
      return BigInt.asUintN(64, utility.exports.gas(firstUse ? 1 : 0))
    },
    activationGas(bytes, prices) {
      utility.writeWords(utility.exports.pricesPointer(), prices)
      return BigInt.asUintN(64, utility.exports.activationGas(bytes))
    },
    cached: () => ({ models: loaded.size, bytes: loadedBytes }),
    clear,
    close: async () => threads?.close(),
  }
}

function share(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  return shared
}

function compile(wasm: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>)
  } catch (cause) {
    throw new NodeFault('module', `the consensus module does not compile: ${(cause as Error).message}`, { cause })
  }
}

/** An instance of the smallest size, for gas and page counts. */
function openUtility(module: WebAssembly.Module): Instance {
  const declared = minimumPages(module)
  const instance = instantiate(module, declared)
  if (instance.exports.abi() !== moduleAbi)
    throw new NodeFault('module', `the module has interface version ${instance.exports.abi()}, wanted ${moduleAbi}`)
  const wanted = instance.exports.minimumPages()
  return wanted <= declared ? instance : instantiate(module, wanted)
}

/** An import cannot be asked for its limits before it is given: the smallest memory that the module takes, found by trying. */
function minimumPages(module: WebAssembly.Module): number {
  for (let pages = 1; pages <= 64; pages *= 2) {
    try {
      instantiate(module, pages)
      return pages
    } catch (fault) {
      if (pages === 64) throw fault
    }
  }
  throw new NodeFault('module', `no instance of at most 64 pages (${64 * pageBytes} bytes) can be made`)
}

function withoutConstants(model: Model): Model {
  // A constant keeps a byte, so that variableOperands can tell it from what is computed.
  return { ...model, tensors: model.tensors.map((tensor) => ({ ...tensor, data: tensor.data.slice(0, 1) })) }
}

function toHex(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
