import { decode, encode } from '../codec.ts'
import { asList, asUint, type DecidedHead, type Dep } from '../log/index.ts'
import type { Batch, SpaceKeys, Store } from '../store/index.ts'
import { depClient } from './causal-order.ts'
import { type CutPoint, type CutRule, type Cuts, endIn, knowsOf } from './cut-rules.ts'

/** The entries of one log that a cut takes out: from `from` on, up to the first whose author knew of the cut. */
export interface Span {
  readonly from?: number
  readonly known?: number
  /** What this device wrote there was written again. */
  readonly isReissued?: boolean
}

/** What is judged of an entry: never its content. */
export interface EntryFacts {
  /** Client id of its log */
  readonly client: number
  readonly seq: number
  readonly mhead: DecidedHead
  readonly deps: readonly Dep[]
}

/**
 * Entries beyond a cut, and those that build on them by authors who did not know of the cut yet. They are part of their logs and of no
 * document. Which these are follows from the entries, the membership and the device lists alone, so all replicas leave out the same.
 */
export class Quarantine {
  readonly #store: Store
  readonly #prefix: string
  #cuts: Cuts = { rules: [], members: new Set(), head: undefined }
  readonly #ends = new Map<number, CutPoint | undefined>()
  /** Rules by key that all stored entries were judged by. */
  readonly #settled = new Set<string>()
  readonly #spans = new Map<string, Map<number, Span>>()
  readonly #dirty = new Map<string, Set<number>>()

  constructor(store: Store, keys: SpaceKeys) {
    this.#store = store
    this.#prefix = keys.quarantine
  }

  async load(): Promise<void> {
    this.#settled.clear()
    this.#spans.clear()
    this.#dirty.clear()
    for await (const [row, value] of this.#store.under(this.#prefix)) {
      const [key = '', client] = row.slice(this.#prefix.length).split('/')
      if (client === undefined) this.#settled.add(key)
      else this.#spansOf(key).set(Number.parseInt(client, 16), readSpan(value))
    }
  }

  /** Judges by these from now on; `isBehind` says whether stored entries were judged by others. */
  use(cuts: Cuts): void {
    this.#cuts = cuts
    this.#ends.clear()
  }

  get isBehind(): boolean {
    const { rules } = this.#cuts
    return rules.length !== this.#settled.size || rules.some(({ key }) => !this.#settled.has(key))
  }

  /** Membership head of the cuts in use: what is written here names it, and no later one before its cuts were carried out. */
  get head(): DecidedHead | undefined {
    return this.#cuts.head
  }

  /** Where a log ends by the cuts in use; undefined while it may go on. */
  endOf(client: number): CutPoint | undefined {
    if (this.#cuts.rules.length === 0) return undefined
    let end = this.#ends.get(client)
    if (end === undefined && !this.#ends.has(client)) {
      end = endIn(this.#cuts, client)
      this.#ends.set(client, end)
    }
    return end
  }

  has(client: number, seq: number): boolean {
    for (const spans of this.#spans.values()) if (isIn(spans.get(client), seq)) return true
    return false
  }

  /** The verdicts as they are now, for comparing with what they become. */
  verdicts(): (client: number, seq: number) => boolean {
    const all = Array.from(this.#spans.values(), spans => new Map(spans))
    return (client, seq) => all.some(spans => isIn(spans.get(client), seq))
  }

  /** Whether this device has to write again what it wrote under this number. */
  isOwed(client: number, seq: number): boolean {
    for (const spans of this.#spans.values()) {
      const span = spans.get(client)
      if (isIn(span, seq)) return span?.isReissued !== true
    }
    return false
  }

  /** How many entries of a log are left out, of those up to its head. */
  countOf(client: number, head: number): number {
    let count = 0
    for (const spans of this.#spans.values()) {
      const { from, known } = spans.get(client) ?? {}
      if (from !== undefined) count = Math.max(count, Math.min(known ?? head + 1, head + 1) - from)
    }
    return count
  }

  /** Judges the next entry of a log, after all that it builds on; whether it is left out. */
  judge(entry: EntryFacts): boolean {
    let isOut = false
    for (const rule of this.#cuts.rules) if (this.#judgeBy(rule, entry)) isOut = true
    return isOut
  }

  /** Forgets every verdict: all entries are judged again, in causal order, with the present rules. */
  restart(): void {
    for (const [key, spans] of this.#spans) {
      for (const [client, { isReissued }] of spans) {
        this.#touch(key, client)
        // What was written again stays written
        spans.set(client, isReissued === true ? { isReissued } : {})
      }
    }
    for (const key of this.#settled) if (!this.#cuts.rules.some(rule => rule.key === key)) this.#forget(key)
    for (const { key } of this.#cuts.rules) {
      if (this.#settled.has(key)) continue
      this.#settled.add(key)
      this.#dirty.set(key, this.#dirty.get(key) ?? new Set())
    }
  }

  /** Whether something of the log is left out that was not written again. */
  owes(client: number): boolean {
    for (const spans of this.#spans.values()) {
      const span = spans.get(client)
      if (span?.from !== undefined && span.isReissued !== true) return true
    }
    return false
  }

  /** What was left out of the own log is in later entries of it now. */
  reissued(batch: Batch, client: number): void {
    for (const [key, spans] of this.#spans) {
      const span = spans.get(client)
      if (span?.from !== undefined) this.#set(key, client, { ...span, isReissued: true })
    }
    this.write(batch)
  }

  write(batch: Batch): void {
    for (const [key, clients] of this.#dirty) {
      for (const client of clients) {
        const row = `${this.#prefix}${key}/${client.toString(16)}`
        const span = this.#spans.get(key)?.get(client)
        if (span === undefined || (span.from === undefined && span.known === undefined)) batch.del(row)
        else batch.put(row, encode([span.from ?? null, span.known ?? null, span.isReissued === true]))
      }
      if (this.#settled.has(key)) batch.put(this.#prefix + key, Uint8Array.of(1))
      else batch.del(this.#prefix + key)
    }
    this.#dirty.clear()
  }

  #judgeBy(rule: CutRule, { client, seq, mhead, deps }: EntryFacts): boolean {
    const span = this.#spans.get(rule.key)?.get(client)
    if (span?.known !== undefined && seq >= span.known) return false
    if (knowsOf(rule, client, mhead, deps)) {
      if (rule.record === undefined || span?.from !== undefined) this.#set(rule.key, client, { ...span, known: seq })
      return false
    }
    if (span?.from !== undefined) return true
    const cut = rule.cutOf(client)
    const isOut = (cut !== undefined && seq > cut.seq) || deps.some(dep => this.#isOut(rule, dep))
    if (isOut) this.#set(rule.key, client, { ...span, from: seq })
    return isOut
  }

  #isOut(rule: CutRule, dep: Dep): boolean {
    const client = depClient(dep)
    const span = this.#spans.get(rule.key)?.get(client)
    if (span?.from !== undefined) return isIn(span, dep[2])
    const cut = rule.cutOf(client)
    return cut !== undefined && dep[2] > cut.seq && !(span?.known !== undefined && dep[2] >= span.known)
  }

  #set(key: string, client: number, span: Span): void {
    this.#spansOf(key).set(client, span)
    this.#touch(key, client)
  }

  #touch(key: string, client: number): void {
    this.#dirty.set(key, (this.#dirty.get(key) ?? new Set()).add(client))
  }

  #forget(key: string): void {
    this.#settled.delete(key)
    this.#dirty.set(key, new Set(this.#spans.get(key)?.keys()))
    this.#spans.delete(key)
  }

  #spansOf(key: string): Map<number, Span> {
    let spans = this.#spans.get(key)
    if (spans === undefined) {
      spans = new Map()
      this.#spans.set(key, spans)
    }
    return spans
  }
}

function isIn(span: Span | undefined, seq: number): boolean {
  return span?.from !== undefined && seq >= span.from && (span.known === undefined || seq < span.known)
}

function readSpan(value: Uint8Array): Span {
  const [from, known, isReissued] = asList(decode(value), 3)
  return {
    ...(from !== null && { from: asUint(from) }),
    ...(known !== null && { known: asUint(known) }),
    ...(isReissued === true && { isReissued })
  }
}
