import { NodeFault } from './errors.ts'
import { type Instance, instantiate } from './instance.ts'

/** Instances of more pages than this are not kept: 32 MiB. With one instance for each size class the pool keeps at most 64 MiB. */
const keptPages = 512

/** Instances for work that is over within one call: planning, hashing, one-operator models. Sizes are rounded up to powers of two. */
export interface Pool {
  /** Lends an instance of at least so many pages. One that a call fails in is not used again. */
  withInstance<T>(pages: number, use: (instance: Instance) => T): T
  clear(): void
}

/** @param leastPages the smallest memory that the module can be instantiated with. */
export function createPool(module: WebAssembly.Module, leastPages: number): Pool {
  const free = new Map<number, Instance>()
  return {
    withInstance(pages, use) {
      const size = sizeClass(Math.max(pages, leastPages))
      const instance = free.get(size) ?? instantiate(module, size)
      free.delete(size)
      const result = use(instance)
      if (size <= keptPages) free.set(size, instance)
      return result
    },
    clear: () => free.clear(),
  }
}

/** The smallest power of two that is not below `pages`. */
export function sizeClass(pages: number): number {
  if (!(pages >= 1 && pages <= 65536)) throw new NodeFault('internal', `no instance can have ${pages} pages`)
  return 2 ** Math.ceil(Math.log2(pages))
}
