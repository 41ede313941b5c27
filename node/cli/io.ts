/** What a command may touch of the world: text out, whether people are watching, and when to stop. */
import pc from 'picocolors'

export type Colors = Pick<
  ReturnType<typeof pc.createColors>,
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray' | 'isColorSupported'
>

export interface Io {
  /** Results: one or several lines to stdout, without the last line break. */
  out(text: string): void
  /** What goes on meanwhile: to stderr. */
  err(text: string): void
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  /** Whether stderr is a terminal, so that progress may be drawn there. */
  readonly isInteractive: boolean
  readonly colors: Colors
  /**
   * Asks for Ctrl-C and SIGTERM to abort the returned signal instead of ending the process: the command then closes what it holds.
   * A second Ctrl-C ends the process at once.
   */
  stopSignal(): AbortSignal
}

export interface ProcessLike {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  exit(code: number): never
}

/** The Io of a real process. */
export function processIo(process: ProcessLike): Io {
  let controller: AbortController | undefined
  const stopSignal = () => {
    if (controller) return controller.signal
    const created = new AbortController()
    controller = created
    const onSignal = (exitCode: number) => () => (created.signal.aborted ? process.exit(exitCode) : created.abort())
    process.on('SIGINT', onSignal(130))
    process.on('SIGTERM', onSignal(143))
    return created.signal
  }
  // A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    stdout: process.stdout,
    stderr: process.stderr,
    isInteractive: process.stderr.isTTY === true,
    colors: pc.createColors(pc.isColorSupported && process.stdout.isTTY === true),
    stopSignal,
  }
}
