/** Writes that are under way, by the namespace they go to. */
export class Writes {
  readonly #running = new Map<string, Set<Promise<unknown>>>()

  async run<T>(name: string, write: Promise<T>): Promise<T> {
    const current = this.#running.get(name) ?? new Set()
    this.#running.set(name, current)
    current.add(write)
    try {
      return await write
    } finally {
      current.delete(write)
      if (current.size === 0) this.#running.delete(name)
    }
  }

  /** When those that are under way now are over, however they end. */
  async over(name: string): Promise<void> {
    await Promise.allSettled(this.#running.get(name) ?? [])
  }
}
