/** Filters that clients poll (`eth_newFilter` …): what happened since the last poll waits in a queue per filter. */
import type { EventEmitter } from 'node:events'
import type { BlockTag, ChainEvents, Hex, StoredBlock, StoredLog } from '../chain/types.ts'
import { RpcError } from './errors.ts'
import { logJson, removedLogJson } from './format.ts'
import type { LogFilterParam } from './params.ts'

/** A log filter resolved to what `Chain.logs` takes. */
export interface LogQuery {
  readonly fromBlock: BlockTag
  readonly toBlock: BlockTag
  readonly addresses: Hex[]
  readonly topics: (Hex[] | null)[]
}

/** Both ends default to the latest block (execution-apis: Filter). */
export function toLogQuery(filter: LogFilterParam): LogQuery {
  const whole: BlockTag | undefined = filter.blockHash && { blockHash: filter.blockHash }
  return {
    fromBlock: whole ?? filter.fromBlock ?? 'latest',
    toBlock: whole ?? filter.toBlock ?? 'latest',
    addresses: filter.address,
    topics: filter.topics.map((values) => (values.length === 0 ? null : values)),
  }
}

/** Whether a log has one of the addresses, and at each topic's position one of its values. */
export function matchesLog(query: Pick<LogQuery, 'addresses' | 'topics'>, log: StoredLog): boolean {
  if (query.addresses.length > 0 && !query.addresses.includes(log.address)) return false
  return query.topics.every((values, index) => {
    const topic = log.topics[index]
    return topic !== undefined && (values === null || values.includes(topic))
  })
}

export const matchingLogs = (query: LogQuery, blocks: readonly StoredBlock[]): StoredLog[] =>
  blocks.flatMap((block) => block.receipts.flatMap((receipt) => receipt.logs.filter((log) => matchesLog(query, log))))

/** Whether later blocks can still bring what a log filter asks for. */
const isWithin = (query: LogQuery, blockNumber: bigint): boolean =>
  typeof query.fromBlock !== 'object' &&
  (typeof query.fromBlock !== 'bigint' || blockNumber >= query.fromBlock) &&
  (typeof query.toBlock !== 'bigint' || blockNumber <= query.toBlock)

type Filter = { readonly queue: unknown[]; lastUsed: number } & (
  | { readonly kind: 'blocks' }
  | { readonly kind: 'transactions' }
  | { readonly kind: 'logs'; readonly query: LogQuery }
)

export interface FilterStore {
  addBlocks(): Hex
  addTransactions(): Hex
  addLogs(query: LogQuery): Hex
  /** What happened since the last call. Throws where the id is unknown or has been forgotten. */
  changes(id: Hex): unknown[]
  query(id: Hex): LogQuery
  remove(id: Hex): boolean
  close(): void
}

export interface FilterLimits {
  /** A filter that nobody polls for this long is forgotten (geth: 5 minutes). */
  readonly idleMs: number
  readonly maxFilters: number
}

export const defaultFilterLimits: FilterLimits = { idleMs: 300_000, maxFilters: 10_000 }

export function createFilterStore(events: EventEmitter<ChainEvents>, limits: FilterLimits, now: () => number): FilterStore {
  const filters = new Map<Hex, Filter>()
  let lastId = 0n

  const forgetIdle = () => {
    const oldest = now() - limits.idleMs
    for (const [id, filter] of filters) if (filter.lastUsed < oldest) filters.delete(id)
  }
  const add = (filter: Filter): Hex => {
    forgetIdle()
    if (filters.size >= limits.maxFilters) {
      throw new RpcError('server', `too many filters: ${filters.size} are open; remove some with eth_uninstallFilter`)
    }
    lastId += 1n
    const id: Hex = `0x${lastId.toString(16)}`
    filters.set(id, filter)
    return id
  }
  const find = (id: Hex): Filter => {
    forgetIdle()
    const filter = filters.get(id)
    if (!filter) throw new RpcError('server', `filter not found: ${id}`)
    filter.lastUsed = now()
    return filter
  }

  const onBlock = (block: StoredBlock) => {
    forgetIdle()
    for (const filter of filters.values()) {
      if (filter.kind === 'blocks') filter.queue.push(block.hash)
      else if (filter.kind === 'logs' && isWithin(filter.query, block.block.header.number)) {
        filter.queue.push(...matchingLogs(filter.query, [block]).map(logJson))
      }
    }
  }
  const onRemoved = (blocks: StoredBlock[]) => {
    for (const filter of filters.values()) {
      if (filter.kind !== 'logs') continue
      const within = blocks.filter((block) => isWithin(filter.query, block.block.header.number))
      filter.queue.push(...matchingLogs(filter.query, within).map(removedLogJson))
    }
  }
  const onTransaction = (hash: Hex) => {
    for (const filter of filters.values()) if (filter.kind === 'transactions') filter.queue.push(hash)
  }
  events.on('block', onBlock)
  events.on('removed', onRemoved)
  events.on('pendingTransaction', onTransaction)

  return {
    addBlocks: () => add({ kind: 'blocks', queue: [], lastUsed: now() }),
    addTransactions: () => add({ kind: 'transactions', queue: [], lastUsed: now() }),
    addLogs: (query) => add({ kind: 'logs', query, queue: [], lastUsed: now() }),
    changes: (id) => find(id).queue.splice(0),
    query(id) {
      const filter = find(id)
      if (filter.kind !== 'logs') throw new RpcError('server', `filter ${id} is no log filter`)
      return filter.query
    },
    remove: (id) => filters.delete(id),
    close() {
      events.off('block', onBlock)
      events.off('removed', onRemoved)
      events.off('pendingTransaction', onTransaction)
      filters.clear()
    },
  }
}
