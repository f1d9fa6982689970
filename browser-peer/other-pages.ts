import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Awareness } from 'y-protocols/awareness'
import { type DeviceDirectory, textToTwin, twinToText } from '../crdt/identity/index.ts'
import type { ShownPresence } from '../crdt/index.ts'
import { anySignal, type Logger, systemClock } from '../protocols/core/index.ts'
import { Keeper, leaveConnection, pathOf } from '../protocols/streams/index.ts'
import { limits } from './limits.ts'
import { isPageAddress, onePerRelay, pageAddresses } from './page-addresses.ts'
import type { PageNode } from './page-node.ts'
import { nodeOf, raceToNode } from './race-to-node.ts'

export interface OtherPagesInit {
  readonly node: PageNode
  readonly directory: DeviceDirectory
  /** Addresses of relays that the own nodes use, where this page can take a place too */
  readonly relays: () => readonly string[]
  readonly log: Logger
}

/**
 * Connections with the browsers of others who write in the same text. Where each can be reached stands in its presence, which the twins
 * pass on; who answers there is proved by hello, as everywhere. Once connected, two browsers go on without any twin.
 */
export class OtherPages {
  readonly #init: OtherPagesInit
  readonly #keeper: Keeper
  readonly #joined = new Map<Awareness, () => void>()
  readonly #addresses = new Map<string, readonly string[]>()
  readonly #self: string
  #isReserving = false

  constructor(init: OtherPagesInit) {
    this.#init = init
    this.#self = init.node.peerId.toString()
    this.#keeper = new Keeper({
      limits,
      isConnected: target => this.isDirect(target),
      connect: (target, { signal }) => this.#connect(target, signal)
    })
    this.#keeper.start()
    init.node.addEventListener('self:peer:update', this.#announce)
    init.node.addEventListener('connection:close', this.#closed)
  }

  /** Shows in the presence of a text where this page can be reached, and connects with those who show that. Answers how to leave. */
  join(awareness: Awareness): () => void {
    let known = ''
    const look = () => {
      const said = JSON.stringify([...awareness.getStates()].map(([client, { at }]) => [client, at]))
      // Cursors move many times a second, addresses stay
      if (said === known) return
      known = said
      this.#look()
    }
    awareness.on('change', look)
    const leave = () => {
      awareness.off('change', look)
      this.#joined.delete(awareness)
      this.#look()
    }
    this.#joined.set(awareness, leave)
    this.#announce()
    this.#look()
    return leave
  }

  /** Whether a page is connected without a relay. */
  isDirect(peer: string): boolean {
    return this.#connections(peer).some(connection => pathOf(connection) !== 'relayed')
  }

  /** Nodes are in reach again: so may relays be. */
  wake(): void {
    if (this.#joined.size > 0) void this.#reserve()
  }

  stop(): void {
    const { node } = this.#init
    node.removeEventListener('self:peer:update', this.#announce)
    node.removeEventListener('connection:close', this.#closed)
    for (const leave of [...this.#joined.values()]) leave()
    this.#keeper.stop()
  }

  readonly #announce = () => {
    const own = this.#init.node.getMultiaddrs().map(String)
    const at = own.filter(address => isPageAddress(address)).slice(0, limits.maxPageAddresses)
    for (const awareness of this.#joined.keys()) {
      const known: unknown = awareness.getLocalState()?.at
      if (JSON.stringify(known ?? []) !== JSON.stringify(at)) awareness.setLocalStateField('at', at)
    }
    if (at.length === 0 && this.#joined.size > 0) void this.#reserve()
  }

  readonly #closed = ({ detail }: CustomEvent<Connection>) => {
    this.#keeper.wake(detail.remotePeer.toString())
  }

  /** Everybody who shows an address is dialled again for as long as they are in one of the texts. */
  #look(): void {
    const present = new Set<string>()
    for (const awareness of this.#joined.keys()) {
      for (const [client, state] of awareness.getStates()) {
        if (client === awareness.clientID) continue
        // Written by the live presence, which checked it
        const { at = [], author } = state as Partial<ShownPresence>
        const peer = author && this.#peerOf(author)
        if (peer === undefined || peer === this.#self || present.size >= limits.maxOtherPages) continue
        const addresses = pageAddresses(peer, at, this.#init.relays())
        if (addresses.length === 0) continue
        present.add(peer)
        this.#addresses.set(peer, addresses)
        this.#keeper.keep(peer)
      }
    }
    for (const peer of [...this.#addresses.keys()]) {
      if (present.has(peer)) continue
      this.#addresses.delete(peer)
      this.#keeper.drop(peer)
    }
  }

  async #connect(target: string, signal: AbortSignal): Promise<void> {
    const { node, log } = this.#init
    const peer = peerIdFromString(target)
    // Of two that would dial each other at the same time one begins
    if (this.#self > target) await this.#headStart(signal)
    if (this.isDirect(target)) return
    const timeout = AbortSignal.timeout(limits.dialTimeoutMs)
    try {
      const isConnected = (relay: string) => this.#connections(relay).length > 0
      const addresses = onePerRelay(this.#addresses.get(target) ?? [], isConnected)
      await raceToNode({ node, peer, addresses, signal: anySignal(timeout, signal) })
      this.#closeRelayed(peer)
    } catch (error) {
      log.debug('Another page was not reached: %o', error)
      throw error
    }
  }

  #headStart(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const callOff = systemClock.after(limits.pageHeadStartMs, resolve)
      signal.addEventListener('abort', () => {
        callOff()
        resolve()
      })
    })
  }

  #closeRelayed(peer: PeerId): void {
    for (const connection of this.#connections(peer.toString())) {
      if (pathOf(connection) === 'relayed') leaveConnection(connection)
    }
  }

  /** A connection with a relay is enough: libp2p takes a place there by itself. */
  async #reserve(): Promise<void> {
    const { node, relays, log } = this.#init
    if (this.#isReserving || node.getMultiaddrs().some(address => isPageAddress(address.toString()))) return
    this.#isReserving = true
    try {
      const byRelay = Map.groupBy(relays(), relay => nodeOf(relay) ?? '')
      byRelay.delete('')
      const dials = [...byRelay].slice(0, limits.maxRelays).map(([relay, addresses]) => {
        const peer = peerIdFromString(relay)
        if (node.getConnections(peer).length > 0) return undefined
        return raceToNode({ node, peer, addresses, signal: AbortSignal.timeout(limits.dialTimeoutMs) })
      })
      for (const dial of await Promise.allSettled(dials)) {
        if (dial.status === 'rejected') log.debug('A relay was not reached: %o', dial.reason)
      }
    } finally {
      this.#isReserving = false
    }
  }

  /** By the list of its twin: what a presence says of itself is nobody's word. */
  #peerOf({ twin, device }: ShownPresence['author']): string | undefined {
    const listed = this.#init.directory.get(textToTwin(twin))?.device(device)
    return listed && twinToText(listed.certificate.transport)
  }

  #connections(peer: string): Connection[] {
    return this.#init.node.getConnections(peerIdFromString(peer)).filter(({ status }) => status === 'open')
  }
}
