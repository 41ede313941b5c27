/**
 * Times several subjects against each other in one process.
 *
 * interleave(subjects)  whole models and operators
 * sample(subjects)      kernels, in the cycles of the `benchmark` package
 * Both measure CPU time, which other processes disturb least, go round by round with every subject in each, so that a slow spell of the machine
 * meets all of them, and answer medians.
 */
import Benchmark from 'benchmark'

export type Subject = {
  readonly name: string
  readonly version: string
  run(): void | Promise<void>
}

/** Seconds per call. */
export type Timing = { readonly subject: Subject; readonly seconds: number }

const rounds = 11
const roundSeconds = 0.02
const warmUpSeconds = 0.15

export async function interleave(subjects: readonly Subject[]): Promise<Timing[]> {
  const counts: number[] = []
  for (const subject of subjects) counts.push(await warmUp(subject))
  const seconds = subjects.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [index, subject] of subjects.entries()) seconds[index]!.push((await cpuSeconds(subject, counts[index]!)) / counts[index]!)
  return subjects.map((subject, index) => ({ subject, seconds: median(seconds[index]!) }))
}

export async function sample(subjects: readonly Subject[]): Promise<Timing[]> {
  for (const subject of subjects) await warmUp(subject)
  const samples = subjects.map((): number[] => [])
  for (let round = 0; round < 3; round++)
    for (const [index, subject] of subjects.entries()) samples[index]!.push(...(await benchmarkSamples(subject)))
  return subjects.map((subject, index) => ({ subject, seconds: median(samples[index]!) }))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Until the engine has optimized it; answers the calls that fill a round. */
async function warmUp(subject: Subject): Promise<number> {
  let calls = 0
  const start = performance.now()
  do {
    await subject.run()
    calls++
  } while (performance.now() - start < 1000 * warmUpSeconds)
  const seconds = (performance.now() - start) / 1000 / calls
  return Math.max(1, Math.round(roundSeconds / seconds))
}

async function cpuSeconds(subject: Subject, calls: number): Promise<number> {
  const start = process.cpuUsage()
  for (let i = 0; i < calls; i++) {
    // Awaiting nothing would cost a short call more than it takes.
    const pending = subject.run()
    if (pending !== undefined) await pending
  }
  const { user, system } = process.cpuUsage(start)
  return (user + system) * 1e-6
}

/** CPU seconds per call of each of the package's cycles, but for the short ones with which it finds its count. */
function benchmarkSamples(subject: Subject): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const isAsynchronous = subject.run() !== undefined
    const samples: number[] = []
    let last = process.cpuUsage()
    const benchmark = new Benchmark(subject.name, {
      defer: isAsynchronous,
      maxTime: 0.3,
      minSamples: 7,
      fn: isAsynchronous
        ? (deferred) => {
            Promise.resolve(subject.run()).then(() => deferred.resolve(), reject)
          }
        : () => {
            subject.run()
          },
      onStart: () => {
        last = process.cpuUsage()
      },
      onCycle: ({ target }) => {
        const { user, system } = process.cpuUsage(last)
        const seconds = (user + system) * 1e-6
        if (seconds >= roundSeconds) samples.push(seconds / target.count)
        last = process.cpuUsage()
      },
      onComplete: () =>
        samples.length > 0 ? resolve(samples) : reject(new Error(`no cycle of ${subject.name} was long enough to be measured`)),
      onError: ({ target }) => reject(target.error),
    })
    benchmark.run({ async: true })
  })
}
