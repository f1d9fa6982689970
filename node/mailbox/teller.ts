import type { Logger } from '../../protocols/core/index.ts'
import { BackOff } from '../../protocols/streams/index.ts'

export interface TellerInit {
  /** Says it to one device; rejects when it was not taken */
  readonly tell: (twin: string, peer: string, options: { signal: AbortSignal }) => Promise<unknown>
  readonly isConnected: (peer: string) => boolean
  readonly log: Logger
}

const tellTimeoutMs = 20_000

/** Says something to contacts each time that they are met, again with growing pauses while they are there and do not take it. */
export class Teller {
  readonly #init: TellerInit
  readonly #told = new Map<string, { readonly twin: string; readonly stop: AbortController }>()

  constructor(init: TellerInit) {
    this.#init = init
  }

  /** This device of a contact was reached. */
  met(twin: string, peer: string): void {
    this.#told.get(peer)?.stop.abort()
    const stop = new AbortController()
    this.#told.set(peer, { twin, stop })
    void this.#tell(twin, peer, new BackOff(1000, 60_000), stop.signal)
  }

  gone(peer: string): void {
    this.#told.get(peer)?.stop.abort()
    this.#told.delete(peer)
  }

  /** What there is to say has changed. */
  again(): void {
    for (const [peer, { twin }] of [...this.#told]) this.met(twin, peer)
  }

  stop(): void {
    for (const peer of [...this.#told.keys()]) this.gone(peer)
  }

  async #tell(twin: string, peer: string, pauses: BackOff, stopped: AbortSignal): Promise<void> {
    const { tell, isConnected, log } = this.#init
    try {
      await tell(twin, peer, { signal: AbortSignal.timeout(tellTimeoutMs) })
    } catch (error) {
      // Mostly too early: the other side has not put down yet that we are a contact
      log.debug('Mailboxes were not told: %o', error)
      if (stopped.aborted || !isConnected(peer)) return
      const timer = setTimeout(() => {
        if (!stopped.aborted) void this.#tell(twin, peer, pauses, stopped)
      }, pauses.next())
      timer.unref()
      stopped.addEventListener('abort', () => clearTimeout(timer), { once: true })
    }
  }
}
