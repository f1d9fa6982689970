/** Items on their way out, one at a time: `push` resolves when the reader came back for the next. */
export class ItemQueue implements AsyncIterableIterator<Uint8Array> {
  #waiting: { readonly item: Uint8Array; readonly taken: () => void } | undefined
  #handedOut: () => void = () => {}
  #wake: () => void = () => {}
  #isClosed = false

  push(item: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('The session is over'))
    if (this.#waiting !== undefined) return Promise.reject(new Error('Only one item may wait'))
    return new Promise(taken => {
      this.#waiting = { item, taken }
      this.#wake()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#handedOut()
    this.#waiting?.taken()
    this.#waiting = undefined
    this.#wake()
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    // The reader is back: what it had is on its way
    this.#handedOut()
    this.#handedOut = () => {}
    while (this.#waiting === undefined) {
      if (this.#isClosed) return { done: true, value: undefined }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    const { item, taken } = this.#waiting
    this.#waiting = undefined
    this.#handedOut = taken
    return { done: false, value: item }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
