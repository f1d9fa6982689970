/** Buffers of the process outgrew their budget, and this consumer held the most. */
export class ByteBudgetError extends Error {
  override readonly name = 'ByteBudgetError'
}

export interface ByteAccount {
  /** Bytes this consumer holds now; may reset the largest consumer, this one included, before it returns */
  set(bytes: number): void
  close(): void
}

interface Consumer {
  bytes: number
  readonly reset: (reason: ByteBudgetError) => void
}

/**
 * One sum of bytes over everything that buffers for others. Each buffer has a bound of its own, but a thousand
 * streams of bounded buffers are gigabytes: when the sum passes the limit, the largest consumer is reset, then the
 * next, until it fits. Who pays is who holds most, never who came last.
 */
export class ByteBudget {
  readonly limit: number
  readonly #consumers = new Set<Consumer>()
  #used = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get used(): number {
    return this.#used
  }

  open(reset: (reason: ByteBudgetError) => void): ByteAccount {
    const consumer: Consumer = { bytes: 0, reset }
    this.#consumers.add(consumer)
    return {
      set: bytes => {
        if (!this.#consumers.has(consumer)) return
        this.#used += bytes - consumer.bytes
        consumer.bytes = bytes
        while (this.#used > this.limit) this.#resetLargest()
      },
      close: () => this.#drop(consumer)
    }
  }

  #resetLargest(): void {
    let largest: Consumer | undefined
    for (const consumer of this.#consumers) {
      if (largest === undefined || consumer.bytes > largest.bytes) largest = consumer
    }
    if (largest === undefined) return
    this.#drop(largest)
    largest.reset(new ByteBudgetError(`Buffers hold more than ${this.limit} bytes, this one the most`))
  }

  #drop(consumer: Consumer): void {
    if (!this.#consumers.delete(consumer)) return
    this.#used -= consumer.bytes
  }
}
