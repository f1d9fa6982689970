import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Libp2p } from 'libp2p'
import { Keeper, pathOf, pingOver } from '../../protocols/streams/index.ts'
import type { Limits } from '../limits.ts'
import { peerOf } from './bootstrap-addresses.ts'
import { BufferWatch } from './buffer-watch.ts'
import type { ByteBudget } from './byte-budget.ts'
import { leaveUdpListeners } from './end-webrtc.ts'
import { Emitter, type MeshEvents } from './events.ts'
import type { FoundTwin } from './find.ts'
import type { MeshServices } from './libp2p-config.ts'
import { assembleParts, type MeshGround, type MeshParts } from './mesh-parts.ts'
import type { PublishedRecords } from './own-records.ts'
import { idToKey } from './peer-keys.ts'
import { describePeers, describeReachability, type MeshPeer, type Reachability } from './reachability.ts'
import { withTimeout } from './signals.ts'
import type { Trust } from './trust.ts'

const connectTimeoutMs = 15_000
/** With so many connections a neighbour is dialled only when it is wanted */
const enoughPeers = 32

/** A twin's place in the mesh: finds twins, holds connections to them, keeps its own records findable. */
export class Mesh {
  readonly node: Libp2p<MeshServices>
  readonly limits: Limits
  readonly budget: ByteBudget
  readonly trust: Trust
  readonly #ground: MeshGround
  readonly #parts: MeshParts
  readonly #keeper: Keeper
  readonly #emitter: Emitter
  #watch: BufferWatch | undefined
  /** Own addresses as last seen */
  #known: ReadonlySet<string> = new Set()
  #stopped: Promise<void> | undefined

  constructor(ground: MeshGround) {
    const { node, limits, budget, trust, log } = ground
    this.node = node
    this.limits = limits
    this.budget = budget
    this.trust = trust
    this.#ground = ground
    this.#parts = assembleParts(ground)
    this.#keeper = new Keeper({
      limits,
      isConnected: target => this.isConnected(target),
      connect: (target, options) => this.connect(target, options)
    })
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
    await this.#ground.beforeListening()
    await this.node.start()
    await this.#parts.relays.guardStop()
    this.#watch = new BufferWatch(() => this.node.getConnections(), this.budget)
    this.#parts.publisher.start()
    for (const address of [...this.#ground.bootstrap, ...this.#ground.publicBootstrap]) {
      const peer = peerIdFromString(peerOf(address))
      if (peer.equals(this.node.peerId)) continue
      this.trust.add(peer.toString())
      await this.node.peerStore.merge(peer, { multiaddrs: [address] })
      this.#keeper.keep(peer.toString())
    }
    this.#keeper.start()
  }

  /** Looks a twin up by its id. Throws `TypeError` for what is no id and `TwinNotFoundError`. */
  async find(id: string, options?: { signal?: AbortSignal }): Promise<FoundTwin> {
    return await this.#parts.finder.find(id, options)
  }

  /**
   * A connection to a device (its peer id) or to any device of a twin (its id), within 15 s unless `signal` is sooner.
   */
  async connect(target: string | PeerId, options: { signal?: AbortSignal } = {}): Promise<Connection> {
    const signal = withTimeout(connectTimeoutMs, options.signal)
    if (typeof target !== 'string') return await this.#parts.connector.connect(target, { signal })
    return await this.#parts.twins.connect(target, signal)
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
      void this.#parts.twins.devicesOf(target).then(devices => {
        for (const device of devices) if (!this.#keeper.keeps(device)) this.trust.remove(device)
      })
    }
  }

  isConnected(target: string): boolean {
    return this.#parts.twins.best(target) !== undefined
  }

  /** A device proved that it is this twin's. */
  learn(twin: string, device: string): void {
    this.#parts.twins.learn(twin, device)
    // Who came by a knock was not known by a device when it was decided to keep it
    if (this.#keeper.keeps(twin)) void this.#value(device)
  }

  /** Publishes the records, and again whenever that is needed. */
  async publish(records: PublishedRecords): Promise<void> {
    await this.#parts.records.set(records)
    this.#parts.publisher.trigger()
  }

  /** A record got out of date (a new list head, a new mailbox): publish soon. */
  republish(): void {
    this.#parts.records.expire()
    this.#parts.publisher.trigger()
  }

  /** An invite named the lowest sequence its twin's owner record may have: nothing older will be believed. */
  async expectSequence(id: string, sequence: bigint): Promise<void> {
    await this.#parts.remembered.raiseLeastSequence(idToKey(id), sequence)
  }

  /** Highest sequence seen of a twin's owner record, for an invite; 0 if none. */
  async sequenceOf(id: string): Promise<bigint> {
    return await this.#parts.remembered.leastSequence(idToKey(id))
  }

  /** Addresses we know of a device, to answer a contact who asks. */
  async addressesOf(peer: string): Promise<string[]> {
    return (await this.#parts.finder.cachedAddresses(peerIdFromString(peer))).map(String)
  }

  peers(): MeshPeer[] {
    return describePeers(this.node.getPeers(), this.#parts.connector)
  }

  /** The same, with round trips also of connections that have just opened. */
  async measuredPeers(options?: { signal?: AbortSignal }): Promise<MeshPeer[]> {
    await this.#parts.pings.measure(this.node.getConnections(), options?.signal)
    return this.peers()
  }

  /** A twin on the local network was seen: with few connections it is a way into the mesh without a bootstrap node. */
  meet(peer: PeerId): void {
    this.trust.add(peer.toString())
    this.#wake(peer.toString(), true)
    const dial = () => {
      if (this.node.status !== 'started' || this.node.getPeers().length >= enoughPeers) return
      void this.#parts.connector.connect(peer, { isFixed: true }).catch(() => {})
    }
    // Its addresses reach the peer store in the same moment; neighbours answer while we are still starting
    if (this.node.status === 'started') setImmediate(dial)
    else this.node.addEventListener('start', () => setImmediate(dial), { once: true })
  }

  /** Round trip to a connected peer in milliseconds. */
  async ping(peer: string, options?: { signal?: AbortSignal }): Promise<number> {
    const connection = this.#parts.connector.best(peerIdFromString(peer))
    if (connection === undefined) throw new Error('The peer is not connected')
    return await pingOver(connection, withTimeout(5000, options?.signal))
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
    this.#parts.paths.stop()
    this.#watch?.stop()
    await this.#parts.publisher.stop()
    if (this.#ground.endsWithProcess) leaveUdpListeners(this.node)
    await this.node.stop()
    this.#emitter.clear()
    await this.#ground.close()
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
      this.#parts.relays.consider(detail.peerId, detail.protocols)
    })
    node.addEventListener('connection:open', ({ detail }) => {
      this.#emitter.emit('path', { peer: detail.remotePeer.toString(), path: pathOf(detail) })
      this.#parts.paths.onConnection(detail)
    })
    node.addEventListener('self:peer:update', () => {
      const addresses = this.addresses()
      this.#emitter.emit('addresses', { addresses })
      const hasNew = addresses.some(address => !this.#known.has(address))
      this.#known = new Set(addresses)
      if (hasNew) this.#parts.publisher.trigger()
      else this.#parts.publisher.triggerLater()
    })
  }

  #wake(peer: string, isSeen: boolean): void {
    for (const target of [peer, ...this.#parts.twins.twinsWith(peer)]) this.#keeper.wake(target, isSeen)
  }

  /** Valued peers are the last to go when there are too many connections. */
  async #tag(target: string): Promise<void> {
    for (const device of await this.#parts.twins.devicesOf(target)) await this.#value(device)
  }

  async #value(device: string): Promise<void> {
    this.trust.add(device)
    const tags = { 'twin-kept': { value: 100 } }
    await this.node.peerStore.merge(peerIdFromString(device), { tags }).catch(() => {})
  }
}
