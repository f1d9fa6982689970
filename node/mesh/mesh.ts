import type { Connection, PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import type { Logger } from '../../protocols/core/index.ts'
import type { Limits } from '../limits.ts'
import { classifyAddress, type PathClass } from './address-class.ts'
import { BufferWatch } from './buffer-watch.ts'
import type { ByteBudget } from './byte-budget.ts'
import { type AskContacts, Connector, pathOf } from './connector.ts'
import { Emitter, type MeshEvents } from './events.ts'
import { Finder, type FoundTwin, TwinNotFoundError, withTimeout } from './find.ts'
import { Keeper } from './keep-connected.ts'
import type { Components, MeshServices } from './libp2p-config.ts'
import { idToKey, keyToPeerId } from './peer-keys.ts'
import { type PublishedRecords, Publisher } from './publisher.ts'
import { RelayKeeper } from './relay-keeper.ts'
import { RememberedRecords } from './remembered-records.ts'
import type { Trust } from './trust.ts'

export interface MeshPeer {
  readonly peer: string
  readonly path: PathClass
  readonly address: string
  /** Round trip of the last ping, milliseconds; undefined until the first */
  readonly latencyMs: number | undefined
  readonly direction: 'inbound' | 'outbound'
}

export interface Reachability {
  /** `direct`: at a public address; `relayed`: through a relay; `local`: on this machine or network only */
  readonly state: 'direct' | 'relayed' | 'local' | 'unknown'
  readonly publicAddresses: string[]
  readonly relays: string[]
}

export interface MeshParts {
  readonly node: Libp2p<MeshServices>
  readonly secret: Uint8Array
  readonly limits: Limits
  readonly budget: ByteBudget
  readonly bootstrap: readonly Multiaddr[]
  readonly publicBootstrap: readonly Multiaddr[]
  readonly trust: Trust
  readonly log: Logger
  readonly close: () => Promise<void>
}

const connectTimeoutMs = 15_000
/** A relay that had no place is asked again after so long */
const reserveAgainAfterMs = [2000, 30_000, 300_000] as const
/** Tries for a better path than a relayed one, after so long */
const improveAfterMs = [200, 5000, 30_000, 300_000] as const

/** A twin's place in the mesh: finds twins, holds connections to them, keeps its own records findable. */
export class Mesh {
  readonly node: Libp2p<MeshServices>
  readonly limits: Limits
  readonly budget: ByteBudget
  readonly trust: Trust
  readonly #parts: MeshParts
  readonly #components: Components
  readonly #dhts: readonly KadDHT[]
  readonly #remembered: RememberedRecords
  readonly #finder: Finder
  readonly #connector: Connector
  readonly #publisher: Publisher
  readonly #keeper: Keeper
  readonly #relays: RelayKeeper
  readonly #relayAddresses: ReadonlyMap<string, Multiaddr>
  readonly #emitter: Emitter
  readonly #improving = new Map<string, NodeJS.Timeout>()
  readonly #devicesOf = new Map<string, Set<string>>()
  #askContacts: AskContacts | undefined
  #watch: BufferWatch | undefined
  #stopped: Promise<void> | undefined

  constructor(parts: MeshParts) {
    const { node, limits, bootstrap, log } = parts
    this.#parts = parts
    this.node = node
    this.limits = limits
    this.budget = parts.budget
    this.trust = parts.trust
    this.#components = node.services.inner.components
    const components = this.#components
    const dhts: KadDHT[] = [
      node.services.dht,
      ...(node.services.publicDht === undefined ? [] : [node.services.publicDht])
    ]
    this.#dhts = dhts
    this.#remembered = new RememberedRecords(components.datastore)
    const remembered = this.#remembered
    this.#relayAddresses = new Map(bootstrap.map(address => [peerOf(address), address]))
    this.#finder = new Finder({
      dhts,
      remembered,
      peerStore: node.peerStore,
      self: node.peerId,
      ownAddresses: () => node.getMultiaddrs()
    })
    this.#connector = new Connector({
      components,
      finder: this.#finder,
      limits,
      relays: () => [...this.#relayAddresses.values()],
      askContacts: () => this.#askContacts
    })
    this.#publisher = new Publisher({
      dhts,
      remembered,
      key: idToKey(node.peerId.toString()),
      secret: parts.secret,
      addresses: () => node.getMultiaddrs(),
      onError: error => log.debug('Could not publish a record', error)
    })
    this.#keeper = new Keeper({
      limits,
      isConnected: target => this.isConnected(target),
      connect: (target, options) => this.connect(target, options)
    })
    this.#relays = new RelayKeeper(node, this.#relayAddresses)
    this.#emitter = new Emitter(error => log.error('A listener of the mesh failed', error))
  }

  /** Peer id of this device. */
  get peer(): string {
    return this.node.peerId.toString()
  }

  addresses(): string[] {
    return this.node.getMultiaddrs().map(String)
  }

  on<K extends keyof MeshEvents>(event: K, listener: (event: MeshEvents[K]) => void): () => void {
    return this.#emitter.on(event, listener)
  }

  /** Listens; joins the others in the background. */
  async start(): Promise<void> {
    this.#listen()
    await this.node.start()
    await this.#relays.guardStop()
    this.#watch = new BufferWatch(() => this.node.getConnections(), this.budget)
    this.#publisher.start()
    for (const address of [...this.#parts.bootstrap, ...this.#parts.publicBootstrap]) {
      const peer = peerIdFromString(peerOf(address))
      if (peer.equals(this.node.peerId)) continue
      this.trust.add(peer.toString())
      await this.node.peerStore.merge(peer, { multiaddrs: [address] })
      this.#keeper.keep(peer.toString())
    }
  }

  /** Looks a twin up by its id. Throws `TypeError` for what is no id and `TwinNotFoundError`. */
  async find(id: string, options?: { signal?: AbortSignal }): Promise<FoundTwin> {
    return await this.#finder.find(id, options)
  }

  /**
   * A connection to a device (its peer id) or to any device of a twin (its id), within 15 s unless `signal` is sooner.
   */
  async connect(target: string | PeerId, options: { signal?: AbortSignal } = {}): Promise<Connection> {
    const id = target.toString()
    const signal = withTimeout(connectTimeoutMs, options.signal)
    const open = this.#best(id)
    if (open !== undefined) return open
    const peer = peerIdFromString(id)
    if (typeof target !== 'string') return await this.#connector.connect(peer, { signal })
    // An id with addresses is a device; whether it has a record as well need not be waited for
    const cached = await this.#finder.cachedAddresses(peer)
    const ways = [this.#connectByRecord(id, signal)]
    if (cached.length > 0) ways.push(this.#connector.connect(peer, { signal }))
    return await first(ways)
  }

  /** Keeps connections to twins or devices, dialling again with growing pauses, until `release` drops them. */
  keepConnected(targets: Iterable<string>): void {
    for (const target of targets) {
      this.trust.add(target)
      this.#keeper.keep(target)
      void this.#tag(target)
    }
  }

  release(targets: Iterable<string>): void {
    for (const target of targets) {
      this.trust.remove(target)
      this.#keeper.drop(target)
    }
  }

  isConnected(target: string): boolean {
    return this.#best(target) !== undefined
  }

  /** Publishes the records, and again whenever that is needed. */
  async publish(records: PublishedRecords): Promise<void> {
    await this.#publisher.set(records)
  }

  /** A record got out of date (a new list head, a new mailbox): publish soon. */
  republish(): void {
    this.#publisher.trigger()
  }

  /** An invite named the lowest sequence its twin's owner record may have: nothing older will be believed. */
  async expectSequence(id: string, sequence: bigint): Promise<void> {
    await this.#remembered.raiseLeastSequence(idToKey(id), sequence)
  }

  /** Highest sequence seen of a twin's owner record, for an invite; 0 if none. */
  async sequenceOf(id: string): Promise<bigint> {
    return await this.#remembered.leastSequence(idToKey(id))
  }

  /** How contacts' twins are asked where a device is. */
  askContactsWith(ask: AskContacts | undefined): void {
    this.#askContacts = ask
  }

  /** Addresses we know of a device, to answer a contact who asks. */
  async addressesOf(peer: string): Promise<string[]> {
    return (await this.#finder.cachedAddresses(peerIdFromString(peer))).map(String)
  }

  peers(): MeshPeer[] {
    return this.node.getPeers().flatMap(id => {
      const connection = this.#connector.best(id)
      if (connection === undefined) return []
      const { remoteAddr, rtt, direction } = connection
      const path = pathOf(connection)
      return [{ peer: id.toString(), path, address: remoteAddr.toString(), latencyMs: rtt, direction }]
    })
  }

  /** Round trip to a connected peer in milliseconds. */
  async ping(peer: string, options?: { signal?: AbortSignal }): Promise<number> {
    return await this.node.services.ping.ping(peerIdFromString(peer), {
      signal: withTimeout(5000, options?.signal)
    })
  }

  reachability(): Reachability {
    const addresses = this.node.getMultiaddrs()
    const publicAddresses = addresses.filter(address => classifyAddress(address) === 'public').map(String)
    const relays = addresses.filter(address => classifyAddress(address) === 'relayed').map(String)
    const hasPeers = this.node.getPeers().length > 0
    const state = publicAddresses.length > 0 ? 'direct' : relays.length > 0 ? 'relayed' : hasPeers ? 'local' : 'unknown'
    return { state, publicAddresses, relays }
  }

  /** Stops everything that was started and closes what was opened; calling it again waits for the same end. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stopOnce()
    await this.#stopped
  }

  async #stopOnce(): Promise<void> {
    this.#keeper.stop()
    for (const timer of this.#improving.values()) clearTimeout(timer)
    this.#improving.clear()
    this.#watch?.stop()
    await this.#publisher.stop()
    await this.node.stop()
    this.#emitter.clear()
    await this.#parts.close()
  }

  #listen(): void {
    const { node } = this
    node.addEventListener('peer:connect', ({ detail }) => {
      this.#emitter.emit('peer:connect', { peer: detail.toString() })
    })
    node.addEventListener('peer:disconnect', ({ detail }) => {
      this.#emitter.emit('peer:disconnect', { peer: detail.toString() })
      this.#wake(detail.toString(), false)
    })
    node.addEventListener('peer:discovery', ({ detail }) => this.#wake(detail.id.toString(), true))
    node.addEventListener('peer:identify', ({ detail }) => {
      this.#reserve(detail.peerId, detail.protocols, 0)
    })
    node.addEventListener('connection:open', ({ detail }) => this.#onConnection(detail))
    node.addEventListener('self:peer:update', () => {
      this.#emitter.emit('addresses', { addresses: this.addresses() })
      this.#publisher.trigger()
    })
    // The routing table is there whatever interface the service shows
    for (const dht of this.#dhts) {
      const { routingTable } = dht as unknown as { routingTable: EventTarget }
      routingTable.addEventListener('peer:add', () => this.#publisher.trigger())
    }
  }

  #reserve(peer: PeerId, protocols: readonly string[], attempt: number): void {
    void this.#relays.consider(peer, protocols).catch(error => {
      this.#parts.log.debug('Could not reserve a place on a relay', error)
      if (attempt === reserveAgainAfterMs.length || this.#stopped !== undefined) return
      const timer = setTimeout(() => {
        if (this.isConnected(peer.toString())) this.#reserve(peer, protocols, attempt + 1)
      }, reserveAgainAfterMs[attempt])
      timer.unref()
    })
  }

  #onConnection(connection: Connection): void {
    const peer = connection.remotePeer
    this.#emitter.emit('path', { peer: peer.toString(), path: pathOf(connection) })
    if (pathOf(connection) === 'relayed') this.#improveLater(peer, 0)
    else this.#closeRelayed(peer)
  }

  /** The relay is for what cannot do without; streams on it end and their owners open them again on the new path. */
  #closeRelayed(peer: PeerId): void {
    for (const connection of this.node.getConnections(peer)) {
      if (pathOf(connection) === 'relayed') void connection.close().catch(error => connection.abort(error))
    }
  }

  #improveLater(peer: PeerId, attempt: number): void {
    const id = peer.toString()
    const delay = improveAfterMs[attempt]
    if (delay === undefined || this.#stopped !== undefined || (attempt === 0 && this.#improving.has(id))) return
    const timer = setTimeout(() => {
      const best = this.#connector.best(peer)
      if (best === undefined || pathOf(best) !== 'relayed') {
        this.#improving.delete(id)
        this.#closeRelayed(peer)
        return
      }
      void this.#connector.improve(peer).then(better => {
        this.#improving.delete(id)
        if (better === undefined) this.#improveLater(peer, attempt + 1)
      })
    }, delay)
    timer.unref()
    this.#improving.set(id, timer)
  }

  #best(target: string): Connection | undefined {
    for (const device of [target, ...(this.#devicesOf.get(target) ?? [])]) {
      const connection = this.#connector.best(peerIdFromString(device))
      if (connection !== undefined) return connection
    }
    return undefined
  }

  async #devices(id: string, read: (key: Uint8Array) => ReturnType<Finder['recall']>): Promise<string[] | undefined> {
    const known = await read(idToKey(id))
    if (known?.node !== undefined) return [id]
    if (known?.owner === undefined) return undefined
    const devices = known.owner.admins.map(admin => keyToPeerId(admin).toString())
    this.#devicesOf.set(id, new Set(devices))
    return devices
  }

  async #connectByRecord(id: string, signal: AbortSignal): Promise<Connection> {
    const recalled = await this.#devices(id, key => this.#finder.recall(key))
    if (recalled !== undefined) {
      const connection = await this.#connectAny(recalled, signal).catch(() => undefined)
      if (connection !== undefined) return connection
    }
    const found = (await this.#devices(id, key => this.#finder.read(key, signal))) ?? recalled
    if (found !== undefined) return await this.#connectAny(found, signal)
    // No record under this id: a device that published none, or nobody
    return await this.#connector.connect(peerIdFromString(id), { signal }).catch(cause => {
      throw new TwinNotFoundError('Nobody with this id was found: check the id, and that it is online', { cause })
    })
  }

  async #connectAny(devices: readonly string[], signal: AbortSignal): Promise<Connection> {
    const others = devices.filter(device => device !== this.peer)
    if (others.length === 0) throw new TwinNotFoundError('The twin has no other device to connect to')
    return await first(others.map(device => this.#connector.connect(peerIdFromString(device), { signal })))
  }

  #wake(peer: string, isSeen: boolean): void {
    this.#keeper.wake(peer, isSeen)
    for (const [twin, devices] of this.#devicesOf) if (devices.has(peer)) this.#keeper.wake(twin, isSeen)
  }

  /** Valued peers are the last to go when there are too many connections. */
  async #tag(target: string): Promise<void> {
    const known = await this.#devices(target, key => this.#finder.recall(key)).catch(() => undefined)
    for (const device of known ?? [target]) {
      this.trust.add(device)
      await this.node.peerStore
        .merge(peerIdFromString(device), { tags: { 'twin-kept': { value: 100 } } })
        .catch(() => {})
    }
  }
}

/** The first that succeeds; if none does, the reason of the first, which says more than that all were rejected. */
async function first<T>(attempts: readonly Promise<T>[]): Promise<T> {
  try {
    return await Promise.any(attempts)
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  }
}

function peerOf(address: Multiaddr): string {
  const peer = address.getComponents().findLast(component => component.code === CODE_P2P)?.value
  if (peer === undefined) throw new TypeError(`Bootstrap address ${address} must end in /p2p/ and a peer id`)
  return peer
}

export function parseBootstrap(list: readonly string[]): Multiaddr[] {
  return list.map(text => {
    let address: Multiaddr
    try {
      address = multiaddr(text)
    } catch (cause) {
      throw new TypeError(`Bootstrap address ${text} is not a multiaddr such as /ip4/1.2.3.4/tcp/4001/p2p/12D3KooW…`, {
        cause
      })
    }
    peerOf(address)
    return address
  })
}
