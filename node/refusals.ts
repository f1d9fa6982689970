import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { equals } from 'uint8arrays/equals'
import { type DeviceDirectory, textToTwin, twinToText } from '../crdt/identity/index.ts'
import type { Contacts } from '../protocols/contacts/index.ts'
import type { Logger } from '../protocols/core/index.ts'
import type { Mesh } from './mesh/index.ts'

/** Devices of one blocked twin that are remembered though no list of theirs is kept; it could make any number of them */
const maxDevices = 64

export interface RefusalsInit {
  readonly me: { readonly twin: Uint8Array }
  readonly mesh: Pick<Mesh, 'peer' | 'trust'> & { readonly node: Pick<Mesh['node'], 'getConnections'> }
  readonly directory: DeviceDirectory
  /** Connected peers that proved to be this twin's */
  readonly peersOf: (twin: string) => readonly string[]
  /** Tells a device of this twin over a connection what it lacks of the device list */
  readonly tellList: (connection: Connection) => Promise<void>
  readonly log: Logger
}

/**
 * Whom the mesh refuses before a byte of theirs is read: devices of blocked twins, and revoked ones. A device that agreed to
 * belong to several twins is let in as long as one of them is not blocked and lists it. Devices of the own twin that were revoked
 * are told so by the list itself, on each connection that stands and, when they come back, on a few: else they would try for ever.
 */
export class Refusals {
  readonly #init: RefusalsInit
  /** Blocked twins, with those of their devices that were met */
  readonly #blocked = new Map<string, Set<string>>()

  constructor(init: RefusalsInit) {
    this.#init = init
  }

  /** Refuses who is blocked or revoked now, and follows what changes until the returned function is called. */
  async follow(contacts: Pick<Contacts, 'list' | 'onChange'>): Promise<() => void> {
    const { directory, me, log } = this.#init
    const undo = [
      directory.onChange(({ list }) => this.#look(list.twin)),
      contacts.onChange(({ type, record: { id, state } }) => {
        if (type === 'delete' || state !== 'blocked') this.#unblock(id)
        else this.#block(id).catch(error => log.error('The devices of a blocked twin were not read: %o', error))
      })
    ]
    this.#look(me.twin)
    for await (const { id } of contacts.list({ state: 'blocked' })) await this.#block(id)
    return () => {
      for (const step of undo) step()
    }
  }

  /** To be told who a peer proved to be; answers whether it is refused for that. */
  met(peer: string, twin: string): boolean {
    const known = this.#blocked.get(twin)
    if (known === undefined) return false
    if (known.size < maxDevices) known.add(peer)
    return this.#update(peer)
  }

  /** To be told of each connection. */
  opened(connection: Connection): void {
    if (this.#init.mesh.trust.isBanned(connection.remotePeer.toString())) void this.#end(connection)
  }

  /** Ends the connections with a peer, which is refused from now on if its device is revoked. */
  close(peer: string): void {
    if (!this.#update(peer)) this.#endAll(peer)
  }

  async #block(twin: string): Promise<void> {
    if (this.#blocked.has(twin)) return
    const { directory, peersOf } = this.#init
    this.#blocked.set(twin, new Set())
    for (const peer of peersOf(twin)) this.met(peer, twin)
    this.#look(textToTwin(twin))
    // Lists of people who were not met since the start are on disk only
    await directory.load(textToTwin(twin))
    this.#look(textToTwin(twin))
  }

  #unblock(twin: string): void {
    const known = this.#blocked.get(twin)
    if (known === undefined) return
    this.#blocked.delete(twin)
    for (const peer of known) this.#update(peer)
    this.#look(textToTwin(twin))
  }

  /** Judges every device of a twin anew. */
  #look(twin: Uint8Array): void {
    const devices = this.#init.directory.get(twin)?.devices() ?? []
    for (const { certificate } of devices) this.#update(twinToText(certificate.transport))
  }

  #update(peer: string): boolean {
    const { trust, peer: self } = this.#init.mesh
    const isRefused = peer !== self && this.#isRefused(peer)
    if (isRefused === trust.isBanned(peer)) return isRefused
    if (isRefused) {
      trust.ban(peer, { mayHear: this.#isOwn(peer) })
      this.#endAll(peer)
    } else {
      trust.unban(peer)
    }
    return isRefused
  }

  #isRefused(peer: string): boolean {
    const key = textToTwin(peer)
    const lists = this.#init.directory.withTransport(key)
    for (const list of lists) {
      if (!this.#blocked.has(twinToText(list.twin)) && !list.isRevoked(list.byTransport(key)!.number)) return false
    }
    return lists.length > 0 || [...this.#blocked.values()].some(known => known.has(peer))
  }

  #isOwn(peer: string): boolean {
    const { directory, me } = this.#init
    return directory.withTransport(textToTwin(peer)).some(({ twin }) => equals(twin, me.twin))
  }

  #endAll(peer: string): void {
    for (const connection of this.#init.mesh.node.getConnections(peerIdFromString(peer))) void this.#end(connection)
  }

  async #end(connection: Connection): Promise<void> {
    if (this.#isOwn(connection.remotePeer.toString())) {
      // Sessions and calls end now; hello is said on a stream of its own
      for (const stream of connection.streams) stream.abort(new Error('The device was revoked'))
      await this.#init
        .tellList(connection)
        .catch(error => this.#init.log.debug('A revoked device was not told: %o', error))
    }
    await connection.close().catch(error => connection.abort(error))
  }
}
