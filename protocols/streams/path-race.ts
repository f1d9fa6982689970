import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { classifyAddress, compareAddresses, isWebrtcDirect } from './address-class.ts'

export interface PathRaceInit {
  readonly dial: (address: Multiaddr, signal: AbortSignal) => Promise<Connection>
  readonly signal: AbortSignal
  /** Attempts at once */
  readonly parallel?: number
  /** Pause before the next attempt while one is under way (RFC 8305 §5) */
  readonly delayMs?: number
  /** How long direct paths over TCP may try before others do, and a relayed one waits for a direct one to win */
  readonly headStartMs?: number
  /** Makes controllers whose signals many may wait on; default a plain one */
  readonly newController?: () => AbortController
}

const defaults = { parallel: 4, delayMs: 150, headStartMs: 800 }

/** Every address was tried or none was found; `cause` holds what the attempts said. */
export class NoPathError extends Error {
  override readonly name = 'NoPathError'
}

/**
 * Dials the addresses of one peer side by side, shortest path first, and keeps the first that stands. libp2p tries
 * them one after the other and prefers public ones, so that a dead address costs its whole timeout. Addresses may
 * still be found while others are being dialled.
 */
export class PathRace {
  readonly #init: PathRaceInit & typeof defaults
  readonly #seen = new Set<string>()
  readonly #waiting: Multiaddr[] = []
  readonly #errors: unknown[] = []
  readonly #stop: AbortController
  readonly #won: PromiseWithResolvers<Connection>
  #relayed: Connection | undefined
  #running = 0
  #open = true
  #done = false
  #lastAllowed = false
  #next: ReturnType<typeof setTimeout> | undefined
  readonly #headStart: ReturnType<typeof setTimeout>

  constructor(init: PathRaceInit) {
    this.#init = { ...defaults, ...init }
    this.#stop = init.newController?.() ?? new AbortController()
    this.#won = Promise.withResolvers()
    this.#won.promise.catch(() => {})
    this.#headStart = setTimeout(() => this.#endHeadStart(), this.#init.headStartMs)
    init.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  add(addresses: readonly Multiaddr[]): void {
    for (const address of addresses) {
      if (this.#seen.has(address.toString())) continue
      this.#seen.add(address.toString())
      this.#waiting.push(address)
    }
    this.#waiting.sort(compareAddresses)
    this.#pump()
  }

  /** No more addresses will come: when those tried have failed, the race is lost. */
  close(): void {
    this.#open = false
    this.#pump()
  }

  async winner(): Promise<Connection> {
    return await this.#won.promise
  }

  readonly #onAbort = () => this.#finish(undefined)

  #pump(): void {
    if (this.#done || this.#next !== undefined) return
    const index = this.#waiting.findIndex(address => this.#lastAllowed || !isLast(address))
    if (index >= 0 && this.#running < this.#init.parallel) {
      const [address] = this.#waiting.splice(index, 1)
      if (address !== undefined) void this.#try(address)
      this.#next = setTimeout(() => {
        this.#next = undefined
        this.#pump()
      }, this.#init.delayMs)
      return
    }
    if (this.#running > 0) return
    if (this.#waiting.length > 0) this.#endHeadStart()
    else if (this.#relayed !== undefined || !this.#open) this.#finish(this.#relayed)
  }

  async #try(address: Multiaddr): Promise<void> {
    this.#running++
    try {
      const connection = await this.#init.dial(address, this.#stop.signal)
      if (this.#done) void connection.close().catch(() => {})
      else if (!isRelayed(address)) this.#finish(connection)
      else this.#holdRelayed(connection)
    } catch (error) {
      this.#errors.push(error)
      if ((error as { code?: unknown }).code === 'ECONNREFUSED') this.#leaveOut(address)
    } finally {
      this.#running--
      // A failed attempt does not make the next one wait
      clearTimeout(this.#next)
      this.#next = undefined
      this.#pump()
    }
  }

  /**
   * UDP has the number of the TCP port: where a near machine refuses that, no process is left to answer on this. (Far away a
   * router may pass on the one and not the other.)
   */
  #leaveOut(refused: Multiaddr): void {
    const path = classifyAddress(refused)
    if (path !== 'loopback' && path !== 'lan') return
    const place = placeOf(refused)
    for (const [index, address] of [...this.#waiting.entries()].reverse()) {
      if (isWebrtcDirect(address) && placeOf(address) === place) this.#waiting.splice(index, 1)
    }
  }

  #holdRelayed(connection: Connection): void {
    if (this.#relayed !== undefined) {
      void connection.close().catch(() => {})
      return
    }
    this.#relayed = connection
    setTimeout(() => this.#finish(connection), this.#init.headStartMs)
  }

  #endHeadStart(): void {
    if (this.#lastAllowed) return
    this.#lastAllowed = true
    this.#pump()
  }

  #finish(connection: Connection | undefined): void {
    if (this.#done) return
    this.#done = true
    clearTimeout(this.#next)
    clearTimeout(this.#headStart)
    this.#init.signal.removeEventListener('abort', this.#onAbort)
    const winner = connection ?? this.#relayed
    if (winner === undefined) this.#won.reject(this.#failure())
    else this.#won.resolve(winner)
    if (this.#relayed !== undefined && this.#relayed !== winner) void this.#relayed.close().catch(() => {})
    this.#stop.abort()
  }

  #failure(): Error {
    if (this.#seen.size === 0) return new NoPathError('No address of the peer is known')
    const cause = this.#errors.length === 1 ? this.#errors[0] : new AggregateError(this.#errors)
    return new NoPathError(`None of the ${this.#seen.size} addresses of the peer answered`, { cause })
  }
}

/**
 * Relays are others' bandwidth. A native WebRTC stack beats JavaScript's TCP handshake on a busy machine and costs more from
 * then on.
 */
function isLast(address: Multiaddr): boolean {
  return isRelayed(address) || isWebrtcDirect(address)
}

/** Host and port, whatever is spoken there. */
function placeOf(address: Multiaddr): string {
  const [host, port] = address.getComponents()
  return `${host?.value}/${port?.value}`
}

function isRelayed(address: Multiaddr): boolean {
  const path = classifyAddress(address)
  return path === 'relayed' || path === 'hole-punched'
}
