/** A seeded source of chance (sfc32): everything in a simulation that is not decided by the code under test comes from one. */
export class Random {
  readonly #state: [number, number, number, number]

  constructor(seed: number, stream = 0) {
    this.#state = [seed | 0, Math.floor(seed / 2 ** 32) | 0, stream | 0, 1]
    for (let round = 0; round < 15; round++) this.next()
  }

  /** 32 bits */
  next(): number {
    const state = this.#state
    const sum = (((state[0] + state[1]) | 0) + state[3]) | 0
    state[3] = (state[3] + 1) | 0
    state[0] = state[1] ^ (state[1] >>> 9)
    state[1] = (state[2] + (state[2] << 3)) | 0
    state[2] = (((state[2] << 21) | (state[2] >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** 0 to `limit` − 1 */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit)
  }

  between(low: number, high: number): number {
    return low + (this.next() / 2 ** 32) * (high - low)
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list]
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.below(last + 1)
      ;[shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T]
    }
    return shuffled
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 4) {
      const word = this.next()
      for (let index = 0; index < 4 && at + index < length; index++) bytes[at + index] = word >>> (8 * index)
    }
    return bytes
  }

  /** A source of its own, so that one part drawing more does not change what another draws. */
  fork(): Random {
    return new Random(this.next() + 2 ** 32 * (this.next() & 0xfffff), this.next())
  }
}
