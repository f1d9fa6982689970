import { encode } from '../codec.ts'
import type { LogId } from '../log/index.ts'
import type { DurableClaim } from '../spaces/index.ts'
import { MAX_QUEUED_AWARENESS, MAX_QUEUED_BYTES, TARGET_ITEM_BYTES } from './limits.ts'
import { type Message, messageToValue } from './message.ts'
import { Numbers } from './numbers.ts'
import { findRunHead, leaveOut, mheadOf } from './run-head.ts'
import type { OutPiece, OutRun, SpaceFeed } from './space-feed.ts'

/** Messages in one item; the reader bounds them, and the values inside. */
const MAX_BATCH = 2048
const MESSAGE_OVERHEAD = 16
/** A claim, with the names of two logs */
const CLAIM_BYTES = 160

export interface OutboxInit {
  /** Takes one item; a promise makes everything else wait. */
  send(item: Uint8Array): void | Promise<void>
  failed(error: unknown): void
}

type Waiting = { readonly message: Message; readonly size: number } | { readonly run: OutRun; readonly size: number }

interface WaitingClaim {
  readonly spaceKey: string
  readonly claim: DurableClaim
}

/**
 * What goes to the peer, in order. Everything of one tick is one item; while the peer is slow, runs stay in the store, claims replace
 * older ones and presence is dropped, so that memory is bounded.
 */
export class Outbox {
  readonly numbers = new Numbers()
  readonly #init: OutboxInit
  #waiting: Waiting[] = []
  #queuedBytes = 0
  #awareness = 0
  readonly #claims = new Map<string, WaitingClaim>()
  readonly #feeds = new Map<SpaceFeed, { owesDone: boolean }>()
  /** Membership head of the last run of each log that went out, by the number of the log */
  readonly #mheads: (Uint8Array | undefined)[] = []
  #isRunning = false
  #isClosed = false
  #sentBytes = 0

  constructor(init: OutboxInit) {
    this.#init = init
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  /** Whether live runs may still wait in memory. */
  get hasRoom(): boolean {
    return this.#queuedBytes < MAX_QUEUED_BYTES
  }

  queue(message: Message, size = MESSAGE_OVERHEAD): void {
    this.#push({ message, size })
  }

  queueRun(run: OutRun): void {
    this.#push({ run, size: run.run.length })
  }

  queueAwareness(spaceKey: string, document: string, bytes: Uint8Array): void {
    if (this.#awareness >= MAX_QUEUED_AWARENESS) {
      const oldest = this.#waiting.findIndex(item => 'message' in item && item.message.type === 'awareness')
      const [dropped] = this.#waiting.splice(oldest, 1)
      this.#queuedBytes -= dropped?.size ?? 0
      this.#awareness--
    }
    this.#awareness++
    this.queue({ type: 'awareness', space: this.numbers.space(spaceKey), document, bytes }, bytes.length)
  }

  /** Who is there already. */
  queuePresence(spaceKey: string, present: Iterable<{ readonly document: string; readonly bytes: Uint8Array }>): void {
    for (const { document, bytes } of present) this.queueAwareness(spaceKey, document, bytes)
  }

  /** The newest claim of a device about a log is the only one worth sending: those with one name are about the same. */
  queueClaim(spaceKey: string, claim: DurableClaim, name: string): void {
    const waiting = this.#claims.get(name)
    if (waiting !== undefined && waiting.claim.seq >= claim.seq) return
    this.#claims.set(name, { spaceKey, claim })
    this.kick()
  }

  /** Reads from a feed when nothing else waits; `owesDone` says that the peer is to be told when it is empty. */
  feed(feed: SpaceFeed, owesDone: boolean): void {
    const known = this.#feeds.get(feed)
    if (known !== undefined) known.owesDone ||= owesDone
    else this.#feeds.set(feed, { owesDone })
    this.kick()
  }

  close(): void {
    this.#isClosed = true
    this.#waiting = []
    this.#claims.clear()
    this.#feeds.clear()
  }

  kick(): void {
    if (this.#isRunning || this.#isClosed) return
    this.#isRunning = true
    this.#run().catch(error => {
      if (!this.#isClosed) this.#init.failed(error)
    })
  }

  async #run(): Promise<void> {
    // What the rest of this tick queues goes into the same item
    await undefined
    while (!this.#isClosed) {
      const urgent = this.#drain()
      if (urgent.length > 0) {
        await this.#send(urgent)
        continue
      }
      if (this.#feeds.size === 0) break
      const takeRead = await this.#read()
      // What was decided meanwhile goes before the runs that may depend on it, in an item of its own: both may be large
      const meanwhile = this.#drain()
      if (meanwhile.length > 0) await this.#send(meanwhile)
      const read = takeRead()
      if (read.length > 0) await this.#send(read)
    }
    this.#isRunning = false
  }

  async #send(batch: readonly Message[]): Promise<void> {
    if (this.#isClosed) return
    const item = encode(batch.length === 1 ? messageToValue(batch[0] as Message) : batch.map(messageToValue))
    this.#sentBytes += item.length
    await this.#init.send(item)
  }

  #push(item: Waiting): void {
    this.#waiting.push(item)
    this.#queuedBytes += item.size
    this.kick()
  }

  /** Messages for one item, out of what waits. */
  #drain(): Message[] {
    const batch: Message[] = []
    let size = 0
    let taken = 0
    for (const item of this.#waiting) {
      if (taken > 0 && (size + item.size > TARGET_ITEM_BYTES || batch.length >= MAX_BATCH)) break
      if ('run' in item) this.#addRun(batch, item.run)
      else batch.push(item.message)
      if ('message' in item && item.message.type === 'awareness') this.#awareness--
      size += item.size
      taken++
    }
    this.#waiting = this.#waiting.slice(taken)
    this.#queuedBytes -= size
    for (const [key, { spaceKey, claim }] of this.#claims) {
      if (batch.length >= MAX_BATCH || size > TARGET_ITEM_BYTES) break
      size += CLAIM_BYTES
      this.#claims.delete(key)
      const space = this.numbers.space(spaceKey)
      const by = this.#nameLog(batch, spaceKey, claim.by)
      const log = this.#nameLog(batch, spaceKey, claim.log)
      batch.push({ type: 'durable', space, by, log, seq: claim.seq, signature: claim.signature })
    }
    return batch
  }

  /** Numbers are given in order of first mention, so the messages are made only when they go out. */
  async #read(): Promise<() => Message[]> {
    const [feed, work] = this.#feeds.entries().next().value as [SpaceFeed, { owesDone: boolean }]
    const pieces = await feed.readPieces(TARGET_ITEM_BYTES)
    const runs = pieces.length > 0 ? [] : await feed.read(TARGET_ITEM_BYTES)
    return () => {
      const batch: Message[] = pieces.map(piece => this.#toMessage(piece))
      for (const run of runs) this.#addRun(batch, run)
      if (!feed.hasMore) {
        this.#feeds.delete(feed)
        if (work.owesDone && feed.isServing) batch.push({ type: 'done', space: this.numbers.space(feed.key) })
      }
      return batch
    }
  }

  #toMessage({ spaceKey, type, bytes }: OutPiece): Message {
    const space = this.numbers.space(spaceKey)
    if (type === 'milestone') return { type, space, milestone: bytes }
    return type === 'part' ? { type, space, part: bytes } : { type, space }
  }

  #addRun(batch: Message[], { spaceKey, log, run, follows }: OutRun): void {
    const number = this.#nameLog(batch, spaceKey, log)
    const space = this.numbers.space(spaceKey)
    const head = findRunHead(run)
    const mhead = mheadOf(run, head)
    const parts = { prev: follows, mhead: follows && isSameBytes(mhead, this.#mheads[number]) }
    this.#mheads[number] = mhead
    batch.push({ type: 'run', space, log: number, run: leaveOut(run, head, parts) })
  }

  #nameLog(batch: Message[], spaceKey: string, log: LogId): number {
    const { number, isNew } = this.numbers.log(spaceKey, log)
    if (isNew) batch.push({ type: 'log', space: this.numbers.space(spaceKey), log: number, ...log })
    return number
  }
}

function isSameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && a.length === b?.length && a.every((byte, index) => byte === b[index])
}
