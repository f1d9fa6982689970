import * as Y from 'yjs'
import { EntrySpans, type ListedDocument } from '../milestone/index.ts'
import { entriesOf, type ReplayedEntry } from './replay.ts'
import type { SealInit } from './seal-document.ts'
import type { SpaceLog } from './space-log.ts'

/** Entries that one step reads. */
const entriesPerStep = 256

/** Reads logs, some entries in each step. */
export class LogScan {
  readonly #init: Pick<SealInit, 'context'>
  readonly #left: { readonly log: SpaceLog; from: number; readonly to: number }[]

  constructor(init: Pick<SealInit, 'context'>, ranges: Iterable<readonly [log: SpaceLog, from: number, to: number]>) {
    this.#init = init
    this.#left = [...ranges].map(([log, from, to]) => ({ log, from, to })).filter(({ from, to }) => from < to)
  }

  /** @param see called for each entry; the rest of its log is not read once it answers `false` @returns whether all was read */
  async step(see: (entry: ReplayedEntry) => boolean): Promise<boolean> {
    const [next] = this.#left
    if (next === undefined) return true
    const to = Math.min(next.to, next.from + entriesPerStep)
    let goesOn = true
    for await (const entry of entriesOf(this.#init.context, next.log, next.from, to)) {
      goesOn = see(entry)
      if (!goesOn) break
    }
    next.from = to
    if (!goesOn || to === next.to) this.#left.shift()
    return this.#left.length === 0
  }
}

/** Finds out with which entry each clock of sealed documents came: from the milestones that are here and the logs behind them. */
export class EntrySurvey {
  readonly #init: SealInit
  readonly #scan: LogScan
  readonly #spans = new Map<string, Map<number, EntrySpans>>()
  readonly #listed: ReadonlyMap<string, ListedDocument>

  constructor(init: SealInit, listed: readonly ListedDocument[], logs: Iterable<readonly [log: SpaceLog, to: number]>) {
    const { floor } = init.milestones
    this.#init = init
    this.#listed = new Map(listed.map(item => [item.document, item]))
    this.#scan = new LogScan(
      init,
      Array.from(logs, ([log, to]) => [log, Math.max(log.base.seq, floor.get(log.client) ?? 0), to] as const)
    )
    for (const { document } of listed) this.#spans.set(document, this.#known(document))
  }

  /** Whether all was read. */
  step(): Promise<boolean> {
    const { marks, context } = this.#init
    return this.#scan.step(({ log, seq, payload }) => {
      if (marks.isLeftOut(log.client, seq) || context.quarantine.has(log.client, seq)) return true
      this.#add(payload.document, log.client, seq, payload.update)
      return true
    })
  }

  /** With its entries; `undefined` when it is not known of all clocks with which they came. */
  complete(listed: ListedDocument): ListedDocument | undefined {
    const spans = this.#spans.get(listed.document)
    if (!listed.clocks.every(([client, clock]) => spans?.get(client)?.end === clock)) return undefined
    return { ...listed, entries: listed.clocks.map(([client]) => [client, spans!.get(client)!.spans] as const) }
  }

  #known(document: string): Map<number, EntrySpans> {
    const known = new Map<number, EntrySpans>()
    for (const { listed } of this.#init.milestones.of(document)) {
      for (const [client, list] of listed.entries ?? []) {
        const spans = new EntrySpans(list)
        if (spans.end > (known.get(client)?.end ?? 0)) known.set(client, spans)
      }
    }
    return known
  }

  #add(document: string, client: number, seq: number, update: Uint8Array): void {
    const ofDocument = this.#spans.get(document)
    const limit = this.#listed.get(document)?.clocks.find(([of]) => of === client)?.[1]
    if (ofDocument === undefined || limit === undefined) return
    const [from, to] = clocksOf(update, client)
    const spans = ofDocument.get(client) ?? new EntrySpans()
    // Already known, behind what was sealed, or not where it should be: then it stays incomplete
    if (from !== spans.end || to <= from || to > limit) return
    spans.add(seq, to - from)
    ofDocument.set(client, spans)
  }
}

/** Clocks of its author that an entry has. */
export function clocksOf(update: Uint8Array, client: number): [from: number, to: number] {
  const { from, to } = Y.parseUpdateMeta(update)
  return [from.get(client) ?? 0, to.get(client) ?? 0]
}
