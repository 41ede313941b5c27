/** What the resolvers of one request share. */

import { z } from 'zod'
import type { Chain } from '../chain/types.ts'
import { RpcError } from '../rpc/errors.ts'
import type { ModelDirectory } from '../rpc/models.ts'

export interface GraphContext {
  readonly chain: Chain
  readonly models: ModelDirectory
  /** Called for each object that a query reaches: `block { transactions { block { transactions …` reaches many with few words. */
  spend(objects: number): void
}

/** Objects of one query. */
const MAX_OBJECTS = 20_000

export function createGraphContext(chain: Chain, models: ModelDirectory): GraphContext {
  let left = MAX_OBJECTS
  return {
    chain,
    models,
    spend(objects) {
      left -= objects
      if (left < 0) throw new RpcError('server', `the query reaches more than ${MAX_OBJECTS} objects: ask for less at once`)
    },
  }
}

/** An argument by its schema; an error names it. */
export function argument<S extends z.ZodType>(name: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new RpcError('invalidParams', `argument "${[name, ...(issue?.path ?? [])].join('.')}": ${issue?.message}`)
}

/** Long and BigInt as arguments: JSON numbers, decimal strings, or hex. */
export const whole = z
  .union([z.number().int().min(0), z.string().regex(/^(0x[0-9a-fA-F]{1,64}|\d{1,78})$/)], 'wanted a number, or one in decimal or 0x-hex')
  .transform((value) => BigInt(value))
