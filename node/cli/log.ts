/** The log on stderr: pino's levels, as readable lines or as JSON for machines. */
import { type Logger, pino } from 'pino'
import type { Io } from './io.ts'

export type LogFormat = 'text' | 'json'

const levelNames: ReadonlyMap<number, string> = new Map(Object.entries(pino.levels.labels).map(([number, name]) => [Number(number), name]))

/** Fields that pino adds and a reader does not need beside the line. */
const ownFields: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'err'])

export function createLogger(io: Io, level: string, format: LogFormat): Logger {
  const write = format === 'json' ? (line: string) => io.err(line.trimEnd()) : (line: string) => io.err(readable(line, io))
  return pino({ level, base: null }, { write })
}

/** `19:26:55 warn  message key=value`, and the stack of an error below. Informational lines go without their level. */
function readable(line: string, { colors: { dim, red, yellow } }: Io): string {
  const entry = JSON.parse(line) as Record<string, unknown>
  const level = levelNames.get(entry.level as number) ?? 'info'
  const paint = level === 'error' || level === 'fatal' ? red : level === 'warn' ? yellow : dim
  const time = new Date(entry.time as number).toTimeString().slice(0, 8)
  const fields = Object.entries(entry).filter(([key]) => !ownFields.has(key))
  const parts = [
    dim(time),
    ...(level === 'info' ? [] : [paint(level)]),
    String(entry.msg ?? ''),
    ...fields.map(([key, value]) => dim(`${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`)),
  ]
  const stack = (entry.err as { stack?: string } | undefined)?.stack
  return parts.join(' ') + (stack === undefined ? '' : `\n${dim(stack)}`)
}
