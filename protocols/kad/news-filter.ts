import type { PeerInfo } from '@libp2p/interface'

/** Peers remembered; a reply names twenty */
const maxPeers = 4000
/** A peer is told again after this long, so that what was lost meanwhile is learned anew */
const againAfterMs = 600_000

/**
 * Tells news from repetition. Every reply of the DHT names up to twenty peers with their addresses, nearly always the
 * same ones, and libp2p merges each into its peer store: a read, a comparison and a write to disk for nothing.
 */
export class NewsFilter {
  readonly #told = new Map<string, { readonly addresses: string; readonly at: number }>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  isNews({ id, multiaddrs }: PeerInfo): boolean {
    const name = id.toString()
    const addresses = multiaddrs.map(String).sort().join()
    const told = this.#told.get(name)
    const now = this.#now()
    if (told?.addresses === addresses && now - told.at < againAfterMs) return false
    this.#told.delete(name)
    this.#told.set(name, { addresses, at: now })
    if (this.#told.size > maxPeers) this.#told.delete(this.#told.keys().next().value ?? '')
    return true
  }
}
