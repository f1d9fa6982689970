import type { PathClass } from '../../protocols/streams/index.ts'

export interface MeshEvents {
  /** First connection to a peer stands */
  'peer:connect': { readonly peer: string }
  /** The last one is gone */
  'peer:disconnect': { readonly peer: string }
  /** The best path to a peer became another one */
  path: { readonly peer: string; readonly path: PathClass }
  /** Our own addresses changed */
  addresses: { readonly addresses: readonly string[] }
}

type Listener<K extends keyof MeshEvents> = (event: MeshEvents[K]) => void

/** Listeners by event; one that throws does not keep the others from hearing. */
export class Emitter {
  readonly #listeners = new Map<keyof MeshEvents, Set<(event: never) => void>>()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** The returned function takes the listener off again. */
  on<K extends keyof MeshEvents>(event: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  emit<K extends keyof MeshEvents>(event: K, detail: MeshEvents[K]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        // Listeners are filed under the event whose detail they take
        const typed = listener as Listener<K>
        typed(detail)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
