import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import type { Components } from '../../protocols/streams/index.ts'
import type { MeshServices } from './libp2p-config.ts'

/** Relay v2's protocol for the receiving end (libp2p specification, circuit relay v2) */
const stopProtocol = '/libp2p/circuit/relay/0.2.0/stop'
const hopProtocol = '/libp2p/circuit/relay/0.2.0/hop'
/** Relays held at once: one may vanish */
const maxRelays = 2
/** A relay that had no place is asked again after so long */
const reserveAgainAfterMs = [2000, 30_000, 300_000] as const

/** What libp2p's relay transport has beside its interface */
interface RelayTransport {
  readonly reservationStore: {
    hasReservation(peer: PeerId): boolean
    addRelay(peer: PeerId, type: 'configured'): Promise<unknown>
    reservationCount(): number
  }
  onStop(...args: Parameters<Parameters<Libp2p['handle']>[1]>): Promise<void>
}

/**
 * Holds reservations on our bootstrap relays, so that a twin behind a NAT can be reached. libp2p's own search walks
 * the DHT and dials every peer it meets for as long as a relay is missing; we only ask those we were told to trust.
 */
export class RelayKeeper {
  readonly #node: Libp2p<MeshServices>
  readonly #components: Components
  readonly #relays: ReadonlyMap<string, Multiaddr>
  readonly #onError: (error: unknown) => void
  readonly #listened = new Set<string>()
  readonly #transport: RelayTransport

  constructor(node: Libp2p<MeshServices>, relays: ReadonlyMap<string, Multiaddr>, onError: (error: unknown) => void) {
    this.#node = node
    this.#onError = onError
    this.#components = node.services.inner.components
    this.#relays = relays
    const transport = this.#components.transportManager
      .getTransports()
      .find(candidate => candidate[Symbol.toStringTag] === '@libp2p/circuit-relay-v2-transport')
    this.#transport = transport as unknown as RelayTransport // the transport's own class, see RelayTransport
  }

  /**
   * A peer that opens a `stop` stream makes libp2p ask it for a reservation and announce its relay address as ours.
   * Only relays that we chose may.
   */
  async guardStop(): Promise<void> {
    await this.#node.unhandle(stopProtocol)
    const onStop = this.#transport.onStop.bind(this.#transport)
    await this.#node.handle(
      stopProtocol,
      async (stream, connection) => {
        if (!this.#relays.has(connection.remotePeer.toString())) {
          stream.abort(new Error('Not a relay of this node'))
          return
        }
        await onStop(stream, connection)
      },
      { runOnLimitedConnection: true, maxInboundStreams: 64 }
    )
  }

  /** A peer was identified: if it is a relay of ours and we hold too few reservations, ask for one, more than once. */
  consider(peer: PeerId, protocols: readonly string[], attempt = 0): void {
    void this.#reserve(peer, protocols).catch(error => {
      this.#onError(error)
      const delay = reserveAgainAfterMs[attempt]
      if (delay === undefined || this.#node.status !== 'started') return
      const timer = setTimeout(() => {
        if (this.#node.getConnections(peer).length > 0) this.consider(peer, protocols, attempt + 1)
      }, delay)
      timer.unref()
    })
  }

  async #reserve(peer: PeerId, protocols: readonly string[]): Promise<void> {
    const address = this.#relays.get(peer.toString())
    const { reservationStore } = this.#transport
    if (address === undefined || !protocols.includes(hopProtocol)) return
    if (reservationStore.hasReservation(peer) || reservationStore.reservationCount() >= maxRelays) return
    if (this.#listened.has(peer.toString())) {
      // Its listener is still there and takes up the new reservation; a second one would announce everything twice
      await reservationStore.addRelay(peer, 'configured')
      return
    }
    this.#listened.add(peer.toString())
    try {
      await this.#components.transportManager.listen([address.encapsulate('/p2p-circuit')])
    } catch (error) {
      this.#listened.delete(peer.toString())
      throw error
    }
  }
}
