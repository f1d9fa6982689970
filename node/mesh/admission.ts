import type { MultiaddrConnection } from '@libp2p/interface'
import { getNetConfig, isLoopback, isNetworkAddress } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Limits } from '../limits.ts'
import { TokenBuckets } from './token-buckets.ts'

export interface AdmissionInit {
  readonly limits: Limits
  /** Whether an address is one that a contact or a device of ours was last seen at */
  readonly isKnown?: (group: string) => boolean
  readonly now?: () => number
}

/**
 * Who may begin a handshake. libp2p counts unfinished handshakes over all addresses and refuses newcomers when they
 * are too many, so that one address with idle sockets shuts everybody out. Here every address has a share, and it is
 * the oldest unfinished socket of the greediest address that makes room: a flood evicts itself.
 */
export class Admission {
  readonly #limits: Limits
  readonly #isKnown: (group: string) => boolean
  readonly #rates: TokenBuckets
  readonly #pending = new Map<string, Set<MultiaddrConnection>>()
  #total = 0

  constructor({ limits, isKnown = () => false, now }: AdmissionInit) {
    this.#limits = limits
    this.#isKnown = isKnown
    this.#rates = new TokenBuckets(now)
  }

  get pending(): number {
    return this.#total
  }

  /** Takes in a new inbound socket, or refuses it because its address came too often. */
  begin(connection: MultiaddrConnection): boolean {
    const group = addressGroup(connection.remoteAddr)
    if (!this.#isWithinRate(group, connection.remoteAddr)) return false
    const waiting = this.#pending.get(group) ?? new Set()
    this.#pending.set(group, waiting)
    waiting.add(connection)
    this.#total++
    connection.addEventListener('close', () => this.finish(connection), { once: true })
    if (waiting.size > this.#limits.maxPendingPerAddress) this.#evict(waiting)
    if (this.#total > this.#limits.maxPendingInbound) this.#evict(this.#greediest())
    return true
  }

  /** The handshake is over, well or badly. */
  finish(connection: MultiaddrConnection): void {
    const group = addressGroup(connection.remoteAddr)
    const waiting = this.#pending.get(group)
    if (waiting?.delete(connection) !== true) return
    this.#total--
    if (waiting.size === 0) this.#pending.delete(group)
  }

  #isWithinRate(group: string, address: Multiaddr): boolean {
    const { handshakesPerLoopback, handshakesPerAddress, handshakesFromStrangers } = this.#limits
    if (isNetworkAddress(address) && isLoopback(address)) return this.#rates.take(group, handshakesPerLoopback)
    if (!this.#rates.take(group, handshakesPerAddress)) return false
    return this.#isKnown(group) || this.#rates.take('strangers', handshakesFromStrangers)
  }

  #greediest(): Set<MultiaddrConnection> {
    let greediest = new Set<MultiaddrConnection>()
    for (const waiting of this.#pending.values()) if (waiting.size > greediest.size) greediest = waiting
    return greediest
  }

  #evict(waiting: Set<MultiaddrConnection>): void {
    const [oldest] = waiting
    if (oldest === undefined) return
    this.finish(oldest)
    oldest.abort(new Error('Handshake took too long while others were waiting'))
  }
}

/** The network an address stands for when counting: /24 of IPv4, /48 of IPv6; a relay counts as its own address. */
export function addressGroup(address: Multiaddr): string {
  if (!isNetworkAddress(address)) return 'other'
  const { type, host } = getNetConfig(address)
  if (type === 'ip4') return isLoopback(address) ? host : host.split('.').slice(0, 3).join('.')
  if (type === 'ip6') return host.split(':').slice(0, 3).join(':')
  return host
}
