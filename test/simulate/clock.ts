import type { Random } from './random.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What the right clock says when a simulation begins (ms since 1970) */
export const startOfTime = Date.UTC(2026, 0, 1)
const year = 365 * 86_400_000

/** A twin's idea of the time, which may be wrong and may jump. */
export class WrongClock {
  readonly #time: VirtualTime
  readonly #random: Random
  #skew = 0

  constructor(time: VirtualTime, random: Random) {
    this.#time = time
    this.#random = random
    this.jump()
  }

  now(): number {
    return Math.floor(startOfTime + this.#time.now + this.#skew)
  }

  /** Mostly right, sometimes by seconds, seldom by years */
  jump(): void {
    const kind = this.#random.below(10)
    const range = kind < 6 ? 50 : kind < 9 ? 60_000 : 10 * year
    this.#skew = this.#random.between(-range, range)
  }
}
