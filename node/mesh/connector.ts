import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { pause } from '../../protocols/core/index.ts'
import type { Components } from '../../protocols/streams/index.ts'
import { classifyAddress, dialAddress, isBetterPath, PathRace, pathOf } from '../../protocols/streams/index.ts'
import type { Limits } from '../limits.ts'
import type { Finder } from './find.ts'
import { anySignal, quietController, withTimeout } from './signals.ts'

export interface ConnectorInit {
  readonly components: Components
  readonly finder: Finder
  readonly limits: Limits
  readonly mayDial: (address: Multiaddr) => boolean
  /** Our relays: a peer may hold a reservation on one of them whatever its record says */
  readonly relays: () => Multiaddr[]
}

/** Others are asked where the peer is when its cached addresses have not answered for this long */
const askAfterMs = 200
/** A relay of ours is tried on a guess after this long */
const guessRelayAfterMs = 1500

/** Connects to one device, by whatever layer of discovery answers first. */
export class Connector {
  readonly #init: ConnectorInit
  readonly #underway = new Map<string, Promise<Connection>>()

  constructor(init: ConnectorInit) {
    this.#init = init
  }

  /** The best open connection to a peer, if there is one. */
  best(peer: PeerId): Connection | undefined {
    let best: Connection | undefined
    for (const connection of this.#init.components.connectionManager.getConnections(peer)) {
      if (connection.status !== 'open') continue
      if (best === undefined || isBetterPath(pathOf(connection), pathOf(best))) best = connection
    }
    return best
  }

  /**
   * An open connection, or a new one. Callers who want the same peer share one attempt. Nobody is asked about a peer
   * whose addresses are fixed, such as a bootstrap node: it has no record.
   */
  async connect(peer: PeerId, options: { signal?: AbortSignal; isFixed?: boolean } = {}): Promise<Connection> {
    options.signal?.throwIfAborted()
    const open = this.best(peer)
    if (open !== undefined) return open
    const id = peer.toString()
    let attempt = this.#underway.get(id)
    if (attempt === undefined) {
      attempt = this.#race(peer, () => true, options.isFixed).finally(() => this.#underway.delete(id))
      this.#underway.set(id, attempt)
    }
    return await raceAbort(attempt, options.signal)
  }

  /** Tries for a path better than the relayed one; resolves to undefined when there is none. */
  async improve(peer: PeerId): Promise<Connection | undefined> {
    const direct = await this.#race(peer, address => classifyAddress(address) !== 'relayed').catch(() => undefined)
    return direct
  }

  async #race(peer: PeerId, wanted: (address: Multiaddr) => boolean, isFixed = false): Promise<Connection> {
    const { components, limits, mayDial } = this.#init
    const signal = withTimeout(limits.dialTimeoutMs)
    const stop = new AbortController()
    const race = new PathRace({
      signal,
      newController: quietController,
      dial: (address, aborted) =>
        dialAddress(components, peer, address, {
          signal: aborted,
          timeoutMs: limits.addressDialTimeoutMs,
          newController: quietController,
          mayDial
        })
    })
    // Addresses of one peer are bounded: a record or a peer store full of them is a list of victims
    let room = limits.maxAddressesPerPeer * 2
    const add = (addresses: readonly Multiaddr[]) => {
      const taken = addresses.filter(wanted).slice(0, Math.max(0, room))
      room -= taken.length
      race.add(taken)
    }
    // Whoever waits for the winner hears that no more addresses came
    void this.#feed(peer, add, anySignal(signal, stop.signal), isFixed)
      .catch(() => {})
      .finally(() => race.close())
    try {
      return await race.winner()
    } finally {
      stop.abort()
    }
  }

  async #feed(
    peer: PeerId,
    add: (addresses: readonly Multiaddr[]) => void,
    signal: AbortSignal,
    isFixed: boolean
  ): Promise<void> {
    const { finder, relays } = this.#init
    const cached = await finder.cachedAddresses(peer)
    add(cached)
    if (isFixed) return
    await pause(cached.length > 0 ? askAfterMs : 0, signal)
    if (signal.aborted) return
    await Promise.allSettled([
      finder.publishedAddresses(peer, signal).then(add),
      pause(guessRelayAfterMs, signal).then(() => {
        if (!signal.aborted) add(relays().map(relay => relay.encapsulate(`/p2p-circuit/p2p/${peer.toString()}`)))
      })
    ])
  }
}

/** The attempt goes on for those who share it; only this caller stops waiting. */
async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  return await new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
