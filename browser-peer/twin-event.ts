import type { Path } from './own-nodes.ts'

/** By the list of the twin it was revoked, its certificate ran out, or nodes close each connection at once without a word. */
export type Refusal = 'revoked' | 'expired' | 'shut-out'

export interface TwinEvents {
  /** How the own twin is reached is another way now, or was measured anew */
  path: { readonly path: Path }
  /** How many entries no node of the twin has yet */
  unsynced: { readonly count: number }
  /** The first copy of the twin's own space is here: chat, kv and profile answer from now on, online or not */
  ready: object
  /** The browser, or somebody in it, removed what was kept here: this device is over, pair the browser again */
  'storage-lost': object
  /** The twin does not let this browser in any more */
  refused: { readonly reason: Refusal }
  /** This tab runs the peer for all tabs now */
  leading: object
}

/** Listeners by event; one that throws does not keep the others from hearing. */
export class Listeners {
  readonly #listeners = new Map<keyof TwinEvents, Set<(detail: never) => void>>()

  on<K extends keyof TwinEvents>(event: K, listener: (detail: TwinEvents[K]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  emit<K extends keyof TwinEvents>(event: K, detail: TwinEvents[K]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        // Filed under the event whose detail it takes
        ;(listener as (detail: TwinEvents[K]) => void)(detail)
      } catch (error) {
        reportError(error)
      }
    }
  }
}
