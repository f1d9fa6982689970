import type { Store } from '../store/index.ts'
import type { Index, RangeOptions } from './space.ts'

/** Rows of one kind in one space, under their own keys. */
export class SpaceIndex implements Index {
  readonly #store: Store
  readonly #prefix: string
  readonly #end: string

  /** @param prefix ends in '/' */
  constructor(store: Store, prefix: string) {
    this.#store = store
    this.#prefix = prefix
    this.#end = `${prefix.slice(0, -1)}0`
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#store.get(this.#prefix + key)
  }

  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#store.getMany(keys.map(key => this.#prefix + key))
  }

  async *iterate(range: RangeOptions = {}): AsyncIterable<{ key: string; value: Uint8Array }> {
    const { gt, gte, lt, lte, reverse = false, limit = -1 } = range
    const lower = gt !== undefined ? { gt: this.#prefix + gt } : { gte: this.#prefix + (gte ?? '') }
    const upper =
      lte !== undefined ? { lte: this.#prefix + lte } : { lt: lt === undefined ? this.#end : this.#prefix + lt }
    for await (const [key, value] of this.#store.range({ ...lower, ...upper, reverse, limit })) {
      yield { key: key.slice(this.#prefix.length), value }
    }
  }
}
