/** Work outside the process that the code waits for in earnest (WebCrypto); time stands still until it is over. */
export interface RealWork {
  settled(): Promise<void> | undefined
}

interface Event {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A clock that jumps from event to event. Everything an event sets off in promises has run before the next one. */
export class VirtualTime {
  readonly #work: RealWork
  readonly #heap: Event[] = []
  #now = 0
  #count = 0
  #done = 0

  constructor(work: RealWork) {
    this.#work = work
  }

  /** ms since the start of the simulation */
  get now(): number {
    return this.#now
  }

  /** Events so far */
  get done(): number {
    return this.#done
  }

  after(delayMs: number, run: () => void): void {
    this.#push({ at: this.#now + delayMs, order: this.#count++, run })
  }

  wait(delayMs: number): Promise<void> {
    return new Promise(resolve => this.after(delayMs, resolve))
  }

  /** Runs the next event, if there is one before `until`; else the clock moves there. */
  async step(until: number): Promise<boolean> {
    const next = this.#heap[0]
    if (next === undefined || next.at > until) {
      this.#now = until
      return false
    }
    this.#pop()
    this.#now = next.at
    this.#done++
    next.run()
    await this.#drain()
    return true
  }

  /** Promises first, then what a turn of the real event loop brings; nothing here waits for real time to pass. */
  async #drain(): Promise<void> {
    await new Promise(setImmediate)
    for (let work = this.#work.settled(); work !== undefined; work = this.#work.settled()) {
      await work
      await new Promise(setImmediate)
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, heap[parent] as Event)) break
      heap[at] = heap[parent] as Event
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Event
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
      if (!isBefore(heap[child] as Event, last)) break
      heap[at] = heap[child] as Event
      at = child
    }
    heap[at] = last
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
