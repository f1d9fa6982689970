/** Strangers who may wait at the door at one time; further ones are refused until the owner decided about some. */
export const maxKnocking = 64
/** Knocks taken from all strangers together, refilled evenly: finding out identities is free, so no bucket is one's own. */
export const knockRate = { points: 30, durationMs: 60_000 } as const
/** Milliseconds after which an unanswered knock gives its place away. */
export const knockExpiryMs = 30 * 24 * 3_600_000

/** Token bucket for knocks without a valid invite. */
export class KnockPool {
  readonly #now: () => number
  #left: number = knockRate.points
  #at: number

  constructor(now: () => number) {
    this.#now = now
    this.#at = now()
  }

  take(): boolean {
    const now = this.#now()
    const refill = (Math.max(0, now - this.#at) * knockRate.points) / knockRate.durationMs
    this.#left = Math.min(knockRate.points, this.#left + refill)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
