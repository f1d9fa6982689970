import type { Random } from './random.ts'
import type { VirtualTime } from './virtual-time.ts'

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** What a disk tells of itself. */
export interface DiskCounts {
  writes: number
  failedWrites: number
  /** Crashes while a batch was on its way, by what became of it */
  keptInFlight: number
  lostInFlight: number
  lostUnsynced: number
}

export interface DiskInit {
  readonly time: VirtualTime
  readonly random: Random
  readonly counts: DiskCounts
  readonly isSynced: boolean
}

/** What an operating system answers when a disk is full. */
export class DiskError extends Error {
  override readonly name = 'DiskError'

  constructor() {
    super('IO error: no space left on device')
  }
}

interface Write {
  readonly operations: readonly Operation[]
  readonly sync: boolean
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/**
 * A disk that keeps what was synced and nothing else for certain. Batches are written one after the other and whole; what was not
 * synced survives a crash up to some point. After a failed write the handle goes on as if nothing were wrong and loses what it
 * takes, as Level does (a full disk that was freed), until the database was closed and opened again.
 */
export class Disk {
  /** Probability that a write fails */
  failure = 0
  /** Every write fails until it is false again */
  isFull = false
  /** Whether it ever failed */
  hasFailed = false
  readonly #init: DiskInit
  readonly #synced = new Map<string, Uint8Array>()
  #unsynced: (readonly Operation[])[] = []
  #queue: Write[] = []
  #isWriting = false
  #isPoisoned = false
  #generation = 0
  #closing: (() => void)[] = []

  constructor(init: DiskInit) {
    this.#init = init
  }

  /** Rows as they are found by whoever opens the database. */
  open(): Map<string, Uint8Array> {
    if (this.isFull) {
      this.hasFailed = true
      throw new DiskError()
    }
    this.#isPoisoned = false
    return new Map(this.#synced)
  }

  /** Waits for what is being written; then what was not synced is, unless the handle has seen a failure. */
  async close(): Promise<void> {
    if (this.#queue.length > 0) await new Promise<void>(resolve => this.#closing.push(resolve))
    if (!this.#isPoisoned) for (const operations of this.#unsynced) apply(this.#synced, operations)
    this.#unsynced = []
  }

  write(operations: readonly Operation[], sync: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ operations, sync, resolve, reject })
      this.#next()
    })
  }

  /** Power or process gone: a prefix of what is not on synced storage survives, batch by batch. */
  crash(): void {
    const { random, counts } = this.#init
    this.#generation++
    const kept = random.below(this.#unsynced.length + 1)
    counts.lostUnsynced += this.#unsynced.length - kept
    if (!this.#isPoisoned) {
      for (const operations of this.#unsynced.slice(0, kept)) apply(this.#synced, operations)
      if (this.#isWriting && kept === this.#unsynced.length) {
        if (random.chance(0.5)) {
          apply(this.#synced, this.#queue[0]!.operations)
          counts.keptInFlight++
        } else counts.lostInFlight++
      }
    }
    this.#unsynced = []
    this.#queue = []
    this.#closing = []
    this.#isWriting = false
    this.#isPoisoned = false
  }

  #next(): void {
    const { time, random } = this.#init
    if (this.#isWriting || this.#queue.length === 0) return
    this.#isWriting = true
    const generation = this.#generation
    time.after(random.chance(0.05) ? random.between(5, 120) : random.between(0.2, 4), () => {
      if (generation !== this.#generation) return
      this.#isWriting = false
      this.#finish(this.#queue.shift()!)
      this.#next()
      if (this.#queue.length === 0) for (const resolve of this.#closing.splice(0)) resolve()
    })
  }

  #finish({ operations, sync, resolve, reject }: Write): void {
    const { random, counts } = this.#init
    counts.writes++
    if (this.isFull || random.chance(this.failure)) {
      counts.failedWrites++
      this.hasFailed = true
      // Written but not synced: nobody knows whether it is found again
      if (!this.#isPoisoned && this.#unsynced.length === 0 && random.chance(0.3)) apply(this.#synced, operations)
      this.#isPoisoned = true
      this.#unsynced = []
      reject(new DiskError())
      return
    }
    if (!this.#isPoisoned) {
      if (sync && this.#init.isSynced) {
        for (const earlier of this.#unsynced) apply(this.#synced, earlier)
        this.#unsynced = []
        apply(this.#synced, operations)
      } else this.#unsynced.push(operations)
    }
    resolve()
  }
}

function apply(rows: Map<string, Uint8Array>, operations: readonly Operation[]): void {
  for (const operation of operations) {
    if (operation.type === 'put') rows.set(operation.key, operation.value)
    else rows.delete(operation.key)
  }
}
