import { peerIdFromString } from '@libp2p/peer-id'
import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../crdt/crypto/index.ts'
import { type DeviceDirectory, textToTwin, twinToText } from '../crdt/identity/index.ts'
import type { Spaces } from '../crdt/index.ts'
import {
  type Caller,
  type Channel,
  createServer,
  type Logger,
  ProtocolError,
  type ProtocolServer,
  type Service
} from '../protocols/core/index.ts'
import { createHello, type Hello, hello, sayFarewell } from '../protocols/hello/index.ts'
import { pairingProtocol } from '../protocols/pairing/protocol.ts'
import { isOneOfUs, libp2pChannel, MetPeers, registerServer } from '../protocols/streams/index.ts'
import { sync, syncWith } from '../protocols/sync/index.ts'
import { serverLimits } from './limits.ts'
import { liveNodes } from './live-nodes.ts'
import type { Mesh } from './mesh/index.ts'
import { OwnCertificate } from './own-certificate.ts'
import type { People } from './people.ts'
import { Refusals } from './refusals.ts'

export interface ConnectionsInit {
  readonly me: { readonly twin: Uint8Array; readonly transport: Uint8Array }
  readonly mesh: Mesh
  readonly directory: DeviceDirectory
  readonly crypto: Crypto
  readonly spaces: Spaces
  readonly isContact: (twin: Uint8Array) => boolean
  /** See `HelloInit` */
  readonly expectedHead: (twin: Uint8Array) => Uint8Array | undefined
  /** A device of a contact was reached and has heard who we are */
  readonly onMet?: (twin: string, peer: string) => void
  readonly log: Logger
}

/**
 * What happens on every connection, in order: hello, then the knocks and answers that wait, then a sync session with devices
 * of ours and of contacts. Contacts and own devices are kept connected.
 */
export class Connections {
  /** Answers sync sessions that others open */
  readonly sync: Service
  readonly certificate: OwnCertificate
  readonly #init: ConnectionsInit
  readonly #hello: Hello
  readonly #met: MetPeers
  readonly #refusals: Refusals
  readonly #kept = new Set<string>()
  readonly #undo: (() => unknown)[] = []
  #contacts: People | undefined

  constructor(init: ConnectionsInit) {
    this.#init = init
    const { mesh, directory, crypto, spaces, log } = init
    const { replica } = spaces
    this.#refusals = new Refusals({
      ...init,
      peersOf: twin => this.peersOf(twin),
      tellList: async connection => {
        const channel = libp2pChannel(mesh.node, connection)
        await sayFarewell({ ...init, channel }).finally(() => channel.close())
      }
    })
    this.certificate = new OwnCertificate(init)
    this.#hello = createHello({
      me: init.me,
      directory,
      crypto,
      classOf: twin => (init.isContact(twin) ? 'contact' : 'stranger'),
      expectedHead: init.expectedHead,
      sharedWith: twin => (init.isContact(twin) ? replica.twinsSharedWith(twin) : []),
      onCaller: (peer, caller) => this.#meet(peer, caller),
      onAnswer: (peer, refused) => this.certificate.answered(peer, refused),
      closePeer: peer => this.#refusals.close(peer),
      channelTo: peer => this.channelTo(peer),
      log
    })
    this.#met = new MetPeers({
      node: mesh.node,
      connectionsWith: peer => mesh.node.getConnections(peerIdFromString(peer)),
      channelTo: peer => this.channelTo(peer),
      hello: this.#hello,
      syncWith: ({ twin, device }, channel, signal) =>
        syncWith({ replica, remote: { twin: textToTwin(twin), device }, channel, log }, { signal }),
      log
    })
    this.sync = sync()({ replica, log }) as Service
  }

  /** Serves, follows the mesh and keeps connected whom the owner knows. To be called before the mesh listens. */
  async start(server: ProtocolServer, contacts: People): Promise<void> {
    const { mesh, directory, me, log, isContact } = this.#init
    this.#contacts = contacts
    // Hello's own streams cannot wait for hello, so they have a server of their own
    const greeter = createServer({ services: [hello()({ hello: this.#hello })], log, ...serverLimits(mesh.limits) })
    const atDoor = await registerServer(mesh.node, greeter, connection => this.#hello.peerOf(connection))
    // A device that is not one yet has nothing to say hello with
    const inside = await registerServer(mesh.node, server, (connection, id) =>
      this.#hello.callerOf(connection, !pairingProtocol.ids.includes(id))
    )
    this.#undo.push(atDoor, inside, () => greeter.stop())
    // Before all else that follows changes: who is unblocked is dialled again
    this.#undo.push(await this.#refusals.follow(contacts))
    this.#undo.push(
      this.#met.follow(
        connection => this.#refusals.opened(connection),
        () => {}
      ),
      mesh.on('peer:disconnect', ({ peer }) => this.#disconnected(peer)),
      contacts.onChange(() => {
        this.#classify()
        this.#keep()
      }),
      directory.onChange(({ list }) => {
        if (equals(list.twin, me.twin)) {
          // A device was added or revoked: who is kept connected changes, and what our record says
          this.#keep()
          mesh.republish()
          for (const peer of this.certificate.listChanged(this.#met.callers))
            this.#met.greetAgain(peer).catch(error => log.debug('A certificate was not presented again: %o', error))
        } else if (isContact(list.twin)) {
          // The conversation with them may have waited for the keys of their devices
          this.#deliver(twinToText(list.twin))
        }
      })
    )
    this.#keep()
  }

  async stop(): Promise<void> {
    for (const step of this.#undo.splice(0)) await step()
    await this.#met.stop()
    this.#hello.stop()
  }

  /**
   * A channel to a twin that was told who we are and has proved who it is.
   *
   * @throws {ProtocolError} `Unavailable` when whoever was reached is not a device of this twin
   */
  async reach(twin: string, options: { signal: AbortSignal }): Promise<Channel> {
    const { mesh } = this.#init
    const connection = await mesh.connect(twin, options)
    const peer = connection.remotePeer.toString()
    let caller = await this.#met.identify(peer)
    if (caller.twin !== twin) {
      // It was met before its list changed, and its invite names the list of now
      await this.#met.greetAgain(peer)
      caller = await this.#met.identify(peer)
    }
    if (caller.twin !== twin) throw new ProtocolError('Unavailable', 'The twin has not said who it is')
    return this.channelTo(peer)
  }

  /** A channel over the best connection with a peer. */
  channelTo(peer: string): Channel {
    return libp2pChannel(this.#init.mesh.node, peerIdFromString(peer))
  }

  /** Connected peers that proved to be devices of this twin. */
  peersOf(twin: string): string[] {
    return [...this.#met.callers.keys()].filter(peer => this.twinOf(peer) === twin)
  }

  /** What waits for anybody who is connected goes out. */
  deliverAll(): void {
    for (const { twin } of this.#met.callers.values()) if (twin !== undefined) this.#deliver(twin)
  }

  /** Twin id that a connected peer proved. */
  twinOf(peer: string): string | undefined {
    return this.#met.callers.get(peer)?.twin
  }

  /** A peer said who it is, on whichever of its connections. */
  #meet(peer: string, caller: Caller): void {
    if (this.#met.connectionTo(peer) === undefined) return
    this.#met.callers.set(peer, caller)
    if (caller.twin === undefined || this.#refusals.met(peer, caller.twin)) return
    // Browsers come by themselves: with one of them alone the twin is not reached
    if (this.#kept.has(caller.twin) && caller.role !== 'browser') this.#init.mesh.learn(caller.twin, peer)
    if (isOneOfUs(caller)) this.#met.links.connected(peer)
    if (caller.class === 'contact' && caller.role !== 'browser') this.#init.onMet?.(caller.twin, peer)
    this.#met.links.wake(peer)
    this.#deliver(caller.twin)
  }

  /** Knocks and answers that wait for a twin, and the conversation with it. */
  #deliver(twin: string): void {
    this.#contacts?.onReachable(twin).catch(error => this.#init.log.debug('Not all was delivered: %o', error))
  }

  #disconnected(peer: string): void {
    this.certificate.disconnected(peer)
    this.#met.disconnected(peer)
  }

  /** Contacts and own devices are dialled again whenever they are lost. */
  #keep(): void {
    const { mesh, directory, me } = this.#init
    const own = liveNodes(directory.get(me.twin)).filter(peer => peer !== mesh.peer)
    const wanted = new Set([...(this.#contacts?.wanted() ?? []), ...own])
    // Who is wanted may be here already, met by chance
    for (const [peer, { twin, role }] of this.#met.callers)
      if (twin !== undefined && wanted.has(twin) && role !== 'browser') mesh.learn(twin, peer)
    mesh.keepConnected([...wanted].filter(target => !this.#kept.has(target)))
    mesh.release([...this.#kept].filter(target => !wanted.has(target)))
    this.#kept.clear()
    for (const target of wanted) this.#kept.add(target)
  }

  /** What connected peers are to us now. */
  #classify(): void {
    const { isContact, log } = this.#init
    for (const [peer, caller] of this.#met.callers) {
      if (caller.twin === undefined || caller.class === 'owner') continue
      const twin = textToTwin(caller.twin)
      if (caller.class === 'contact' && !isContact(twin)) {
        // Blocked or removed: the connection goes, and with it every session that runs on it
        this.#met.callers.delete(peer)
        this.#refusals.close(peer)
      } else if (caller.class !== 'contact' && isContact(twin)) {
        this.#met.callers.set(peer, { ...caller, class: 'contact' })
        this.#met.links.connected(peer)
        // As a stranger it presented a device list that was not kept, and was told no lists of others
        this.#hello
          .keep(twin)
          .then(() => this.#met.greetAgain(peer))
          .catch(error => log.warn('A device list was not kept: %o', error))
      }
    }
    this.#met.links.wake()
  }
}
