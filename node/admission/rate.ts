/** How many requests a client may make: a bucket for each that fills with time and is emptied by requests. */

export interface RateLimiter {
  /** Takes a request out of the client's bucket; false where it is empty. */
  take(client: string): boolean
}

interface Bucket {
  requests: number
  /** Seconds. */
  filledAt: number
}

const MANY_CLIENTS = 10_000

/** @param now seconds, any origin */
export function createRateLimiter(requestsPerSecond: number, burst: number, now: () => number): RateLimiter {
  const buckets = new Map<string, Bucket>()
  const forgetFull = (time: number): void => {
    for (const [client, { requests, filledAt }] of buckets)
      if (requests + (time - filledAt) * requestsPerSecond >= burst) buckets.delete(client)
  }
  return {
    take(client) {
      const time = now()
      if (buckets.size >= MANY_CLIENTS && !buckets.has(client)) forgetFull(time)
      const bucket = buckets.get(client) ?? { requests: burst, filledAt: time }
      bucket.requests = Math.min(burst, bucket.requests + (time - bucket.filledAt) * requestsPerSecond)
      bucket.filledAt = time
      buckets.set(client, bucket)
      if (bucket.requests < 1) return false
      bucket.requests -= 1
      return true
    },
  }
}
