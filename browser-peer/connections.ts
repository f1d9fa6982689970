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
import {
  bestConnection,
  followConnections,
  Greeter,
  libp2pChannel,
  registerServer,
  SyncLinks
} from '../protocols/streams/index.ts'
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
  readonly #greeter: Greeter<Connection>
  readonly #callers = new Map<string, Caller>()
  readonly #undo: (() => unknown)[] = []
  #synced: Synced | undefined
  #links: SyncLinks | undefined
  /** Connections in a row that ended at once */
  #shutOut = 0

  constructor(init: ConnectionsInit) {
    this.#init = init
    const { node, log } = init
    this.#hello = createHello({
      me: init.me,
      directory: init.directory,
      crypto: init.crypto,
      classOf: twin => (this.#isContact(twinToText(twin)) ? 'contact' : 'stranger'),
      sharedWith: twin =>
        this.#isContact(twinToText(twin)) ? (this.#synced?.replica.twinsSharedWith(twin) ?? []) : [],
      onCaller: (peer, caller) => this.#met(peer, caller),
      onAnswer: (_, refused) => {
        if (refused === 'expired') init.onRefused('expired')
      },
      closePeer: peer => this.#close(peer),
      channelTo: peer => libp2pChannel(node, peerIdFromString(peer)),
      log
    })
    this.#greeter = new Greeter({ log, greet: (connection, signal) => this.#greet(connection, signal) })
  }

  /** To be called before the node starts. */
  async start(): Promise<void> {
    const { node, log, directory } = this.#init
    const greeter = createServer({ services: [hello()({ hello: this.#hello })], log })
    this.#undo.push(
      await registerServer(node, greeter, connection => this.#hello.peerOf(connection)),
      () => greeter.stop(),
      followConnections(node, {
        opened: connection => this.#greeter.opened(connection),
        closed: connection => {
          this.#greeter.closed(connection)
          this.#count(connection)
        }
      })
    )
    const gone = ({ detail }: CustomEvent<{ toString(): string }>) => this.#disconnected(detail.toString())
    node.addEventListener('peer:disconnect', gone)
    // A node that was told of this browser a moment ago took it for a stranger
    const changed = directory.onChange(() => {
      for (const [peer, { twin }] of this.#callers) if (twin === undefined) void this.#greetAgain(peer)
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
    const links = new SyncLinks({
      self: node.peerId.toString(),
      maySync: async peer => this.#isOneOfUs(await this.#identify(peer)),
      introduceAgain: peer => this.#greetAgain(peer),
      runSession: async (peer, signal) => {
        const caller = this.#callers.get(peer)
        if (caller?.twin === undefined || caller.device === undefined) return
        const remote = { twin: textToTwin(caller.twin), device: caller.device }
        await synced.syncWith(remote, libp2pChannel(node, peerIdFromString(peer)), signal)
      },
      log
    })
    this.#links = links
    this.#undo.push(() => links.stop())
    for (const [peer, caller] of this.#callers) if (this.#isOneOfUs(caller)) links.connected(peer)
  }

  /** Who is a contact has changed. */
  async peopleChanged(): Promise<void> {
    for (const [peer, caller] of this.#callers) {
      if (caller.twin === undefined || caller.class === 'owner') continue
      const known = this.#isContact(caller.twin) ? 'contact' : 'stranger'
      if (known === caller.class) continue
      this.#callers.set(peer, { ...caller, class: known })
      if (known === 'stranger') this.#close(peer)
      else {
        await this.#hello.keep(textToTwin(caller.twin))
        await this.#greetAgain(peer)
        this.#links?.connected(peer)
      }
    }
    this.#links?.wake()
  }

  /** Connected peers that proved to be devices of the own twin. */
  *own(): Generator<string> {
    for (const [peer, caller] of this.#callers) if (caller.class === 'owner') yield peer
  }

  /** Peer ids of a connected device. */
  *peersOf(twin: string, device: number): Generator<string> {
    for (const [peer, caller] of this.#callers) if (caller.twin === twin && caller.device === device) yield peer
  }

  async stop(): Promise<void> {
    this.#greeter.stop()
    for (const step of this.#undo.splice(0).reverse()) await step()
    this.#hello.stop()
  }

  #isContact(twin: string): boolean {
    return this.#synced?.isContact(twin) ?? false
  }

  #isOneOfUs(caller: Caller): boolean {
    return caller.class === 'owner' || caller.class === 'contact'
  }

  /** A node bans what it has revoked, and tells it nothing: what is seen of that are connections that end at once. */
  #count({ direction, timeline, remotePeer }: Connection): void {
    const peer = remotePeer.toString()
    if (direction !== 'outbound' || !this.#init.isOwnNode(peer) || this.#callers.has(peer)) return
    const lastedMs = (timeline.close ?? Date.now()) - timeline.open
    this.#shutOut = lastedMs < atOnceMs ? this.#shutOut + 1 : 0
    if (this.#shutOut === enoughTimes) this.#init.onRefused('shut-out')
  }

  #met(peer: string, caller: Caller): void {
    if (this.#connectionTo(peer) === undefined) return
    this.#shutOut = 0
    this.#callers.set(peer, caller)
    if (this.#isOneOfUs(caller)) this.#links?.connected(peer)
    this.#links?.wake(peer)
    this.#init.onPeers()
  }

  #disconnected(peer: string): void {
    this.#links?.disconnected(peer)
    this.#hello.disconnected(peer)
    this.#callers.delete(peer)
    this.#init.onPeers()
  }

  async #identify(peer: string): Promise<Caller> {
    const connection = this.#connectionTo(peer)
    if (connection === undefined) return { class: 'stranger', peer }
    await this.#greeter.settled(peer)
    return await this.#hello.callerOf(connection)
  }

  async #greet(connection: Connection, signal: AbortSignal): Promise<void> {
    const channel = libp2pChannel(this.#init.node, connection)
    try {
      await this.#hello.greet(connection.remotePeer.toString(), channel, { signal })
    } finally {
      await channel.close()
    }
  }

  async #greetAgain(peer: string): Promise<void> {
    const connection = this.#connectionTo(peer)
    if (connection !== undefined) await this.#greeter.again(connection)
  }

  #close(peer: string): void {
    for (const connection of this.#init.node.getConnections(peerIdFromString(peer))) {
      connection.close().catch(error => connection.abort(error))
    }
  }

  #connectionTo(peer: string): Connection | undefined {
    return bestConnection(this.#init.node.getConnections(peerIdFromString(peer)))
  }
}

/** What the owner reads when something only the twin can do is asked while it is out of reach. */
export function outOfReach(): ProtocolError {
  return new ProtocolError('Unavailable', 'Your twin cannot be reached now. Is it running, and are you online?')
}
