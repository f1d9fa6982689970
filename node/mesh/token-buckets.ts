/** Buckets kept at most: an attacker's fresh addresses must not become memory. */
const maxBuckets = 4096

interface Bucket {
  tokens: number
  at: number
}

/** A token bucket for each name; `perSecond` may differ by name. Bursts of three seconds' worth are allowed. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  take(name: string, perSecond: number): boolean {
    const now = this.#now()
    const burst = perSecond * 3
    const bucket = this.#buckets.get(name) ?? { tokens: burst, at: now }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    // Moves it to the end: the first entries are the longest unused
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    if (this.#buckets.size > maxBuckets) this.#buckets.delete(this.#buckets.keys().next().value ?? '')
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
