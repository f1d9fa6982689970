/** Chunks that arrived and wait to be pulled: what every carrier puts between events and an async iterable. */
export class ChunkQueue implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: Uint8Array[] = []
  readonly #onTaken: (size: number) => void
  #size = 0
  #error: Error | undefined
  #isEnded = false
  /** A reader that waits */
  #reader: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void } | undefined

  /** `onTaken` is told the size of each chunk when it is pulled. */
  constructor(onTaken: (size: number) => void = () => {}) {
    this.#onTaken = onTaken
  }

  /** Bytes waiting */
  get size(): number {
    return this.#size
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  get error(): Error | undefined {
    return this.#error
  }

  push(chunk: Uint8Array): void {
    if (this.#isEnded) return
    const reader = this.#reader
    if (reader === undefined) {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      return
    }
    this.#reader = undefined
    this.#onTaken(chunk.length)
    reader.resolve({ done: false, value: chunk })
  }

  /** What was pushed before still arrives. */
  end(): void {
    this.#isEnded = true
    this.#reader?.resolve({ done: true, value: undefined })
    this.#reader = undefined
  }

  /** Drops what waits, unless the end was regular. */
  fail(error: Error): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#error = error
    this.#chunks.length = 0
    this.#size = 0
    this.#reader?.reject(error)
    this.#reader = undefined
  }

  /** Not an `async` function: a chunk that comes while a reader waits is handed over without a detour. One reader at a time. */
  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#size -= chunk.length
      this.#onTaken(chunk.length)
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#chunks.length = 0
    this.#size = 0
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

export interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A promise and its two hands; `Promise.withResolvers` is not yet everywhere. */
export function deferred(): Deferred {
  let resolve = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((settle, refuse) => {
    resolve = settle
    reject = refuse
  })
  // Whoever waits sees the rejection; when nobody does it is not a fault
  promise.catch(() => {})
  return { promise, resolve, reject }
}
