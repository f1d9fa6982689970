import type { LiveText, LiveTextEvents } from './live-text.ts'

type Listeners = { [K in keyof LiveTextEvents]: Set<(detail: LiveTextEvents[K]) => void> }

/** Who listens to a text in an editor, and what they were told of its state. */
export class TextListeners {
  readonly #state: () => LiveText['state']
  readonly #listeners: Listeners = { text: new Set(), state: new Set(), refused: new Set() }
  readonly #failed: (error: unknown) => void
  #told: LiveText['state']

  /**
   * @param state how the text is stored now
   * @param failed told of a listener that throws, which then keeps no other from hearing; default throws it on
   */
  constructor(state: () => LiveText['state'], failed: (error: unknown) => void = throwOn) {
    this.#state = state
    this.#failed = failed
    this.#told = state()
  }

  on<K extends keyof LiveTextEvents>(event: K, listener: (detail: LiveTextEvents[K]) => void): () => void {
    this.#listeners[event].add(listener)
    return () => this.#listeners[event].delete(listener)
  }

  tell<K extends keyof LiveTextEvents>(event: K, detail: LiveTextEvents[K]): void {
    for (const listener of [...this.#listeners[event]]) {
      try {
        listener(detail)
      } catch (error) {
        this.#failed(error)
      }
    }
  }

  /** Tells how the text is stored, if that is another way now. */
  changed(): void {
    const state = this.#state()
    if (state === this.#told) return
    this.#told = state
    this.tell('state', { state })
  }

  /** Resolves when everything is stored. */
  saved(): Promise<void> {
    if (this.#state() === 'saved') return Promise.resolve()
    return new Promise(resolve => {
      const stop = this.on('state', ({ state }) => {
        if (state !== 'saved') return
        stop()
        resolve()
      })
    })
  }
}

function throwOn(error: unknown): never {
  throw error
}
