/**
 * How one JSON-RPC method is declared: its name, its parameters in order with a schema each, and what it does.
 * The dispatcher, the documentation and `rpc_modules` all read these declarations.
 */
import type { z } from 'zod'
import type { Connection, RpcContext } from './context.ts'

/** Parameters by name, in positional order. */
export type ParamSchemas = Readonly<Record<string, z.ZodType>>

export type ParamValues<P extends ParamSchemas> = { readonly [K in keyof P]: z.output<P[K]> }

export interface MethodDeclaration<P extends ParamSchemas> {
  readonly name: string
  /** One line for docs/rpc.md: what it returns or does, with units. */
  readonly summary: string
  readonly params: P
  /** The result must be JSON: quantities and bytes are already hex strings. */
  readonly run: (context: RpcContext, params: ParamValues<P>, connection: Connection) => unknown
  /** Called before a batch runs, with the parameters of all its requests of this method. */
  readonly foresee?: (context: RpcContext, all: readonly ParamValues<P>[]) => void
}

/** A declaration whose parameter types have been checked and may be forgotten. */
export interface Method {
  readonly name: string
  readonly summary: string
  readonly params: ParamSchemas
  readonly run: (context: RpcContext, params: Readonly<Record<string, never>>, connection: Connection) => unknown
  readonly foresee?: (context: RpcContext, all: readonly Readonly<Record<string, never>>[]) => void
}

export function defineMethod<const P extends ParamSchemas>(declaration: MethodDeclaration<P>): Method {
  return declaration as unknown as Method
}

/** The same method under another name. */
export const renamed = (method: Method, name: string): Method => ({ ...method, name })
