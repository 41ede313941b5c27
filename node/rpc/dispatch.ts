/**
 * JSON-RPC 2.0 (jsonrpc.org/specification): from the text of a request, or of a batch, to the text of the answer.
 * Entries of a batch run in order, one after the other, so that a batch of transactions is mined as it was written.
 */
import type { RateLimiter } from '../admission/rate.ts'
import type { Connection, RpcContext } from './context.ts'
import { type ErrorDialect, type JsonRpcError, RpcError, toJsonRpcError } from './errors.ts'
import type { Elsewhere } from './forked.ts'
import type { Method, ParamSchemas } from './method.ts'

export interface Dispatcher {
  /** The reply's text; undefined where nothing is to be sent, because every entry was a notification. */
  answer(body: string, connection: Connection): Promise<string | undefined>
}

export interface DispatcherOptions {
  readonly maxBatchEntries: number
  /** Absent: nobody counts requests. */
  readonly rate?: RateLimiter | undefined
  readonly errors?: ErrorDialect
  /** The node whose chain this one goes on from. */
  readonly elsewhere?: Elsewhere | undefined
  /** Called for faults of the node itself, and for every request at its end. */
  readonly onFault: (method: string, error: unknown) => void
  readonly onRequest: (method: string, milliseconds: number, error: JsonRpcError | undefined) => void
}

type Id = string | number | null

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isId = (value: unknown): value is Id => value === null || typeof value === 'string' || typeof value === 'number'
const failure = (id: Id, error: JsonRpcError) => JSON.stringify({ jsonrpc: '2.0', id, error })
const refusal = (id: Id, message: string) =>
  failure(id, toJsonRpcError(new RpcError('invalidRequest', `invalid request: ${message}`)).error)

const tooMany = toJsonRpcError(
  new RpcError('limit', 'too many requests from this address: wait a second, and ask for less at once', { code: 'RATE_LIMITED' }),
).error

export function createDispatcher(methods: readonly Method[], context: RpcContext, options: DispatcherOptions): Dispatcher {
  const byName = new Map(methods.map((method) => [method.name, method]))
  if (byName.size !== methods.length) throw new Error('a JSON-RPC method is declared twice')
  const foreseeing = methods.filter((method) => method.foresee !== undefined)

  async function run(name: string, params: unknown, connection: Connection): Promise<unknown> {
    const method = byName.get(name)
    if (!method) throw new RpcError('methodNotFound', `the method ${name} does not exist or is not available`)
    const { elsewhere } = options
    try {
      const result = (await method.run(context, parseParams(method, params) as never, connection)) ?? null
      return elsewhere?.mayKnow(name, { result }) ? await elsewhere.ask(name, params) : result
    } catch (error) {
      if (elsewhere?.mayKnow(name, { error })) return elsewhere.ask(name, params)
      throw error
    }
  }

  async function answerOne(request: unknown, connection: Connection): Promise<string | undefined> {
    if (!isObject(request)) return refusal(null, 'not an object')
    const isNotification = !('id' in request)
    const id = isId(request.id) ? request.id : null
    const problem = envelopeProblem(request)
    if (problem) return refusal(id, problem)
    if (options.rate?.take(connection.client) === false) return failure(id, tooMany)
    const name = request.method as string
    const start = performance.now()
    try {
      const result = await run(name, request.params, connection)
      const reply = isNotification ? undefined : JSON.stringify({ jsonrpc: '2.0', id, result })
      options.onRequest(name, performance.now() - start, undefined)
      return reply
    } catch (thrown) {
      const { error, isInternal } = toJsonRpcError(thrown, options.errors)
      if (isInternal) options.onFault(name, thrown)
      options.onRequest(name, performance.now() - start, error)
      return isNotification ? undefined : failure(id, error)
    }
  }

  /** What is wrong with a request shows when it runs. */
  function foresee(batch: readonly unknown[]): void {
    for (const method of foreseeing) {
      const all: Record<string, unknown>[] = []
      for (const request of batch) {
        if (!isObject(request) || request.method !== method.name) continue
        try {
          all.push(parseParams(method, request.params))
        } catch {}
      }
      if (all.length > 1) method.foresee!(context, all as never)
    }
  }

  async function answerBatch(batch: readonly unknown[], connection: Connection): Promise<string | undefined> {
    if (batch.length === 0) return refusal(null, 'an empty batch')
    if (batch.length > options.maxBatchEntries) {
      return refusal(null, `a batch of ${batch.length} entries, at most ${options.maxBatchEntries} are allowed`)
    }
    foresee(batch)
    const replies: string[] = []
    for (const request of batch) {
      const reply = await answerOne(request, connection)
      if (reply !== undefined) replies.push(reply)
    }
    return replies.length === 0 ? undefined : `[${replies.join(',')}]`
  }

  return {
    async answer(body, connection) {
      let request: unknown
      try {
        request = JSON.parse(body)
      } catch (error) {
        return failure(null, toJsonRpcError(new RpcError('parse', `parse error: ${(error as Error).message}`)).error)
      }
      return Array.isArray(request) ? answerBatch(request, connection) : answerOne(request, connection)
    },
  }
}

function envelopeProblem(request: Record<string, unknown>): string | undefined {
  if (request.jsonrpc !== '2.0') return '"jsonrpc" must be "2.0"'
  if (typeof request.method !== 'string') return '"method" must be a string'
  if ('id' in request && !isId(request.id)) return '"id" must be a string, a number or null'
  if (request.params !== undefined && typeof request.params !== 'object') return '"params" must be an array or an object'
  return undefined
}

/** Parameters by position, as every Ethereum client sends them, or by name. */
function parseParams(method: Method, params: unknown): Record<string, unknown> {
  const names = Object.keys(method.params)
  const given = Array.isArray(params) ? byPosition(names, params) : isObject(params) ? byName(names, params) : {}
  return Object.fromEntries(names.map((name, index) => [name, parseParam(method.params, name, index, given[name])]))
}

function byPosition(names: readonly string[], params: readonly unknown[]): Record<string, unknown> {
  if (params.length > names.length) {
    throw new RpcError('invalidParams', `invalid params: wanted at most ${names.length} (${names.join(', ')}), got ${params.length}`)
  }
  return Object.fromEntries(params.map((value, index) => [names[index], value]))
}

function byName(names: readonly string[], params: Record<string, unknown>): Record<string, unknown> {
  const unknown = Object.keys(params).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new RpcError('invalidParams', `invalid params: there is no parameter "${unknown}", only ${names.join(', ')}`)
  }
  return params
}

function parseParam(schemas: ParamSchemas, name: string, index: number, value: unknown): unknown {
  const result = schemas[name]!.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = [name, ...(issue?.path ?? [])].join('.')
  const reason = value === undefined ? 'missing' : (issue?.message ?? 'not valid')
  throw new RpcError('invalidParams', `invalid params: parameter ${index + 1} "${path}": ${reason}`)
}
