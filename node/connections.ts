import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../crdt/crypto/index.ts'
import { type DeviceDirectory, textToTwin, twinToText } from '../crdt/identity/index.ts'
import type { Spaces } from '../crdt/index.ts'
import type { Contacts } from '../protocols/contacts/index.ts'
import {
  type Caller,
  type Channel,
  createServer,
  type Logger,
  type ProtocolServer,
  type Service
} from '../protocols/core/index.ts'
import { createHello, type Hello, hello } from '../protocols/hello/index.ts'
import { sync, syncWith } from '../protocols/sync/index.ts'
import { libp2pChannel, registerServer } from './carriers/libp2p.ts'
import type { Mesh } from './mesh/index.ts'
import { SyncLinks } from './sync-links.ts'

const greetTimeoutMs = 10_000
/** Tries on one connection, with pauses of 0.4 s and twice as long each time */
const maxWelcomes = 6
const firstPauseMs = 200

export interface ConnectionsInit {
  readonly me: { readonly twin: Uint8Array; readonly transport: Uint8Array }
  readonly mesh: Mesh
  readonly directory: DeviceDirectory
  readonly crypto: Crypto
  readonly spaces: Spaces
  readonly isContact: (twin: Uint8Array) => boolean
  readonly log: Logger
}

/**
 * What happens on every connection, in order: hello, then the knocks and answers that wait, then a sync session with devices
 * of ours and of contacts. Contacts and own devices are kept connected.
 */
export class Connections {
  /** Answers sync sessions that others open */
  readonly sync: Service
  readonly #init: ConnectionsInit
  readonly #hello: Hello
  readonly #links: SyncLinks
  readonly #callers = new Map<string, Caller>()
  readonly #kept = new Set<string>()
  readonly #greetings = new Map<string, Promise<void>>()
  /** How often connected peers were asked in vain who they are */
  readonly #unknown = new Map<string, number>()
  #isStopped = false
  readonly #undo: (() => unknown)[] = []
  #contacts: Contacts | undefined

  constructor(init: ConnectionsInit) {
    this.#init = init
    const { mesh, directory, crypto, spaces, log } = init
    const { replica } = spaces
    this.#hello = createHello({
      me: init.me,
      directory,
      crypto,
      classOf: twin => (init.isContact(twin) ? 'contact' : 'stranger'),
      sharedWith: twin => (init.isContact(twin) ? replica.twinsSharedWith(twin) : []),
      closePeer: peer => this.#close(peer),
      channelTo: peer => libp2pChannel(mesh.node, peerIdFromString(peer)),
      log
    })
    this.sync = sync()({ replica, log }) as Service
    this.#links = new SyncLinks({
      self: mesh.peer,
      maySync: async peer => isOneOfUs(await this.#identify(peer)),
      runSession: async (peer, signal) => {
        const caller = this.#callers.get(peer)
        if (caller?.twin === undefined || caller.device === undefined) return
        const remote = { twin: textToTwin(caller.twin), device: caller.device }
        await syncWith({ replica, remote, channel: this.#channelTo(peer), log }, { signal })
      },
      log
    })
  }

  /** Serves, listens to the mesh and keeps connected whom the owner knows. */
  async start(server: ProtocolServer, contacts: Contacts): Promise<void> {
    const { mesh, directory, me, log, isContact } = this.#init
    this.#contacts = contacts
    // Hello's own streams cannot wait for hello, so they have a server of their own
    const greeter = createServer({ services: [hello()({ hello: this.#hello })], log })
    const atDoor = await registerServer(mesh.node, greeter, connection => this.#hello.peerOf(connection))
    const inside = await registerServer(mesh.node, server, connection => this.#hello.callerOf(connection))
    this.#undo.push(atDoor, inside, () => greeter.stop())
    this.#undo.push(
      mesh.on('peer:connect', ({ peer }) => this.#connected(peer)),
      mesh.on('peer:disconnect', ({ peer }) => this.#disconnected(peer)),
      contacts.onChange(() => {
        this.#dropFormer()
        this.#keep()
        this.#keepLists()
      }),
      directory.onChange(({ list }) => {
        if (equals(list.twin, me.twin)) {
          // A device was added or revoked: who is kept connected changes, and what our record says
          this.#keep()
          mesh.republish()
        } else if (isContact(list.twin)) {
          // The conversation with them may have waited for the keys of their devices
          contacts.onReachable(twinToText(list.twin)).catch(error => log.debug('A contact is not open yet: %o', error))
        }
      })
    )
    for (const { peer } of mesh.peers()) this.#connected(peer)
    this.#keep()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const step of this.#undo.splice(0)) await step()
    await this.#links.stop()
    this.#hello.stop()
  }

  /** A channel to a twin that has been told who we are. */
  async reach(twin: string, options: { signal: AbortSignal }): Promise<Channel> {
    const { mesh } = this.#init
    const connection = await mesh.connect(twin, options)
    const peer = connection.remotePeer.toString()
    await this.#identify(peer)
    return this.#channelTo(peer)
  }

  /** Twin id that a connected peer proved. */
  twinOf(peer: string): string | undefined {
    return this.#callers.get(peer)?.twin
  }

  #connected(peer: string): void {
    void this.#welcome(peer).catch(error => this.#init.log.debug('A peer was not greeted: %o', error))
  }

  async #welcome(peer: string): Promise<void> {
    const caller = await this.#identify(peer)
    if (!this.#isConnected(peer)) return
    // A twin that has just begun to listen may not serve yet; others never say who they are: meeting points have no hello
    if (caller.twin === undefined) this.#welcomeLater(peer)
    else await this.#contacts?.onReachable(caller.twin)
    if (this.#isConnected(peer)) this.#links.connected(peer)
  }

  #disconnected(peer: string): void {
    this.#links.disconnected(peer)
    this.#hello.disconnected(peer)
    this.#callers.delete(peer)
    this.#greetings.delete(peer)
    this.#unknown.delete(peer)
  }

  /** Who the peer is now: whoever dialled says hello, once a connection; the class is asked anew each time. */
  async #identify(peer: string): Promise<Caller> {
    const [connection] = this.#connectionsTo(peer)
    if (connection === undefined) return { class: 'stranger', peer }
    if (this.#hasDialled(peer)) {
      const greeting = this.#greetings.get(peer) ?? this.#greet(peer)
      this.#greetings.set(peer, greeting)
      await greeting
    }
    const caller = await this.#hello.callerOf(connection)
    this.#callers.set(peer, caller)
    return caller
  }

  async #greet(peer: string): Promise<void> {
    try {
      await this.#hello.greet(peer, this.#channelTo(peer), { signal: AbortSignal.timeout(greetTimeoutMs) })
    } catch (error) {
      this.#init.log.debug('Hello failed: %o', error)
      this.#greetings.delete(peer)
    }
  }

  #welcomeLater(peer: string): void {
    const failed = (this.#unknown.get(peer) ?? 0) + 1
    this.#unknown.set(peer, failed)
    if (failed > maxWelcomes || this.#isStopped) return
    const again = () => !this.#isStopped && this.#isConnected(peer) && this.#connected(peer)
    setTimeout(again, firstPauseMs * 2 ** failed).unref()
  }

  /** Contacts and own devices are dialled again whenever they are lost. */
  #keep(): void {
    const { mesh, directory, me } = this.#init
    const own = (directory.get(me.twin)?.devices() ?? [])
      .filter(({ number, certificate }) => certificate.role === 'node' && !directory.get(me.twin)?.isRevoked(number))
      .map(({ certificate }) => twinToText(certificate.transport))
      .filter(peer => peer !== mesh.peer)
    const wanted = new Set([...(this.#contacts?.wanted() ?? []), ...own])
    mesh.keepConnected([...wanted].filter(target => !this.#kept.has(target)))
    mesh.release([...this.#kept].filter(target => !wanted.has(target)))
    this.#kept.clear()
    for (const target of wanted) this.#kept.add(target)
    this.#links.wake()
  }

  /** Who became a contact while connected presented the list of devices as a stranger, whose lists are not kept. */
  #keepLists(): void {
    for (const { twin } of this.#callers.values()) {
      if (twin === undefined || !this.#init.isContact(textToTwin(twin))) continue
      this.#hello.keep(textToTwin(twin)).catch(error => this.#init.log.warn('A device list was not kept: %o', error))
    }
  }

  /** Whoever was blocked or removed loses the connection, and with it every session that runs on it. */
  #dropFormer(): void {
    for (const [peer, caller] of this.#callers) {
      if (caller.class !== 'contact' || caller.twin === undefined) continue
      if (this.#init.isContact(textToTwin(caller.twin))) continue
      this.#callers.delete(peer)
      this.#close(peer)
    }
  }

  #isConnected(peer: string): boolean {
    return this.#connectionsTo(peer).length > 0
  }

  /** Both may have dialled at once: then both say hello, which is better than neither. */
  #hasDialled(peer: string): boolean {
    return this.#connectionsTo(peer).some(({ direction }) => direction === 'outbound')
  }

  #connectionsTo(peer: string): Connection[] {
    return this.#init.mesh.node.getConnections(peerIdFromString(peer)).filter(({ status }) => status === 'open')
  }

  #channelTo(peer: string): Channel {
    return libp2pChannel(this.#init.mesh.node, peerIdFromString(peer))
  }

  #close(peer: string): void {
    for (const connection of this.#init.mesh.node.getConnections(peerIdFromString(peer))) {
      connection.close().catch(error => connection.abort(error))
    }
  }
}

function isOneOfUs(caller: Caller): boolean {
  return caller.class === 'owner' || caller.class === 'contact'
}
