import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Crypto } from '../crdt/crypto/index.ts'
import { type DeviceDirectory, textToTwin, twinToText } from '../crdt/identity/index.ts'
import type { LogId } from '../crdt/log/index.ts'
import type { Replica } from '../crdt/spaces/index.ts'
import {
  type Caller,
  type Channel,
  createServer,
  type Logger,
  ProtocolError,
  type Service
} from '../protocols/core/index.ts'
import { createHello, type Hello, hello } from '../protocols/hello/index.ts'
import { isOneOfUs, libp2pChannel, MetPeers, registerServer } from '../protocols/streams/index.ts'
import type { PageNode } from './page-node.ts'

export interface ConnectionsInit {
  readonly me: { readonly twin: Uint8Array; readonly transport: Uint8Array }
  readonly node: PageNode
  readonly directory: DeviceDirectory
  readonly crypto: Crypto
  readonly log: Logger
  /** Whether a peer is a node of the own twin */
  readonly isOwnNode: (peer: string) => boolean
  /** A device of the own twin or of a contact was met, or is gone */
  readonly onPeers: () => void
  /** A node does not let this browser in: its certificate ran out, or each connection is closed before a word is said */
  readonly onRefused: (reason: 'expired' | 'shut-out') => void
}

/** What is synced, and for whom: known once the spaces are open. */
export interface Synced {
  readonly replica: Replica
  readonly isContact: (twin: string) => boolean
  /** Answers sessions that others open */
  readonly sync: Service
  /** Opens a session and resolves when it is over */
  readonly syncWith: (remote: LogId, channel: Channel, signal: AbortSignal) => Promise<void>
}

/** A connection that lasts no longer was refused */
const atOnceMs = 3000
const enoughTimes = 3

/** What happens on every connection of the page: hello, then a sync session with devices of the own twin and of contacts. */
export class Connections {
  readonly #init: ConnectionsInit
  readonly #hello: Hello
  readonly #met: MetPeers
  readonly #undo: (() => unknown)[] = []
  #synced: Synced | undefined
  /** Connections in a row that ended at once */
  #shutOut = 0

  constructor(init: ConnectionsInit) {
    this.#init = init
    const { node, log } = init
    const channelTo = (peer: string) => libp2pChannel(node, peerIdFromString(peer))
    this.#hello = createHello({
      me: init.me,
      directory: init.directory,
      crypto: init.crypto,
      classOf: twin => (this.#isContact(twinToText(twin)) ? 'contact' : 'stranger'),
      sharedWith: twin =>
        this.#isContact(twinToText(twin)) ? (this.#synced?.replica.twinsSharedWith(twin) ?? []) : [],
      onCaller: (peer, caller) => this.#meet(peer, caller),
      onAnswer: (_, refused) => {
        if (refused === 'expired') init.onRefused('expired')
      },
      closePeer: peer => this.#close(peer),
      channelTo,
      log
    })
    this.#met = new MetPeers({
      node,
      connectionsWith: peer => node.getConnections(peerIdFromString(peer)),
      channelTo,
      hello: this.#hello,
      syncWith: async ({ twin, device }, channel, signal) =>
        await this.#synced?.syncWith({ twin: textToTwin(twin), device }, channel, signal),
      log
    })
  }

  /** To be called before the node starts. */
  async start(): Promise<void> {
    const { node, log, directory } = this.#init
    const greeter = createServer({ services: [hello()({ hello: this.#hello })], log })
    this.#undo.push(
      await registerServer(node, greeter, connection => this.#hello.peerOf(connection)),
      () => greeter.stop(),
      this.#met.follow(
        () => {},
        connection => this.#count(connection)
      )
    )
    const gone = ({ detail }: CustomEvent<{ toString(): string }>) => this.#disconnected(detail.toString())
    node.addEventListener('peer:disconnect', gone)
    // A node that was told of this browser a moment ago took it for a stranger
    const changed = directory.onChange(() => {
      for (const [peer, { twin }] of this.#met.callers) if (twin === undefined) void this.#met.greetAgain(peer)
    })
    this.#undo.push(() => node.removeEventListener('peer:disconnect', gone), changed)
  }

  /** Begins to sync. */
  async sync(synced: Synced): Promise<void> {
    const { node, log } = this.#init
    this.#synced = synced
    const server = createServer({ services: [synced.sync], log })
    this.#undo.push(await registerServer(node, server, connection => this.#hello.callerOf(connection)), () =>
      server.stop()
    )
    for (const [peer, caller] of this.#met.callers) if (isOneOfUs(caller)) this.#met.links.connected(peer)
  }

  /** Who is a contact has changed. */
  async peopleChanged(): Promise<void> {
    for (const [peer, caller] of this.#met.callers) {
      if (caller.twin === undefined || caller.class === 'owner') continue
      const known = this.#isContact(caller.twin) ? 'contact' : 'stranger'
      if (known === caller.class) continue
      this.#met.callers.set(peer, { ...caller, class: known })
      if (known === 'stranger') this.#close(peer)
      else {
        await this.#hello.keep(textToTwin(caller.twin))
        await this.#met.greetAgain(peer)
        this.#met.links.connected(peer)
      }
    }
    this.#met.links.wake()
  }

  /** Connected peers that proved to be devices of the own twin. */
  *own(): Generator<string> {
    for (const [peer, caller] of this.#met.callers) if (caller.class === 'owner') yield peer
  }

  /** Peer ids of a connected device. */
  *peersOf(twin: string, device: number): Generator<string> {
    for (const [peer, caller] of this.#met.callers) if (caller.twin === twin && caller.device === device) yield peer
  }

  async stop(): Promise<void> {
    await this.#met.stop()
    for (const step of this.#undo.splice(0).reverse()) await step()
    this.#hello.stop()
  }

  #isContact(twin: string): boolean {
    return this.#synced?.isContact(twin) ?? false
  }

  /** A node that has no time to tell what it revoked is seen by connections that end at once. */
  #count({ direction, timeline, remotePeer }: Connection): void {
    const peer = remotePeer.toString()
    if (direction !== 'outbound' || !this.#init.isOwnNode(peer) || this.#met.callers.has(peer)) return
    const lastedMs = (timeline.close ?? Date.now()) - timeline.open
    this.#shutOut = lastedMs < atOnceMs ? this.#shutOut + 1 : 0
    if (this.#shutOut === enoughTimes) this.#init.onRefused('shut-out')
  }

  #meet(peer: string, caller: Caller): void {
    if (this.#met.connectionTo(peer) === undefined) return
    this.#shutOut = 0
    this.#met.callers.set(peer, caller)
    if (this.#synced !== undefined && isOneOfUs(caller)) this.#met.links.connected(peer)
    this.#met.links.wake(peer)
    this.#init.onPeers()
  }

  #disconnected(peer: string): void {
    this.#met.disconnected(peer)
    this.#init.onPeers()
  }

  #close(peer: string): void {
    for (const connection of this.#init.node.getConnections(peerIdFromString(peer))) {
      connection.close().catch(error => connection.abort(error))
    }
  }
}

/** What the owner reads when something only the twin can do is asked while it is out of reach. */
export function outOfReach(): ProtocolError {
  return new ProtocolError('Unavailable', 'Your twin cannot be reached now. Is it running, and are you online?')
}
