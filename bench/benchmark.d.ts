/** What the benches use of the `benchmark` package. */
declare module 'benchmark' {
  type Deferred = { resolve(): void }
  type Options = {
    fn(deferred: Deferred): void
    defer?: boolean
    /** Seconds. */
    maxTime?: number
    minSamples?: number
    onStart?(): void
    /** `count`: calls in this cycle. */
    onCycle?(event: { target: { count: number } }): void
    onComplete?(): void
    onError?(event: { target: { error: unknown } }): void
  }
  class Benchmark {
    constructor(name: string, options: Options)
    run(options: { async: boolean }): void
  }
  export default Benchmark
}
