import type { Connection, ConnectionGater, MultiaddrConnection } from '@libp2p/interface'
import { getNetConfig, isLoopback, isNetworkAddress } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { BootstrapLimits } from './limits.ts'

export interface AddressSharesInit {
  readonly limits: Pick<
    BootstrapLimits,
    'maxPendingInbound' | 'maxPendingPerAddress' | 'maxConnectionsPerAddress' | 'maxConnectionsPerPeer'
  >
  readonly connections: () => readonly Connection[]
}

/**
 * Every address has a share of the unfinished handshakes and of the connections. libp2p counts over all addresses, so that one with
 * idle sockets would shut everybody out: here its own oldest socket makes room, and a flood evicts itself.
 */
export class AddressShares implements ConnectionGater {
  readonly #init: AddressSharesInit
  readonly #pending = new Map<string, Set<MultiaddrConnection>>()
  #total = 0

  constructor(init: AddressSharesInit) {
    this.#init = init
    this.denyInboundConnection = connection => this.#begin(connection)
    this.denyInboundUpgradedConnection = (peer, connection) => {
      this.#finish(connection)
      return this.#isFull(peer.toString(), addressGroup(connection.remoteAddr))
    }
  }

  // libp2p calls these without their object
  readonly denyInboundConnection: NonNullable<ConnectionGater['denyInboundConnection']>
  readonly denyInboundUpgradedConnection: NonNullable<ConnectionGater['denyInboundUpgradedConnection']>

  get pending(): number {
    return this.#total
  }

  #begin(connection: MultiaddrConnection): boolean {
    const { maxPendingPerAddress, maxPendingInbound } = this.#init.limits
    const group = addressGroup(connection.remoteAddr)
    const waiting = this.#pending.get(group) ?? new Set()
    this.#pending.set(group, waiting)
    waiting.add(connection)
    this.#total++
    connection.addEventListener('close', () => this.#finish(connection), { once: true })
    if (waiting.size > maxPendingPerAddress) this.#evict(waiting)
    if (this.#total > maxPendingInbound) this.#evict(this.#greediest())
    return false
  }

  #finish(connection: MultiaddrConnection): void {
    const group = addressGroup(connection.remoteAddr)
    const waiting = this.#pending.get(group)
    if (waiting?.delete(connection) !== true) return
    this.#total--
    if (waiting.size === 0) this.#pending.delete(group)
  }

  #evict(waiting: ReadonlySet<MultiaddrConnection>): void {
    const [oldest] = waiting
    if (oldest === undefined) return
    this.#finish(oldest)
    oldest.abort(new Error('Handshake took too long while others were waiting'))
  }

  #greediest(): ReadonlySet<MultiaddrConnection> {
    let greediest: ReadonlySet<MultiaddrConnection> = new Set()
    for (const waiting of this.#pending.values()) if (waiting.size > greediest.size) greediest = waiting
    return greediest
  }

  #isFull(peer: string, group: string): boolean {
    const { maxConnectionsPerPeer, maxConnectionsPerAddress } = this.#init.limits
    let [ofPeer, ofGroup] = [0, 0]
    for (const { remotePeer, remoteAddr } of this.#init.connections()) {
      if (remotePeer.toString() === peer) ofPeer++
      if (addressGroup(remoteAddr) === group) ofGroup++
    }
    // Many twins of one machine share a loopback address, and whoever is on it needs no network to do harm
    const isShared = group.startsWith('127.') || group === '::1'
    return ofPeer >= maxConnectionsPerPeer || (ofGroup >= maxConnectionsPerAddress && !isShared)
  }
}

/** What counts as one address: /24 of IPv4, /48 of IPv6. */
function addressGroup(address: Multiaddr): string {
  if (!isNetworkAddress(address)) return 'other'
  const { type, host } = getNetConfig(address)
  if (type === 'ip4') return isLoopback(address) ? host : host.split('.').slice(0, 3).join('.')
  if (type === 'ip6' && host !== '::1') return host.split(':').slice(0, 3).join(':')
  return host
}
