import { systemClock } from '../core/index.ts'
import { BackOff } from './back-off.ts'

export interface KeeperInit {
  /** Of the pauses between attempts, in ms */
  readonly limits: { readonly reconnectFirstMs: number; readonly reconnectMaxMs: number }
  /** Whether the target is reached now */
  readonly isConnected: (target: string) => boolean
  readonly connect: (target: string, options: { signal: AbortSignal }) => Promise<unknown>
}

/**
 * Keeps a connection to everybody we care about: the only place that dials again. libp2p's KEEP_ALIVE gives up after
 * five attempts and knows peers, not twins.
 */
export class Keeper {
  readonly #init: KeeperInit
  readonly #loops = new Map<string, KeepLoop>()
  #isStarted = false

  constructor(init: KeeperInit) {
    this.#init = init
  }

  /** Whom to keep may be said before; dialling begins here. */
  start(): void {
    this.#isStarted = true
    for (const loop of this.#loops.values()) loop.start()
  }

  keep(target: string): void {
    if (this.#loops.has(target)) return
    const loop = new KeepLoop(this.#init, target)
    this.#loops.set(target, loop)
    if (this.#isStarted) loop.start()
  }

  keeps(target: string): boolean {
    return this.#loops.has(target)
  }

  drop(target: string): void {
    this.#loops.get(target)?.stop()
    this.#loops.delete(target)
  }

  /** Something about the target changed (it went, it was seen): look at once instead of at the end of the pause. */
  wake(target: string, afterFailures = false): void {
    this.#loops.get(target)?.wake(afterFailures)
  }

  wakeAll(): void {
    for (const loop of this.#loops.values()) loop.wake(false)
  }

  stop(): void {
    for (const loop of this.#loops.values()) loop.stop()
    this.#loops.clear()
  }
}

/** Connected longer than this, a peer counts as well: the next loss starts with short pauses again. */
const steadyMs = 30_000

class KeepLoop {
  readonly #init: KeeperInit
  readonly #target: string
  readonly #backOff: BackOff
  readonly #stop = new AbortController()
  #callOff = () => {}
  #dialling = false
  #since: number | undefined

  constructor(init: KeeperInit, target: string) {
    this.#init = init
    this.#target = target
    this.#backOff = new BackOff(init.limits.reconnectFirstMs, init.limits.reconnectMaxMs)
  }

  start(): void {
    this.#schedule(0)
  }

  wake(resetPauses: boolean): void {
    if (resetPauses) this.#backOff.reset()
    if (this.#since !== undefined && !this.#init.isConnected(this.#target)) {
      if (performance.now() - this.#since > steadyMs) this.#backOff.reset()
      this.#since = undefined
      this.#schedule(this.#backOff.next())
    } else if (resetPauses) this.#schedule(0)
  }

  stop(): void {
    this.#stop.abort()
    this.#callOff()
  }

  #schedule(ms: number): void {
    if (this.#stop.signal.aborted) return
    this.#callOff()
    this.#callOff = systemClock.after(ms, () => void this.#look(), { background: true })
  }

  async #look(): Promise<void> {
    if (this.#dialling || this.#stop.signal.aborted) return
    if (this.#init.isConnected(this.#target)) {
      this.#since ??= performance.now()
      return
    }
    this.#dialling = true
    try {
      // Its own deadlines are inside connect
      await this.#init.connect(this.#target, { signal: this.#stop.signal })
      this.#since = performance.now()
    } catch {
      // Off, or not to be found: expected, and tried again
    } finally {
      this.#dialling = false
    }
    if (this.#init.isConnected(this.#target)) this.#since ??= performance.now()
    else this.#schedule(this.#backOff.next())
  }
}
