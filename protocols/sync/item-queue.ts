/** Items on their way out, one at a time: `push` resolves when the reader came back for the next. */
export class ItemQueue implements AsyncIterableIterator<Uint8Array> {
  #waiting: { readonly item: Uint8Array; readonly taken: () => void } | undefined
  #handedOut: () => void = () => {}
  /** The reader that waits */
  #reader: ((result: IteratorResult<Uint8Array>) => void) | undefined
  #isClosed = false

  push(item: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('The session is over'))
    if (this.#waiting !== undefined) return Promise.reject(new Error('Only one item may wait'))
    return new Promise(taken => {
      const reader = this.#reader
      this.#reader = undefined
      if (reader === undefined) this.#waiting = { item, taken }
      else this.#hand(item, taken, reader)
    })
  }

  close(): void {
    this.#isClosed = true
    this.#handedOut()
    this.#waiting?.taken()
    this.#waiting = undefined
    this.#reader?.({ done: true, value: undefined })
    this.#reader = undefined
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    // The reader is back: what it had is on its way
    this.#handedOut()
    this.#handedOut = () => {}
    return new Promise(resolve => {
      const waiting = this.#waiting
      this.#waiting = undefined
      if (waiting !== undefined) this.#hand(waiting.item, waiting.taken, resolve)
      else if (this.#isClosed) resolve({ done: true, value: undefined })
      else this.#reader = resolve
    })
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #hand(item: Uint8Array, taken: () => void, reader: (result: IteratorResult<Uint8Array>) => void): void {
    this.#handedOut = taken
    reader({ done: false, value: item })
  }
}
