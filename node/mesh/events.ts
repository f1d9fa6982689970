import type { Connection, Libp2p } from '@libp2p/interface'
import type { PathClass } from './address-class.ts'

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

export interface ConnectionListener {
  readonly opened: (connection: Connection) => void
  readonly closed: (connection: Connection) => void
}

/** Tells of each connection, however many there are with one peer, until the returned function is called. */
export function followConnections(node: Libp2p, { opened, closed }: ConnectionListener): () => void {
  const onOpen = ({ detail }: CustomEvent<Connection>) => opened(detail)
  const onClose = ({ detail }: CustomEvent<Connection>) => closed(detail)
  node.addEventListener('connection:open', onOpen)
  node.addEventListener('connection:close', onClose)
  return () => {
    node.removeEventListener('connection:open', onOpen)
    node.removeEventListener('connection:close', onClose)
  }
}
