import { decodeRun, type LogHead, type LogId, lastOf } from '../log/index.ts'
import type { MilestoneOffer, Replica } from '../spaces/index.ts'
import { MAX_MERGED_LOGS } from './limits.ts'
import { logKey } from './numbers.ts'

/** One run on its way to the peer. */
export interface OutRun {
  readonly space: Uint8Array
  readonly spaceKey: string
  readonly log: LogId
  readonly run: Uint8Array
  /** The entry before went out on this session: the hash of it need not be sent again */
  readonly follows: boolean
}

/** A milestone, a part of one, or that all of them were sent. */
export interface OutPiece {
  readonly spaceKey: string
  readonly type: 'milestone' | 'part' | 'complete'
  readonly bytes: Uint8Array
}

interface OutLog {
  readonly log: LogId
  /** The peer has everything up to here, or it is on its way. */
  sent: number
  /** Last entry that went out on this session. */
  last: number | undefined
  /** Something grew while the store was being read. */
  grew: boolean
}

interface Source {
  readonly out: OutLog
  readonly runs: AsyncIterator<Uint8Array>
  next: { readonly run: Uint8Array; readonly first: number; readonly last: number; readonly time: number }
}

/**
 * What one space still has for the peer. It remembers positions, never runs: whatever does not go out at once is read from the store
 * when the peer can take it.
 */
export class SpaceFeed {
  readonly space: Uint8Array
  readonly key: string
  readonly #replica: Replica
  readonly #logs = new Map<string, OutLog>()
  readonly #behind = new Set<OutLog>()
  readonly #sources = new Map<OutLog, Source>()
  /** Goes out before all runs: what they build on. */
  #pieces: AsyncIterator<OutPiece> | undefined
  /** Milestones that went out since the peer opened the space, or are on their way. */
  readonly #offered = new Set<string>()
  #isServing = false
  /** Counts OPENs, so that what was read for an earlier one is not taken for the newest. */
  #generation = 0

  constructor(replica: Replica, space: Uint8Array, key: string) {
    this.#replica = replica
    this.space = space
    this.key = key
  }

  get isServing(): boolean {
    return this.#isServing
  }

  get hasMore(): boolean {
    return this.#isServing && (this.#behind.size > 0 || this.#pieces !== undefined)
  }

  /** The peer wants the space and has this much of it. */
  open(frontier: readonly LogHead[], own: readonly LogHead[], offers: readonly MilestoneOffer[] = []): void {
    this.stop()
    this.#isServing = true
    const theirs = new Map(frontier.map(head => [logKey({ twin: head[0], device: head[1] }), head]))
    for (const { key } of offers) this.#offered.add(key)
    if (offers.length > 0) this.#pieces = piecesOf(this.key, offers)
    for (const head of offers.flatMap(({ logs }) => logs)) {
      const key = logKey({ twin: head[0], device: head[1] })
      if ((theirs.get(key)?.[2] ?? 0) < head[2]) theirs.set(key, head)
    }
    for (const [twin, device, seq, hash] of own) {
      const log = { twin, device }
      const held = theirs.get(logKey(log))
      // Another hash at the same place is a fork: the run goes out again, as proof
      const isFork = held !== undefined && held[2] === seq && held[3].some((byte, index) => byte !== hash[index])
      const out = this.#log(log)
      out.sent = held === undefined ? 0 : isFork ? seq - 1 : held[2]
      out.last = undefined
      if (out.sent < seq) this.#behind.add(out)
    }
    for (const [twin, device, seq] of frontier) {
      const out = this.#log({ twin, device })
      if (!this.#behind.has(out)) out.sent = Math.max(out.sent, seq)
    }
  }

  /** The peer asks for a milestone. Whether it is sent, for it is not on its way yet. */
  add(offer: MilestoneOffer): boolean {
    if (!this.#isServing || this.#offered.has(offer.key)) return false
    this.#offered.add(offer.key)
    this.#pieces = oneAfterOther(this.#pieces, piecesOf(this.key, [offer]))
    return true
  }

  /** The peer does not want the space, or may not have it any more. */
  stop(): void {
    this.#isServing = false
    this.#generation++
    for (const source of this.#sources.values()) void Promise.resolve(source.runs.return?.()).catch(() => {})
    this.#pieces = undefined
    this.#offered.clear()
    this.#sources.clear()
    this.#behind.clear()
    this.#logs.clear()
  }

  /** The peer said or showed that it has this much: none of it needs to be sent. */
  has(log: LogId, seq: number): void {
    if (!this.#isServing) return
    const out = this.#log(log)
    out.sent = Math.max(out.sent, seq)
  }

  /** A run was stored here. Answers it if it can go out at once; else the store is read later. */
  grown(log: LogId, run: Uint8Array, first: number, last: number, hasRoom: boolean): OutRun | undefined {
    if (!this.#isServing) return undefined
    const out = this.#log(log)
    if (out.sent >= last) return undefined
    if (this.#behind.has(out)) {
      out.grew = true
      return undefined
    }
    if (!hasRoom || out.sent < first - 1) {
      this.#behind.add(out)
      return undefined
    }
    return this.#take(out, run, first, last)
  }

  /** The next pieces of a milestone, about `bytes` of them. */
  async readPieces(bytes: number): Promise<OutPiece[]> {
    const pieces: OutPiece[] = []
    const from = this.#pieces
    for (let left = bytes; left > 0 && from !== undefined; ) {
      const { done, value } = await from.next()
      if (from !== this.#pieces) return []
      if (done === true) {
        this.#pieces = undefined
        break
      }
      pieces.push(value)
      left -= value.bytes.length
    }
    return pieces
  }

  /** The next runs from the store, about `bytes` of them, oldest first over all logs. */
  async read(bytes: number): Promise<OutRun[]> {
    const generation = this.#generation
    const runs: OutRun[] = []
    let left = bytes
    while (left > 0) {
      await this.#fill()
      if (generation !== this.#generation) return []
      const source = this.#oldest()
      if (source === undefined) break
      const { run, first, last } = source.next
      if (runs.length > 0 && run.length > left) break
      left -= run.length
      if (source.out.sent < last) runs.push(this.#take(source.out, run, first, last))
      await this.#advance(source)
      if (generation !== this.#generation) return []
    }
    return runs
  }

  #take(out: OutLog, run: Uint8Array, first: number, last: number): OutRun {
    const follows = out.last === first - 1
    out.sent = last
    out.last = last
    return { space: this.space, spaceKey: this.key, log: out.log, run, follows }
  }

  /** Opens the store for logs that are behind. Read side by side, entries come close to what they depend on. */
  async #fill(): Promise<void> {
    const generation = this.#generation
    for (const out of this.#behind) {
      if (this.#sources.size >= MAX_MERGED_LOGS) return
      if (this.#sources.has(out)) continue
      out.grew = false
      const runs = this.#replica.runs(this.space, out.log, out.sent)[Symbol.asyncIterator]()
      const source: Source = { out, runs, next: { run: new Uint8Array(), first: 0, last: 0, time: 0 } }
      this.#sources.set(out, source)
      await this.#advance(source)
      if (generation !== this.#generation) {
        void Promise.resolve(runs.return?.()).catch(() => {})
        return
      }
    }
  }

  async #advance(source: Source): Promise<void> {
    const generation = this.#generation
    const { done, value } = await source.runs.next()
    if (generation !== this.#generation) return
    if (done !== true) {
      const run = decodeRun(value)
      source.next = { run: value, first: run.first, last: lastOf(run), time: run.entries.at(-1)?.time ?? 0 }
      return
    }
    this.#sources.delete(source.out)
    // What was stored since the store was opened for reading is not in what was read
    if (!source.out.grew) this.#behind.delete(source.out)
  }

  /** By the author's claimed time: a wrong clock costs the peer some memory, nothing else. */
  #oldest(): Source | undefined {
    let oldest: Source | undefined
    for (const source of this.#sources.values()) {
      if (oldest === undefined || source.next.time < oldest.next.time) oldest = source
    }
    return oldest
  }

  #log(log: LogId): OutLog {
    const key = logKey(log)
    let out = this.#logs.get(key)
    if (out === undefined) {
      out = { log, sent: 0, last: undefined, grew: false }
      this.#logs.set(key, out)
    }
    return out
  }
}

async function* oneAfterOther(...all: readonly (AsyncIterator<OutPiece> | undefined)[]): AsyncGenerator<OutPiece> {
  for (const pieces of all) {
    for (let next = await pieces?.next(); next?.done === false; next = await pieces?.next()) yield next.value
  }
}

async function* piecesOf(spaceKey: string, offers: readonly MilestoneOffer[]): AsyncGenerator<OutPiece> {
  for (const { milestone, parts } of offers) {
    yield { spaceKey, type: 'milestone', bytes: milestone }
    for await (const part of parts()) yield { spaceKey, type: 'part', bytes: part }
    yield { spaceKey, type: 'complete', bytes: new Uint8Array() }
  }
}
