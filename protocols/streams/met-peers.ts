import type { Connection, Libp2p } from '@libp2p/interface'
import type { Caller, Channel, Logger } from '../core/index.ts'
import { pathOf } from './address-class.ts'
import { followConnections } from './follow-connections.ts'
import { Greeter } from './greeter.ts'
import { bestConnection, type Libp2pNode, libp2pChannel } from './libp2p.ts'
import { SyncLinks } from './sync-links.ts'

/** What of hello is asked about peers. */
interface PeerHello {
  greet(peer: string, channel: Channel, options: { signal: AbortSignal }): Promise<unknown>
  callerOf(connection: Connection): Promise<Caller>
  disconnected(peer: string): void
}

export interface MetPeersInit {
  readonly node: Libp2pNode & Pick<Libp2p, 'peerId' | 'addEventListener' | 'removeEventListener'>
  /** Connections with a peer id, and a channel over the best of them */
  readonly connectionsWith: (peer: string) => Connection[]
  readonly channelTo: (peer: string) => Channel
  readonly hello: PeerHello
  /** Opens a session with a device and resolves when it is over */
  readonly syncWith: (remote: { twin: string; device: number }, channel: Channel, signal: AbortSignal) => Promise<void>
  readonly log: Logger
}

/** Who the connected peers have proved to be. Hello is said on every connection that this side dialled, and sync sessions are kept. */
export class MetPeers {
  /** By peer id */
  readonly callers = new Map<string, Caller>()
  readonly links: SyncLinks
  readonly #init: MetPeersInit
  readonly #greeter: Greeter<Connection>
  /** Peers whose session runs over a relay */
  readonly #relayed = new Set<string>()

  constructor(init: MetPeersInit) {
    const { node, channelTo, syncWith, log } = init
    this.#init = init
    this.#greeter = new Greeter({ log, greet: (connection, signal) => this.greet(connection, signal) })
    this.links = new SyncLinks({
      self: node.peerId.toString(),
      maySync: async peer => isOneOfUs(await this.identify(peer)),
      introduceAgain: peer => this.greetAgain(peer),
      runSession: async (peer, signal) => {
        const { twin, device } = this.callers.get(peer) ?? {}
        if (twin === undefined || device === undefined) return
        const channel = channelTo(peer)
        if (channel.relayed) this.#relayed.add(peer)
        await syncWith({ twin, device }, channel, signal).finally(() => this.#relayed.delete(peer))
      },
      log
    })
  }

  /** Greets from now on, until the returned function is called; `opened` and `closed` are told after that. */
  follow(opened: (connection: Connection) => void, closed: (connection: Connection) => void): () => void {
    return followConnections(this.#init.node, {
      opened: connection => {
        this.#greeter.opened(connection)
        this.#move(connection).catch(error => this.#init.log.debug('A session was not moved: %o', error))
        opened(connection)
      },
      closed: connection => {
        this.#greeter.closed(connection)
        closed(connection)
      }
    })
  }

  /** Who the peer is now; the class is asked anew each time. */
  async identify(peer: string): Promise<Caller> {
    const connection = this.connectionTo(peer)
    if (connection === undefined) return { class: 'stranger', peer }
    await this.#greeter.settled(peer)
    return await this.#init.hello.callerOf(connection)
  }

  /** Says hello over this very connection. */
  async greet(connection: Connection, signal: AbortSignal): Promise<void> {
    const channel = libp2pChannel(this.#init.node, connection)
    try {
      await this.#init.hello.greet(connection.remotePeer.toString(), channel, { signal })
    } finally {
      await channel.close()
    }
  }

  /** What we are to each other has changed. */
  async greetAgain(peer: string): Promise<void> {
    const connection = this.connectionTo(peer)
    if (connection !== undefined) await this.#greeter.again(connection)
  }

  /** To be told that the last connection with a peer has closed. */
  disconnected(peer: string): void {
    this.links.disconnected(peer)
    this.#init.hello.disconnected(peer)
    this.callers.delete(peer)
  }

  connectionTo(peer: string): Connection | undefined {
    return bestConnection(this.#init.connectionsWith(peer))
  }

  /** A session leaves the relay as soon as the peer is known on the better path: there it is slower, and may last a minute. */
  async #move(connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString()
    if (!this.#relayed.has(peer) || pathOf(connection) === 'relayed') return
    await this.#greeter.settled(peer)
    const caller = await this.#init.hello.callerOf(connection)
    if (isOneOfUs(caller) && this.#relayed.has(peer)) this.links.moved(peer)
  }

  async stop(): Promise<void> {
    this.#greeter.stop()
    await this.links.stop()
  }
}

/** Whom spaces are synced with, if they are in any. */
export function isOneOfUs(caller: Caller): boolean {
  return caller.class === 'owner' || caller.class === 'contact'
}
