import { encode } from '../codec.ts'
import type { DecidedHead, Dep } from '../log/index.ts'
import { type Batch, hexOf, type SpaceKeys, type Store } from '../store/index.ts'
import { depClient } from './causal-order.ts'
import { type CutPoint, type CutRule, type Cuts, type EntryFacts, endIn, namesCut } from './cut-rules.ts'
import { copyOf, isIn, lastIn, lengthOf, noSpan, readSpan, type Span } from './span.ts'

/**
 * Entries beyond a cut, and those that build on them by authors who did not know of the cut yet. They are part of their logs and of no
 * document. Which these are follows from the entries, the membership and the device lists alone, so all replicas leave out the same.
 */
export class Quarantine {
  readonly #store: Store
  readonly #prefix: string
  #cuts: Cuts = { rules: [], revocations: [], newest: undefined, members: new Set(), head: undefined }
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

  /** Takes the rules in use as those that entries were judged by. */
  settle(): void {
    for (const { key } of this.#cuts.rules) {
      this.#settled.add(key)
      this.#dirty.set(key, this.#dirty.get(key) ?? new Set())
    }
  }

  /** Whether the rules in use are those that entries were judged by, and others that leave the logs as long as they are. */
  takesNothing(logs: Iterable<{ readonly client: number; readonly seq: number }>): boolean {
    const { rules } = this.#cuts
    for (const key of this.#settled) if (!rules.some(rule => rule.key === key)) return false
    const news = rules.filter(({ key }) => !this.#settled.has(key))
    for (const { client, seq } of logs) {
      if (news.some(rule => seq > (rule.cutOf(client)?.seq ?? seq))) return false
    }
    return true
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

  /** The last entry of a log up to `head` that is not out, 0 without one. */
  lastIn(client: number, head: number): number {
    return lastIn(this.#of(client), head)
  }

  /** The verdicts as they are now, for comparing with what they become. */
  verdicts(): (client: number, seq: number) => boolean {
    const all = Array.from(this.#spans.values(), copyOf)
    return (client, seq) => all.some(spans => isIn(spans.get(client), seq))
  }

  /** Whether this device has to write again what it wrote under this number. */
  isOwed(client: number, seq: number): boolean {
    const span = this.#of(client).find(one => isIn(one, seq))
    return span !== undefined && seq > span.reissued
  }

  /** How many entries of a log are out, of those up to its head. */
  countOf(client: number, head: number): number {
    return Math.max(0, ...this.#of(client).map(span => lengthOf(span, head)))
  }

  /** Judges the next entry of a log, after all that it builds on; whether it is left out. */
  judge(entry: EntryFacts): boolean {
    let isOut = false
    const { rules, newest, revocations } = this.#cuts
    // Whoever knew of all removals is judged by none: they may be many
    const knewAll = newest === undefined || (entry.mhead[1] >= newest && !this.#isOpen(entry.client))
    for (const rule of knewAll ? revocations : rules) if (this.#judgeBy(rule, entry)) isOut = true
    return isOut
  }

  #isOpen(client: number): boolean {
    return this.#of(client).some(({ bounds }) => bounds.length % 2 === 1)
  }

  #of(client: number): Span[] {
    return [...this.#spans.values()].flatMap(spans => spans.get(client) ?? [])
  }

  /** The own log was cut back to `head`: its numbers are given anew. */
  truncate(batch: Batch, client: number, head: number): void {
    for (const [key, spans] of this.#spans) {
      const span = spans.get(client)
      if (span === undefined) continue
      const bounds = span.bounds.filter(bound => bound <= head)
      this.#set(key, client, { bounds, reissued: Math.min(span.reissued, head) })
    }
    this.write(batch)
  }

  /**
   * Forgets verdicts: entries are judged again, in causal order, with the present rules.
   *
   * @param baseOf up to where a log was dropped: of that the verdict stays
   */
  restart(baseOf: (client: number) => number = () => 0): void {
    for (const [key, spans] of this.#spans) {
      for (const [client, { bounds, reissued }] of spans) {
        this.#set(key, client, { bounds: bounds.filter(bound => bound <= baseOf(client)), reissued })
      }
    }
    for (const key of this.#settled) if (!this.#cuts.rules.some(rule => rule.key === key)) this.#forget(key)
    this.settle()
  }

  /** Whether something of the own log is out that was not written again. */
  owes(client: number, head: number): boolean {
    return this.#of(client).some(span => lengthOf(span, head) > lengthOf(span, Math.min(head, span.reissued)))
  }

  /** What is out of the own log up to its head is in later entries of it now. */
  reissued(batch: Batch, client: number, head: number): void {
    for (const [key, spans] of this.#spans) {
      const span = spans.get(client)
      if (span !== undefined) this.#set(key, client, { ...span, reissued: head })
    }
    this.write(batch)
  }

  /** The log was taken from a milestone up to `seq`: whoever signed it had nothing out there. */
  adopted(batch: Batch, client: number, seq: number): void {
    for (const [key, spans] of this.#spans) {
      const span = spans.get(client)
      if (span !== undefined && span.bounds.length % 2 === 1) {
        this.#set(key, client, { ...span, bounds: [...span.bounds, seq + 1] })
      }
    }
    this.write(batch)
  }

  write(batch: Batch): void {
    for (const [key, clients] of this.#dirty) {
      for (const client of clients) {
        const row = `${this.#prefix}${key}/${hexOf(client, 8)}`
        const span = this.#spans.get(key)?.get(client)
        if (span === undefined || (span.bounds.length === 0 && span.reissued === 0)) batch.del(row)
        else batch.put(row, encode([span.bounds, span.reissued]))
      }
      if (this.#settled.has(key)) batch.put(this.#prefix + key, Uint8Array.of(1))
      else batch.del(this.#prefix + key)
    }
    this.#dirty.clear()
  }

  #judgeBy(rule: CutRule, { client, seq, mhead, deps }: EntryFacts): boolean {
    const { bounds } = this.#spans.get(rule.key)?.get(client) ?? noSpan
    const wasOut = bounds.length % 2 === 1
    const isOut = this.#isOutBy(rule, { client, seq, mhead, deps }, wasOut)
    if (isOut !== wasOut) {
      const span = this.#spans.get(rule.key)?.get(client) ?? { bounds: [], reissued: 0 }
      // In place: an author may go in and out with every entry
      span.bounds.push(seq)
      this.#set(rule.key, client, span)
    }
    return isOut
  }

  #isOutBy(rule: CutRule, { client, seq, mhead, deps }: EntryFacts, wasOut: boolean): boolean {
    if (rule.record !== undefined && mhead[1] >= rule.record) return false
    const cut = rule.cutOf(client)
    if (cut !== undefined) return seq > cut.seq
    if (deps.some(dep => this.#isOut(rule, dep))) return true
    return wasOut && !namesCut(rule, deps)
  }

  /** Also what is not here: a log that ended is not taken any further. */
  #isOut(rule: CutRule, dep: Dep): boolean {
    const client = depClient(dep)
    const cut = rule.cutOf(client)
    return cut !== undefined ? dep[2] > cut.seq : isIn(this.#spans.get(rule.key)?.get(client), dep[2])
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
