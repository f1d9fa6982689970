import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { anySignal, type Logger, systemClock } from '../protocols/core/index.ts'
import {
  classifyAddress,
  isBetterPath,
  Keeper,
  type PathClass,
  PathKeeper,
  pathOf,
  pingOver
} from '../protocols/streams/index.ts'
import { limits } from './limits.ts'
import type { PageNode } from './page-node.ts'
import { nodeOf, raceToNode } from './race-to-node.ts'

/** How the own twin is reached now. */
export type Path =
  | { readonly state: 'offline' | 'connecting' }
  | {
      readonly state: 'connected'
      /** Peer id of the node */
      readonly node: string
      readonly path: PathClass
      readonly transport: 'ws' | 'wss' | 'webrtc-direct' | 'webrtc' | 'relay'
      /** Round trip in ms, once it was measured */
      readonly latencyMs?: number
    }

export interface OwnNodesInit {
  readonly node: PageNode
  readonly log: Logger
  /** The path to the twin became another one, or was measured anew */
  readonly onPath: () => void
}

/** Keeps a connection with each node of the own twin, by the shortest path that works. The only place that dials again. */
export class OwnNodes {
  readonly #init: OwnNodesInit
  readonly #keeper: Keeper
  readonly #paths: PathKeeper
  readonly #addresses = new Map<string, Set<string>>()
  readonly #dialling = new Set<string>()
  readonly #latency = new WeakMap<Connection, number>()
  readonly #undo: (() => void)[] = []
  #callOff = () => {}
  /** The page was left, and may come back */
  #isGone = false

  constructor(init: OwnNodesInit) {
    this.#init = init
    this.#keeper = new Keeper({
      limits,
      isConnected: target => this.#best(target) !== undefined,
      connect: (target, { signal }) => this.#connect(target, signal)
    })
    this.#paths = new PathKeeper({
      connector: {
        best: peer => this.#best(peer.toString()),
        improve: peer => this.#improve(peer)
      },
      connections: peer => init.node.getConnections(peer)
    })
  }

  start(): void {
    const { node } = this.#init
    const opened = ({ detail }: CustomEvent<Connection>) => this.#opened(detail)
    const closed = ({ detail }: CustomEvent<Connection>) => this.#closed(detail)
    node.addEventListener('connection:open', opened)
    node.addEventListener('connection:close', closed)
    const again = () => this.wake()
    const shown = () => {
      if (document.visibilityState === 'visible') this.wake()
    }
    // Of a page that goes away WebRTC tells nobody, and the twin would think it here until it stays silent for long
    const left = () => {
      this.#isGone = true
      for (const connection of node.getConnections()) connection.abort(new Error('The page went away'))
    }
    const back = ({ persisted }: PageTransitionEvent) => {
      this.#isGone = false
      if (persisted) this.wake()
    }
    addEventListener('pagehide', left)
    addEventListener('pageshow', back)
    addEventListener('online', again)
    document.addEventListener('visibilitychange', shown)
    this.#undo.push(
      () => node.removeEventListener('connection:open', opened),
      () => node.removeEventListener('connection:close', closed),
      () => removeEventListener('pagehide', left),
      () => removeEventListener('pageshow', back),
      () => removeEventListener('online', again),
      () => document.removeEventListener('visibilitychange', shown)
    )
    this.#keeper.start()
    this.#measureLater()
  }

  stop(): void {
    for (const step of this.#undo.splice(0)) step()
    this.#callOff()
    this.#keeper.stop()
    this.#paths.stop()
  }

  /** Something may be better now, such as the network: tries at once. */
  wake(): void {
    for (const peer of this.#addresses.keys()) this.#keeper.wake(peer, true)
  }

  /** Multiaddrs that end in the peer id of a node. Answers all that are known by now. */
  learn(texts: readonly string[]): string[] {
    for (const text of texts) {
      const peer = nodeOf(text)
      if (peer === undefined) continue
      const known = this.#addresses.get(peer) ?? new Set()
      this.#addresses.set(peer, known)
      // The newest stay: ports and certificates change
      known.delete(text)
      known.add(text)
      for (const oldest of known) if (known.size > limits.maxAddressesPerNode) known.delete(oldest)
      this.#keeper.keep(peer)
    }
    return [...this.#addresses.values()].flatMap(known => [...known])
  }

  /** A device that is one no more. */
  drop(peer: string): void {
    this.#addresses.delete(peer)
    this.#keeper.drop(peer)
  }

  /** Relays over which nodes are reached. */
  relays(): string[] {
    const known = [...this.#addresses.values()].flatMap(addresses => [...addresses])
    return known.flatMap(address => /^(.+\/p2p\/[^/]+)\/p2p-circuit\/p2p\//.exec(address)?.[1] ?? [])
  }

  has(peer: string): boolean {
    return this.#addresses.has(peer)
  }

  /** The best connection with any of those nodes. */
  best(nodes: Iterable<string> = this.#addresses.keys()): Connection | undefined {
    let best: Connection | undefined
    for (const node of nodes) {
      const found = this.#best(node)
      if (found !== undefined && (best === undefined || isBetterPath(pathOf(found), pathOf(best)))) best = found
    }
    return best
  }

  path(nodes?: Iterable<string>): Path {
    const connection = this.best(nodes)
    if (connection === undefined) return { state: this.#dialling.size > 0 ? 'connecting' : 'offline' }
    const latencyMs = this.#latency.get(connection)
    return {
      state: 'connected',
      node: connection.remotePeer.toString(),
      path: pathOf(connection),
      transport: transportOf(connection.remoteAddr),
      ...(latencyMs !== undefined && { latencyMs })
    }
  }

  #best(target: string): Connection | undefined {
    let best: Connection | undefined
    for (const connection of this.#init.node.getConnections(peerIdFromString(target))) {
      if (connection.status !== 'open') continue
      if (best === undefined || isBetterPath(pathOf(connection), pathOf(best))) best = connection
    }
    return best
  }

  async #connect(target: string, signal: AbortSignal): Promise<void> {
    this.#dialling.add(target)
    this.#init.onPath()
    try {
      await this.#race(peerIdFromString(target), () => true, signal)
    } catch (error) {
      this.#init.log.debug('A node was not reached: %o', error)
      throw error
    } finally {
      this.#dialling.delete(target)
      this.#init.onPath()
    }
  }

  async #improve(peer: PeerId): Promise<Connection | undefined> {
    const isDirect = (address: string) => classifyAddress(multiaddr(address)) !== 'relayed'
    return await this.#race(peer, isDirect).catch(() => undefined)
  }

  #race(peer: PeerId, wanted: (address: string) => boolean, signal?: AbortSignal): Promise<Connection> {
    const { node } = this.#init
    const timeout = AbortSignal.timeout(limits.dialTimeoutMs)
    return raceToNode({
      node,
      peer,
      addresses: [...(this.#addresses.get(peer.toString()) ?? [])].filter(wanted),
      signal: signal === undefined ? timeout : anySignal(timeout, signal)
    })
  }

  #opened(connection: Connection): void {
    if (!this.has(connection.remotePeer.toString())) return
    this.#paths.onConnection(connection)
    this.#init.onPath()
    void this.#measure(connection)
  }

  #closed({ remotePeer }: Connection): void {
    if (!this.has(remotePeer.toString())) return
    if (!this.#isGone) this.#keeper.wake(remotePeer.toString())
    this.#init.onPath()
  }

  #measureLater(): void {
    this.#callOff = systemClock.after(limits.pingEveryMs, () => {
      const best = this.best()
      if (best !== undefined && document.visibilityState === 'visible') void this.#measure(best)
      this.#measureLater()
    })
  }

  async #measure(connection: Connection): Promise<void> {
    const signal = AbortSignal.timeout(limits.pingTimeoutMs)
    try {
      this.#latency.set(connection, await pingOver(connection, signal))
      this.#init.onPath()
    } catch (error) {
      this.#init.log.debug('A node was not measured: %o', error)
    }
  }
}

function transportOf(address: Multiaddr): 'ws' | 'wss' | 'webrtc-direct' | 'webrtc' | 'relay' {
  const names = address.getComponents().map(({ name }) => name)
  if (names.includes('webrtc-direct')) return 'webrtc-direct'
  if (names.includes('webrtc')) return 'webrtc'
  if (names.includes('p2p-circuit')) return 'relay'
  return names.includes('wss') || names.includes('tls') ? 'wss' : 'ws'
}
