import { availableParallelism } from 'node:os'

export interface StayAwakeInit {
  /** Processors of this machine; somebody else may need the only one */
  readonly processors?: number
  /** ms, of a clock that never goes back */
  readonly now?: () => number
  /** Runs something when all that is ready now is done, without a pause */
  readonly soon?: (turn: () => void) => void
}

/** What a call and its answer take on one machine or in one room, ms */
const awakeMs = 0.15
/** So many messages one behind the other, none later than that, and the next one is expected as soon */
const leastInRow = 8

/**
 * Keeps a process awake between calls that follow one another at once. Waking a processor for each of them takes longer than
 * the call, above all on a virtual machine. It goes to sleep as soon as nothing is sent for 0.15 ms, which is the most that
 * this spends on a message, and does not begin for whoever sends less often. Linux does the same below a socket, there called
 * busy polling: https://docs.kernel.org/networking/napi.html#busy-polling
 */
export class StayAwake {
  readonly #isOn: boolean
  readonly #now: () => number
  readonly #soon: (turn: () => void) => void
  #sentAt = Number.NEGATIVE_INFINITY
  #inRow = 0
  #isAwake = false

  constructor(init: StayAwakeInit = {}) {
    const { processors = availableParallelism(), now = () => performance.now(), soon = setImmediate } = init
    this.#isOn = processors > 1
    this.#now = now
    this.#soon = soon
  }

  /** To be called for each message that was sent. */
  sent(): void {
    if (!this.#isOn) return
    const now = this.#now()
    this.#inRow = now - this.#sentAt < awakeMs ? this.#inRow + 1 : 0
    this.#sentAt = now
    if (this.#inRow < leastInRow || this.#isAwake) return
    this.#isAwake = true
    this.#soon(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isAwake = this.#now() - this.#sentAt < awakeMs
    if (this.#isAwake) this.#soon(this.#turn)
  }
}
