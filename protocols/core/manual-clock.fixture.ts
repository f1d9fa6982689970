import type { Clock } from './index.ts'

/** A clock that a spec moves, so that an hour passes at once and nothing depends on the machine's speed. */
export class ManualClock implements Clock {
  #now = 1000
  readonly #timers = new Set<{ at: number; action: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + ms, action }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Fires what falls due, in order, letting promises settle between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    while (true) {
      const [next] = [...this.#timers].filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers.delete(next)
      next.action()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

/** Lets everything happen that needs no timer and no network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
}
