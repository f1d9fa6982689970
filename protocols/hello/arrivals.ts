import type { Clock } from '../core/index.ts'
import { helloTimeoutMs } from './protocol.ts'

interface Arrival {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

/** Who is waited for: the hello of each peer, for at most 5 s from when it was first asked for. */
export class Arrivals {
  readonly #clock: Clock
  readonly #arrivals = new Map<string, Arrival>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when the peer has said hello, or will not. */
  wait(peer: string): Promise<void> {
    return this.#of(peer).promise
  }

  arrived(peer: string): void {
    this.#of(peer).resolve()
  }

  /** The next connection of the peer has its own time. */
  forget(peer: string): void {
    this.#arrivals.get(peer)?.resolve()
    this.#arrivals.delete(peer)
  }

  stop(): void {
    for (const { resolve } of this.#arrivals.values()) resolve()
  }

  #of(peer: string): Arrival {
    const known = this.#arrivals.get(peer)
    if (known !== undefined) return known
    let settle = () => {}
    const promise = new Promise<void>(resolve => {
      settle = resolve
    })
    const callOff = this.#clock.after(helloTimeoutMs, settle, { background: true })
    const arrival = {
      promise,
      resolve: () => {
        callOff()
        settle()
      }
    }
    this.#arrivals.set(peer, arrival)
    return arrival
  }
}
