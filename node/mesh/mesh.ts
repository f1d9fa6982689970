import type { Connection, PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import type { Logger } from '../../protocols/core/index.ts'
import type { Limits } from '../limits.ts'
import { peerOf } from './bootstrap-addresses.ts'
import { BufferWatch } from './buffer-watch.ts'
import type { ByteBudget } from './byte-budget.ts'
import { type AskContacts, Connector, pathOf } from './connector.ts'
import { Emitter, type MeshEvents } from './events.ts'
import { Finder, type FoundTwin, withTimeout } from './find.ts'
import { Keeper } from './keep-connected.ts'
import type { Components, MeshServices } from './libp2p-config.ts'
import { PathKeeper } from './path-keeper.ts'
import { idToKey } from './peer-keys.ts'
import { type PublishedRecords, Publisher } from './publisher.ts'
import { describePeers, describeReachability, type MeshPeer, type Reachability } from './reachability.ts'
import { RelayKeeper } from './relay-keeper.ts'
import { RememberedRecords } from './remembered-records.ts'
import type { Trust } from './trust.ts'
import { TwinConnector } from './twin-connector.ts'

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
  readonly #paths: PathKeeper
  readonly #twins: TwinConnector
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
    this.#twins = new TwinConnector({ finder: this.#finder, connector: this.#connector, self: this.peer })
    this.#paths = new PathKeeper({ connector: this.#connector, connections: peer => node.getConnections(peer) })
    this.#relays = new RelayKeeper(node, this.#relayAddresses, error =>
      log.debug('Could not reserve a place on a relay', error)
    )
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
    const signal = withTimeout(connectTimeoutMs, options.signal)
    if (typeof target !== 'string') return await this.#connector.connect(target, { signal })
    return await this.#twins.connect(target, signal)
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
    return this.#twins.best(target) !== undefined
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
    return describePeers(this.node.getPeers(), this.#connector)
  }

  /** Round trip to a connected peer in milliseconds. */
  async ping(peer: string, options?: { signal?: AbortSignal }): Promise<number> {
    return await this.node.services.ping.ping(peerIdFromString(peer), {
      signal: withTimeout(5000, options?.signal)
    })
  }

  reachability(): Reachability {
    return describeReachability(this.node.getMultiaddrs(), this.node.getPeers().length > 0)
  }

  /** Stops everything that was started and closes what was opened; calling it again waits for the same end. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stopOnce()
    await this.#stopped
  }

  async #stopOnce(): Promise<void> {
    this.#keeper.stop()
    this.#paths.stop()
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
      this.#relays.consider(detail.peerId, detail.protocols)
    })
    node.addEventListener('connection:open', ({ detail }) => {
      this.#emitter.emit('path', { peer: detail.remotePeer.toString(), path: pathOf(detail) })
      this.#paths.onConnection(detail)
    })
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

  #wake(peer: string, isSeen: boolean): void {
    for (const target of [peer, ...this.#twins.twinsWith(peer)]) this.#keeper.wake(target, isSeen)
  }

  /** Valued peers are the last to go when there are too many connections. */
  async #tag(target: string): Promise<void> {
    for (const device of await this.#twins.devicesOf(target)) {
      this.trust.add(device)
      const tags = { 'twin-kept': { value: 100 } }
      await this.node.peerStore.merge(peerIdFromString(device), { tags }).catch(() => {})
    }
  }
}
