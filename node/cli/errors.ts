/** How a failed command tells why: one line `error[CODE]: message`. */
import type { Io } from './io.ts'

/** The command line is not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'USAGE'
}

/** Prints an error of any origin. Only what has no code, and so was not foreseen, is called internal. */
export function reportError(error: unknown, io: Io, withStack: boolean): void {
  const { red, dim } = io.colors
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  io.err(`${red(`error[${code ?? 'INTERNAL'}]:`)} ${message}`)
  if (withStack && error instanceof Error) io.err(dim(stackOf(error)))
  else if (code === undefined) io.err(dim('This is a fault of infernode itself; --debug prints where it happened.'))
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The stack, and those of the causes. */
function stackOf(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own
}
