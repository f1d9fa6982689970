import type { SpaceLogger } from './spaces.ts'

/** Listeners by event. One that throws is reported and does not keep others from hearing. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(detail: never) => void>>()
  readonly #log: SpaceLogger

  constructor(log: SpaceLogger) {
    this.#log = log
  }

  on<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): () => void {
    let listeners = this.#listeners.get(event)
    if (listeners === undefined) {
      listeners = new Set()
      this.#listeners.set(event, listeners)
    }
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0
  }

  emit<K extends keyof Events>(event: K, detail: Events[K]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        // The set holds listeners of this event only
        ;(listener as (detail: Events[K]) => void)(detail)
      } catch (error) {
        this.#log.error('A listener failed', error)
      }
    }
  }
}
