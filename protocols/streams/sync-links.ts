import { anySignal, type Logger, systemClock } from '../core/index.ts'

export interface SyncLinksInit {
  /** Peer id of this device; of two devices the one with the lower peer id opens the session */
  readonly self: string
  /** Whether the device at the other end is known to be the owner's or a contact's now */
  readonly maySync: (peer: string) => Promise<boolean>
  /** Says once more who we are: a session that ended at once may have been refused because the other end forgot */
  readonly introduceAgain?: (peer: string) => Promise<void>
  /** Runs one session until it ends */
  readonly runSession: (peer: string, signal: AbortSignal) => Promise<void>
  readonly log: Logger
  readonly firstPauseMs?: number
  readonly maxPauseMs?: number
  /** A session is ended and opened again after this time: whatever was missed in it is found then */
  readonly resyncMs?: number
}

/** Keeps one sync session with every connected device that we share spaces with. */
export class SyncLinks {
  readonly #init: SyncLinksInit
  readonly #links = new Map<string, Link>()

  constructor(init: SyncLinksInit) {
    this.#init = init
  }

  connected(peer: string): void {
    // The other side opens; it has the same connection
    if (peer <= this.#init.self || this.#links.has(peer)) return
    this.#links.set(peer, new Link(this.#init, peer))
  }

  disconnected(peer: string): void {
    this.#links.get(peer)?.stop()
    this.#links.delete(peer)
  }

  /** A better path to this peer stands: a session that runs is opened again on it, at once. */
  moved(peer: string): void {
    this.#links.get(peer)?.move()
  }

  /** What this peer, or anybody, is to us changed: look again now. */
  wake(peer?: string): void {
    if (peer === undefined) for (const link of this.#links.values()) link.wake()
    else this.#links.get(peer)?.wake()
  }

  /** Peers with a running session that this side opened. */
  running(): string[] {
    return [...this.#links].flatMap(([peer, link]) => (link.isRunning ? [peer] : []))
  }

  async stop(): Promise<void> {
    const links = [...this.#links.values()]
    this.#links.clear()
    for (const link of links) link.stop()
    await Promise.all(links.map(link => link.ended))
  }
}

/** A session that ends sooner was refused, or its connection went */
const shortMs = 2000
const defaults = { firstPauseMs: 250, maxPauseMs: 30_000, resyncMs: 15 * 60_000 }

class Link {
  readonly ended: Promise<void>
  isRunning = false
  readonly #init: SyncLinksInit & typeof defaults
  readonly #peer: string
  readonly #stop = new AbortController()
  #move = new AbortController()
  #wake = () => {}
  /** Something happened since the last try began */
  #isWoken = false

  constructor(init: SyncLinksInit, peer: string) {
    this.#init = { ...defaults, ...init }
    this.#peer = peer
    this.ended = this.#loop()
  }

  wake(): void {
    this.#isWoken = true
    this.#wake()
  }

  move(): void {
    if (this.isRunning) this.#move.abort()
  }

  stop(): void {
    this.#stop.abort()
    this.#wake()
  }

  async #loop(): Promise<void> {
    const { firstPauseMs, maxPauseMs, log } = this.#init
    let pauseMs = firstPauseMs
    let wasShort = false
    while (!this.#stop.signal.aborted) {
      const started = performance.now()
      try {
        if (wasShort) await this.#init.introduceAgain?.(this.#peer)
        // The introduction itself is news of the peer, and none that needs another try
        this.#isWoken = false
        if (await this.#init.maySync(this.#peer)) {
          this.isRunning = true
          this.#move = new AbortController()
          const until = AbortSignal.timeout(this.#init.resyncMs)
          await this.#init.runSession(this.#peer, anySignal(this.#stop.signal, this.#move.signal, until))
        }
      } catch (error) {
        log.debug('A sync session ended: %o', error)
      } finally {
        this.isRunning = false
      }
      if (this.#move.signal.aborted) {
        this.#move = new AbortController()
        wasShort = false
        continue
      }
      const lastedMs = performance.now() - started
      wasShort = lastedMs < shortMs
      // A session that lasted was a good one: the next try comes soon
      if (lastedMs > maxPauseMs) pauseMs = firstPauseMs
      const wasWoken = await this.#pause(pauseMs)
      pauseMs = wasWoken ? firstPauseMs : Math.min(maxPauseMs, pauseMs * 2)
    }
  }

  /** Answers whether something happened that makes another try worth while before the time is over. */
  #pause(ms: number): Promise<boolean> {
    if (this.#stop.signal.aborted) return Promise.resolve(false)
    // While a try runs it may just have been too early
    if (this.#isWoken) return Promise.resolve(true)
    return new Promise(resolve => {
      const callOff = systemClock.after(ms, () => resolve(false), { background: true })
      this.#wake = () => {
        callOff()
        resolve(true)
      }
    })
  }
}
