/** Milliseconds for which others are shown what a device types while nothing of that device arrives. */
const shownMs = 4000

interface Shown {
  /** What has arrived of the device: its clock in the text */
  readonly state: number
  readonly isOver: boolean
  readonly timer: ReturnType<typeof setTimeout>
}

/**
 * What is typed is signed by nobody. It is shown for as long as an entry takes, and again once one has arrived: who stores nothing
 * shows nothing for long, whatever is said anew.
 */
export class TypedLapse {
  readonly #shown = new Map<number, Shown>()
  readonly #onLapse: (client: number) => void
  readonly #shownMs: number

  constructor(onLapse: (client: number) => void, ms = shownMs) {
    this.#onLapse = onLapse
    this.#shownMs = ms
  }

  /** Whether a device of which so much has arrived may show what has not. */
  mayShow(client: number, state: number): boolean {
    const known = this.#shown.get(client)
    if (known?.state === state) return !known.isOver
    clearTimeout(known?.timer)
    const timer = setTimeout(() => {
      this.#shown.set(client, { state, isOver: true, timer })
      this.#onLapse(client)
    }, this.#shownMs)
    // In Node it holds no process; in a page it is a number
    if (typeof timer === 'object') timer.unref()
    this.#shown.set(client, { state, isOver: false, timer })
    return true
  }

  stop(): void {
    for (const { timer } of this.#shown.values()) clearTimeout(timer)
    this.#shown.clear()
  }
}
