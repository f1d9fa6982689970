import type { LogId } from '../log/index.ts'
import type { DurableClaim, LogRun } from '../spaces/index.ts'
import { MAX_INBOX_BYTES, MAX_RECEIVE_BYTES, MAX_UNSTORED_BYTES } from './limits.ts'
import type { Message } from './message.ts'

/** A message whose numbers were looked up. */
export interface Received<S> {
  readonly message: Message
  readonly space?: S
  readonly log?: LogId
  readonly by?: LogId
}

type Gathered = 'run' | 'durable'

export interface InboxInit<S> {
  handle(received: Received<S>): void | Promise<void>
  handleRuns(space: S, runs: readonly LogRun[]): Promise<void>
  handleClaims(space: S, claims: readonly DurableClaim[]): Promise<void>
  failed(error: unknown): void
}

/**
 * Received messages, worked on one after the other; runs and claims that came while the disk was busy are handed over together. A few
 * small runs are handed over while those before are being stored.
 */
export class Inbox<S> {
  readonly #init: InboxInit<S>
  #waiting: { readonly received: Received<S>; readonly size: number }[] = []
  #bytes = 0
  #isRunning = false
  #isClosed = false
  #room: (() => void)[] = []
  /** Resolves when all runs that were handed over are stored. */
  #storing: Promise<unknown> = Promise.resolve()
  #unstored = 0

  constructor(init: InboxInit<S>) {
    this.#init = init
  }

  /** Resolves when there is room for more: at once, until a megabyte waits. */
  take(messages: readonly Received<S>[], bytes: number): Promise<void> | undefined {
    if (this.#isClosed || messages.length === 0) return undefined
    for (const received of messages) this.#waiting.push({ received, size: bytes / messages.length })
    this.#bytes += bytes
    if (!this.#isRunning) {
      this.#isRunning = true
      this.#run().catch(error => this.#init.failed(error))
    }
    if (this.#bytes < MAX_INBOX_BYTES) return undefined
    return new Promise(resolve => this.#room.push(resolve))
  }

  close(): void {
    this.#isClosed = true
    this.#waiting = []
    this.#bytes = 0
    this.#makeRoom()
  }

  async #run(): Promise<void> {
    let [at, handed] = [0, 0]
    while (!this.#isClosed && at < this.#waiting.length) {
      // Before runs are taken from what waits: more of them come meanwhile
      if (this.#unstored > MAX_UNSTORED_BYTES) await this.#storing
      if (this.#isClosed) break
      const { received } = this.#waiting[at] as { received: Received<S> }
      const { type } = received.message
      const end = type === 'run' || type === 'durable' ? this.#endOf(type, at) : at + 1
      const batch = this.#waiting.slice(at, end)
      at = end
      let size = 0
      for (const one of batch) size += one.size
      if (type === 'run') this.#store(received.space as S, batch.map(runOf), size)
      else {
        // Presence and claims say nothing about the runs before them
        if (type !== 'awareness' && type !== 'durable') await this.#storing
        if (type === 'durable') await this.#init.handleClaims(received.space as S, batch.map(claimOf))
        else await this.#init.handle(received)
        this.#handled(size)
      }
      // Cut seldom: cutting an array costs what is left of it
      handed += size
      if (handed > MAX_INBOX_BYTES || at === this.#waiting.length) {
        this.#waiting = this.#waiting.slice(at)
        at = handed = 0
      }
    }
    this.#isRunning = false
    await this.#storing
  }

  #store(space: S, runs: readonly LogRun[], size: number): void {
    this.#unstored += size
    const stored = this.#init.handleRuns(space, runs).then(() => {
      this.#unstored -= size
      this.#handled(size)
    })
    this.#storing = Promise.all([this.#storing, stored])
    this.#storing.catch(() => {})
  }

  #handled(size: number): void {
    this.#bytes -= size
    if (this.#bytes < MAX_INBOX_BYTES) this.#makeRoom()
  }

  /** Where messages of one kind about one space end. */
  #endOf(type: Gathered, start: number): number {
    const { space } = (this.#waiting[start] as { received: Received<S> }).received
    let size = 0
    let end = start
    for (; end < this.#waiting.length; end++) {
      const item = this.#waiting[end] as { received: Received<S>; size: number }
      if (item.received.message.type !== type || item.received.space !== space) break
      size += item.size
      if (end > start && size > MAX_RECEIVE_BYTES) break
    }
    return end
  }

  #makeRoom(): void {
    for (const resolve of this.#room.splice(0)) resolve()
  }
}

function runOf({ received: { log, message } }: { readonly received: Received<unknown> }): LogRun {
  if (message.type !== 'run') throw new TypeError('Only runs are handed over with runs')
  return { log: log as LogId, run: message.run }
}

function claimOf({ received: { by, log, message } }: { readonly received: Received<unknown> }): DurableClaim {
  if (message.type !== 'durable') throw new TypeError('Only claims are handed over with claims')
  return { by: by as LogId, log: log as LogId, seq: message.seq, signature: message.signature }
}
