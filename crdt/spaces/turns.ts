import { bytesToHex } from '../log/index.ts'

/** One change of members, keys or state at a time for each space. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Those that have not ended. */
  get pending(): Iterable<Promise<unknown>> {
    return this.#last.values()
  }

  take<T>(space: Uint8Array, run: () => Promise<T>): Promise<T> {
    const key = bytesToHex(space)
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(run)
    const settled = turn.then(
      () => {},
      () => {}
    )
    this.#last.set(key, settled)
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    })
    return turn
  }
}
