/** Pauses between attempts: each twice the last, up to `maxMs`, and half of each is chance so that crowds spread out. */
export class BackOff {
  readonly #firstMs: number
  readonly #maxMs: number
  readonly #random: () => number
  #failures = 0

  constructor(firstMs: number, maxMs: number, random: () => number = chance) {
    this.#firstMs = firstMs
    this.#maxMs = maxMs
    this.#random = random
  }

  next(): number {
    const full = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#failures++, 30))
    return full / 2 + (full / 2) * this.#random()
  }

  reset(): void {
    this.#failures = 0
  }
}

function chance(): number {
  return globalThis.crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32
}
