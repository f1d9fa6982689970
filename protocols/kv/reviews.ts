/** Things to do, by name, one after the other; what is asked for again before it has begun is done once. */
export class Reviews {
  readonly #waiting = new Set<string>()
  #running: Promise<void> = Promise.resolve()
  #isStopped = false

  /** What fails is done when it is asked for again. */
  soon(name: string, review: () => Promise<void>): void {
    if (this.#waiting.has(name)) return
    this.#waiting.add(name)
    const run = async () => {
      this.#waiting.delete(name)
      if (!this.#isStopped) await review()
    }
    this.#running = this.#running.then(run).catch(() => {})
  }

  /** When all that was asked for so far is done, and what came of it. */
  async settled(): Promise<void> {
    for (let last: unknown; last !== this.#running; ) {
      last = this.#running
      await last
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }
}
