import type { Clock } from './clock.ts'
import type { ProtocolLimits } from './limits.ts'

/** Callers remembered at once; above it the fullest buckets, which say least, are forgotten. */
const maxBuckets = 10_000

/** Token buckets per key: `points` at once, refilled evenly over `durationMs`. */
export class RateLimiter {
  readonly #rate: ProtocolLimits['rate']
  readonly #clock: Clock
  readonly #buckets = new Map<string, { points: number; at: number }>()

  constructor(rate: ProtocolLimits['rate'], clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  take(key: string): boolean {
    const { points, durationMs } = this.#rate
    const now = this.#clock.now()
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      if (this.#buckets.size >= maxBuckets) this.#forget(now)
      bucket = { points, at: now }
      this.#buckets.set(key, bucket)
    }
    bucket.points = Math.min(points, bucket.points + ((now - bucket.at) * points) / durationMs)
    bucket.at = now
    if (bucket.points < 1) return false
    bucket.points -= 1
    return true
  }

  /** A bucket that refilled by now behaves as a new one; if none did, the longest unused go. */
  #forget(now: number): void {
    const { points, durationMs } = this.#rate
    for (const [key, bucket] of this.#buckets) {
      if (bucket.points + ((now - bucket.at) * points) / durationMs >= points) this.#buckets.delete(key)
    }
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < maxBuckets) return
      this.#buckets.delete(key)
    }
  }
}
