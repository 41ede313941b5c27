/** The tracers of `debug_trace*`: a table with the options that each takes and the JSON that it gives, as geth and Anvil write it. */
import { z } from 'zod'
import { callTracer } from '../chain/tracers/call.ts'
import { fourByteTracer } from '../chain/tracers/four-byte.ts'
import { type PrestateTrace, prestateTracer, type TracedState } from '../chain/tracers/prestate.ts'
import { type StructTrace, structLogger } from '../chain/tracers/struct.ts'
import type { Tracer } from '../chain/tracers/subject.ts'
import { rehearse } from '../chain/tracers/tracer.ts'
import { callFrameJson } from './format.ts'
import { quantity, toHex } from './hex.ts'
import { blockOverrides, optional, stateOverrides } from './params.ts'

/** A tracer whose trace is JSON already. */
type JsonTracer = Tracer<unknown>

/** Why a tracer cannot be made from what was asked. */
interface Refusal {
  readonly refusal: string
}

interface TracerEntry {
  readonly options: z.ZodType
  create(options: unknown): JsonTracer | Refusal
}

const flag = optional(z.boolean())
const stepLimit = optional(z.number().int().min(0))

function entry<S extends z.ZodType, T>(options: S, create: (options: z.output<S>) => Tracer<T>, json: (trace: T) => unknown): TracerEntry {
  return { options, create: (given) => withJson(create(given as z.output<S>), json) }
}

const withJson =
  <T>(tracer: Tracer<T>, json: (trace: T) => unknown): JsonTracer =>
  async (subject) =>
    json(await tracer(subject))

const tracers: Readonly<Record<string, TracerEntry>> = {
  callTracer: entry(z.object({ onlyTopCall: flag, withLog: flag }), (options) => callTracer(defined(options)), callFrameJson),
  prestateTracer: entry(
    z.object({ diffMode: flag, disableCode: flag, disableStorage: flag, includeEmpty: flag }),
    (options) => prestateTracer(defined(options)),
    prestateJson,
  ),
  '4byteTracer': entry(z.object({}), fourByteTracer, (counts) => counts),
  noopTracer: entry(
    z.object({}),
    () => async (subject) => void (await subject.run()),
    () => ({}),
  ),
  muxTracer: { options: z.record(z.string(), z.unknown()), create: (options) => muxTracer(options as Record<string, unknown>) },
}

const structOptions = {
  enableMemory: flag,
  enableReturnData: flag,
  disableStack: flag,
  disableStorage: flag,
  limit: stepLimit,
  /** The older names, by which memory and return data were shown unless refused. */
  disableMemory: flag,
  disableReturnData: flag,
}

const tracingFields = z.object({ ...structOptions, tracer: optional(z.string()), tracerConfig: optional(z.unknown()) })

function toTracer(fields: z.output<typeof tracingFields>): JsonTracer | Refusal {
  const { tracer, tracerConfig, disableMemory, disableReturnData, ...struct } = fields
  if (tracer !== undefined && tracer !== '' && tracer !== 'structLogger') return createTracer(tracer, tracerConfig)
  const enableMemory = struct.enableMemory ?? disableMemory === false
  const enableReturnData = struct.enableReturnData ?? disableReturnData === false
  return withJson(structLogger(defined({ ...struct, enableMemory, enableReturnData })), structTraceJson)
}

function createTracer(name: string, config: unknown): JsonTracer | Refusal {
  const found = Object.hasOwn(tracers, name) ? tracers[name]! : undefined
  if (found === undefined) {
    const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)
    return { refusal: `wanted one of ${Object.keys(tracers).join(', ')}, or no tracer for the struct logger, got ${shown}` }
  }
  const options = found.options.safeParse(config ?? {})
  if (options.success) return found.create(options.data)
  const [issue] = options.error.issues
  return { refusal: `tracerConfig of ${name}: ${issue?.path.join('.')}: ${issue?.message}` }
}

function checked<T extends z.output<typeof tracingFields>>(fields: T, context: z.RefinementCtx): T & { tracer: JsonTracer } {
  const tracer = toTracer(fields)
  if (typeof tracer === 'function') return { ...fields, tracer }
  context.addIssue({ code: 'custom', path: ['tracer'], message: tracer.refusal })
  return z.NEVER
}

/** Second parameter of `debug_trace*` (geth: TraceConfig), as the tracer that it asks for. */
export const tracing = z.preprocess((value) => value ?? {}, tracingFields.transform(checked))

/** The same for `debug_traceCall`, with the overrides that it takes besides. */
export const callTracing = z.preprocess(
  (value) => value ?? {},
  tracingFields.extend({ stateOverrides: optional(stateOverrides), blockOverrides: optional(blockOverrides) }).transform(checked),
)

/** Each of the tracers named in the configuration, one run each. */
function muxTracer(config: Record<string, unknown>): JsonTracer | Refusal {
  const named = Object.entries(config).map(([name, options]) => [name, createTracer(name, options)] as const)
  for (const [, tracer] of named) if (typeof tracer !== 'function') return tracer
  return async (subject) => {
    const traces: Record<string, unknown> = {}
    for (const [name, tracer] of named) traces[name] = await rehearse(subject, () => (tracer as JsonTracer)(subject))
    await subject.run()
    return traces
  }
}

/** Without the keys that have no value. */
function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}

function structTraceJson({ gas, failed, returnValue, structLogs }: StructTrace) {
  return {
    gas: Number(gas),
    failed,
    returnValue: toHex(returnValue),
    structLogs: structLogs.map(({ pc, op, gas, gasCost, depth, error, stack, memory, storage, refund, returnData }) => ({
      pc,
      op,
      gas: Number(gas),
      gasCost: Number(gasCost),
      depth,
      ...(error === undefined ? {} : { error }),
      ...(stack === undefined ? {} : { stack: stack.map(quantity) }),
      ...(returnData === undefined ? {} : { returnData: toHex(returnData) }),
      ...(memory === undefined ? {} : { memory: wordsOf(memory) }),
      ...(storage === undefined ? {} : { storage }),
      refund: Number(refund),
    })),
  }
}

const wordsOf = (memory: Uint8Array) =>
  Array.from({ length: memory.length / 32 }, (_, index) => toHex(memory.subarray(32 * index, 32 * index + 32)))

function prestateJson({ pre, post }: PrestateTrace) {
  return post === undefined ? accountsJson(pre) : { post: accountsJson(post), pre: accountsJson(pre) }
}

const accountsJson = (state: TracedState) =>
  Object.fromEntries(
    Object.entries(state).map(([address, { balance, nonce, code, storage }]) => [
      address,
      {
        ...(balance === undefined ? {} : { balance: quantity(balance) }),
        ...(nonce === undefined ? {} : { nonce: Number(nonce) }),
        ...(code === undefined ? {} : { code: toHex(code) }),
        ...(storage === undefined ? {} : { storage }),
      },
    ]),
  )
