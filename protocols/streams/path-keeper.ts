import type { Connection, PeerId } from '@libp2p/interface'
import { systemClock } from '../core/index.ts'
import { pathOf } from './address-class.ts'
import { leaveConnection } from './leave-connection.ts'

/**
 * Tries for a better path than a relayed one, after so long. More than once also because one private WebRTC dial in eight fails
 * between nodes: the handshake may come before the other side's fingerprint.
 */
const improveAfterMs = [200, 5000, 30_000, 300_000] as const

export interface PathKeeperInit {
  readonly connector: {
    /** The best open connection to a peer */
    best(peer: PeerId): Connection | undefined
    /** Tries for a path better than the relayed one; resolves to undefined when there is none */
    improve(peer: PeerId): Promise<Connection | undefined>
  }
  readonly connections: (peer: PeerId) => Connection[]
}

/**
 * Moves peers from relayed paths to direct ones: a relay forwards for free, little and not for long. The relayed
 * connection is held until a better one stands.
 */
export class PathKeeper {
  readonly #init: PathKeeperInit
  /** How to call off the next try, by peer */
  readonly #improving = new Map<string, () => void>()
  #isStopped = false

  constructor(init: PathKeeperInit) {
    this.#init = init
  }

  onConnection(connection: Connection): void {
    const peer = connection.remotePeer
    if (pathOf(connection) !== 'relayed') this.#closeRelayed(peer)
    else if (!this.#improving.has(peer.toString())) this.#improveLater(peer, 0)
  }

  stop(): void {
    this.#isStopped = true
    for (const callOff of this.#improving.values()) callOff()
    this.#improving.clear()
  }

  #improveLater(peer: PeerId, attempt: number): void {
    const delay = improveAfterMs[attempt]
    if (delay === undefined || this.#isStopped) return
    const callOff = systemClock.after(delay, () => void this.#improve(peer, attempt), { background: true })
    this.#improving.set(peer.toString(), callOff)
  }

  async #improve(peer: PeerId, attempt: number): Promise<void> {
    const best = this.#init.connector.best(peer)
    const isRelayed = best !== undefined && pathOf(best) === 'relayed'
    const better = isRelayed ? await this.#init.connector.improve(peer) : best
    this.#improving.delete(peer.toString())
    if (better === undefined && isRelayed) this.#improveLater(peer, attempt + 1)
    else if (better !== undefined) this.#closeRelayed(peer)
  }

  /** Calls on it are answered first; who follows a stream opens it again on the new path. */
  #closeRelayed(peer: PeerId): void {
    for (const connection of this.#init.connections(peer)) {
      if (pathOf(connection) === 'relayed') leaveConnection(connection)
    }
  }
}
