import * as Y from 'yjs'

interface WithUpdate {
  readonly update?: Uint8Array
}

/** One item of a stream that grows until whoever reads takes it: of each field the newest, and all updates in one. */
export class Parcel<T extends WithUpdate> {
  #waiting: T | undefined
  #isOver = false
  #wake = () => {}

  put(part: T): void {
    const updates = [this.#waiting?.update, part.update].filter(update => update !== undefined)
    const update = updates.length > 1 ? Y.mergeUpdates(updates) : updates[0]
    this.#waiting = { ...this.#waiting, ...part, ...(update !== undefined && { update }) }
    this.#wake()
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  async *items(): AsyncGenerator<T> {
    for (;;) {
      const taken = this.#waiting
      this.#waiting = undefined
      if (taken !== undefined) yield taken
      else if (this.#isOver) return
      else {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
    }
  }
}
