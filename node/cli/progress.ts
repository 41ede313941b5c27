import { SingleBar } from 'cli-progress'
import type { Io } from './io.ts'

export interface ProgressBar {
  update(progress: { done: number; of: number }): void
  stop(): void
}

/** A bar on stderr where people watch; silent elsewhere. `unit`: of what is counted. */
export function progressBar(io: Io, unit: string): ProgressBar {
  if (!io.isInteractive) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar({
    format: `[{bar}] {value}/{total} ${unit}`,
    stream: io.stderr as NodeJS.WriteStream,
    hideCursor: true,
    clearOnComplete: true,
  })
  let started = false
  return {
    update({ done, of }) {
      if (!started) bar.start(of, done)
      else bar.update(done)
      started = true
    },
    stop: () => bar.stop(),
  }
}

/** A bar for each stage of work that tells its stage; `update` goes on with the next stage's bar where one begins. */
export function stageBars(io: Io): { update(progress: { stage: string; done: number; of: number }): void; stop(): void } {
  let current: { stage: string; bar: ProgressBar } | undefined
  return {
    update({ stage, done, of }) {
      if (current?.stage !== stage) {
        current?.bar.stop()
        current = { stage, bar: progressBar(io, `samples: ${stage}`) }
      }
      current.bar.update({ done, of })
    },
    stop: () => current?.bar.stop(),
  }
}
