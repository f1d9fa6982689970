import { encodeSnapshot, type IndexRow } from '../documents/index.ts'
import { decodeMilestone, encodeMilestone } from '../milestone/index.ts'
import { afterPrefix } from '../store/index.ts'
import type { DocumentCache } from './document-cache.ts'
import { checkpointName } from './document-loader.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { HeldMilestone, Snapshot } from './held-milestone.ts'
import { answerTo, IncomingMilestone } from './incoming-milestone.ts'
import { judgeSnapshot } from './judge-milestone.ts'
import { matchesLog } from './matches-log.ts'
import type { Milestones } from './milestones.ts'
import { Refusal, refusalOf } from './receive-outcome.ts'
import type { MilestoneResult } from './replica.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'

/** In one group. */
const maxRows = 2048

export interface AdoptionInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
  readonly marks: EntryMarks
  readonly milestones: Milestones
}

interface Adopting {
  readonly held: HeldMilestone
  /** Documents that are still to be taken. */
  names: string[]
  /** What is left of the rows of the document that is being taken. */
  rows: { readonly kind: string; readonly left: Iterator<IndexRow> } | undefined
  /** Nothing was here before. */
  isFirst: boolean
  hasBegun: boolean
  readonly resolve: ((result: MilestoneResult) => void)[]
}

/**
 * A milestone of somebody else on its way in: its parts are stored as they come, all of them are judged, and only then the documents
 * change, one after the other, so many rows in each group. Where there is nothing yet each is judged while it is taken, which takes
 * half the time, and all of it is removed when one is not sound. A crash in between is no harm: it goes on at the next start.
 */
export class Adoption {
  readonly #init: AdoptionInit
  readonly #incoming: IncomingMilestone
  #isEnding = false
  #adopting: Adopting | undefined

  constructor(init: AdoptionInit) {
    this.#init = init
    this.#incoming = new IncomingMilestone(init)
  }

  /** While it is, nothing else is written or taken in this space. */
  get isActive(): boolean {
    return this.#adopting !== undefined
  }

  async load(): Promise<void> {
    const { store, keys } = this.#init.context
    this.reset()
    const row = await store.get(keys.incoming)
    const milestone = row && decodeMilestone(row)
    const newest = milestone && this.#init.milestones.by(milestone.by)?.milestone.number
    const isOld = milestone !== undefined && newest !== undefined && milestone.number <= newest
    const held = milestone && !isOld ? await this.#init.milestones.open(milestone) : undefined
    if (held !== undefined) this.#adopting = this.#begin(held)
  }

  reset(): void {
    for (const resolve of this.#adopting?.resolve ?? []) resolve({})
    this.#incoming.reset()
    this.#adopting = undefined
    this.#isEnding = false
  }

  /** The last change is on its way to the disk. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Whether the milestone may be taken, and waits for its parts if something of it is lacking here. */
  async offer(bytes: Uint8Array): Promise<MilestoneResult> {
    return this.#adopting === undefined ? this.#incoming.offer(bytes) : {}
  }

  part(sealed: Uint8Array): Promise<void> {
    return this.#incoming.part(sealed)
  }

  /** All parts were sent. Whether the documents may change now; `adopted` resolves when they have, or may not after all. */
  async complete(): Promise<MilestoneResult & { readonly adopted?: Promise<MilestoneResult> }> {
    const { store, keys } = this.#init.context
    let adopting: Adopting
    try {
      const held = this.#incoming.end()
      if (held === undefined) return {}
      adopting = this.#begin(held)
      if (!adopting.isFirst) adopting.names = await this.#judge(held)
    } catch (cause) {
      return refusalOf(cause)
    }
    const batch = store.batch()
    batch.put(keys.incoming, encodeMilestone(adopting.held.milestone))
    await store.commit(batch)
    // Another session was faster: that one is taken, and what this one has is offered again
    if (this.#adopting !== undefined) return {}
    const adopted = new Promise<MilestoneResult>(resolve => {
      adopting.resolve.push(resolve)
      this.#adopting = adopting
    })
    return { adopted }
  }

  /** Where something is here already: documents that are to change. @throws {Refusal} */
  async #judge(held: HeldMilestone): Promise<string[]> {
    const { logs } = this.#init.context
    const lacks = held.milestone.logs.some(([twin, device, seq]) => (logs.find({ twin, device })?.durable ?? 0) < seq)
    for (const snapshot of held.documents.values()) await judgeSnapshot(this.#init, snapshot)
    if (lacks) return [...held.documents.keys()]
    if (await matchesLog(this.#init, held)) return []
    throw new Refusal('chain', 'The milestone says other things than the logs here')
  }

  /** Changes the next document, or ends it. `restart` is called when all is on synced storage. */
  async take(group: SpaceGroup, restart: () => void): Promise<void> {
    const adopting = this.#adopting
    if (adopting === undefined || this.#isEnding) return
    try {
      if (!adopting.hasBegun) await this.#beginAgain(adopting)
    } catch (cause) {
      return this.#refuse(group, refusalOf(cause), restart)
    }
    try {
      if (adopting.rows === undefined) {
        const name = adopting.names.pop()
        if (name === undefined) return this.#end(group, adopting.held, restart)
        adopting.rows = await this.#adopt(adopting.held.documents.get(name)!, adopting.isFirst)
      }
      const { kind, left } = adopting.rows
      const rows = take(left, maxRows)
      group.addRows(kind, rows)
      if (rows.length < maxRows) adopting.rows = undefined
    } catch (cause) {
      if (!adopting.isFirst) throw cause
      await this.#undo(group, refusalOf(cause), restart)
    }
  }

  /** A group that was being prepared may have taken entries since. */
  async #beginAgain(adopting: Adopting): Promise<void> {
    adopting.hasBegun = true
    if (!adopting.isFirst || this.#isEmpty) return
    adopting.isFirst = false
    adopting.names = await this.#judge(adopting.held)
  }

  /** Its rows, which are made one by one of the document: all at once they take several times what it takes. */
  async #adopt(snapshot: Snapshot, isFirst: boolean): Promise<NonNullable<Adopting['rows']>> {
    const { documents } = this.#init
    const document = await documents.get(snapshot.listed.document)
    const transaction = isFirst
      ? await judgeSnapshot(this.#init, snapshot, document)
      : document.apply(await this.#stateOf(snapshot))
    const info = this.#init.milestones.infoOf(snapshot)
    const rows = transaction === undefined ? [] : document.project(transaction, info)
    // Until the end the store still has it as it was
    documents.drop(document.name)
    return { kind: document.kind.kind, left: rows[Symbol.iterator]() }
  }

  /** Removes what was taken, which is all that the index has. */
  async #undo(group: SpaceGroup, result: MilestoneResult, restart: () => void): Promise<void> {
    const { context, documents } = this.#init
    const { store, keys } = context
    for (const name of this.#adopting!.held.documents.keys()) documents.drop(name)
    // Rows that are on their way to the disk are in no list of it yet
    await context.commit.written()
    for await (const key of store.keys({ gt: keys.index, lt: afterPrefix(keys.index) })) group.batch.del(key)
    this.#refuse(group, result, restart)
  }

  #refuse({ batch, done }: SpaceGroup, result: MilestoneResult, restart: () => void): void {
    this.#isEnding = true
    batch.del(this.#init.context.keys.incoming)
    done.push(() => this.#finish(result, restart))
  }

  #end(group: SpaceGroup, held: HeldMilestone, restart: () => void): void {
    const { context, milestones, documents } = this.#init
    const { logs, keys } = context
    const { batch } = group
    this.#isEnding = true
    const checkpoint = documents.checkpointBelow(held.milestone.logs)
    batch.put(keys.snapshots + checkpointName, encodeSnapshot({ frontier: checkpoint, state: new Uint8Array() }))
    for (const name of held.documents.keys()) batch.del(keys.snapshots + name)
    for (const [twin, device, seq, hash] of held.milestone.logs) {
      const log = logs.open({ twin, device })
      if (log === undefined || log.seq >= seq) continue
      // What is held of it and the milestone do not touch: it begins anew behind the milestone
      for (let last = log.base.seq + 1; last <= log.seq; last++) batch.del(logs.runKey(log, last))
      logs.setBase(batch, log, { seq, hash, mhead: undefined, anchors: log.base.anchors })
      group.heads.set(log, seq)
      context.quarantine.adopted(batch, log.client, seq)
    }
    milestones.write(batch, held)
    batch.del(keys.incoming)
    group.done.push(() => {
      milestones.keep(held)
      const isOfWriter = held.milestone.version === 2
      this.#finish(isOfWriter ? { answer: answerTo(held.milestone, false) } : {}, restart)
      if (isOfWriter) context.news.tell('milestone', { space: context.id })
    })
  }

  #finish(result: MilestoneResult, restart: () => void): void {
    const waiting = this.#adopting?.resolve ?? []
    this.#adopting = undefined
    this.#isEnding = false
    restart()
    for (const resolve of waiting) resolve(result)
  }

  #begin(held: HeldMilestone): Adopting {
    const names = [...held.documents.keys()]
    return { held, names, rows: undefined, isFirst: this.#isEmpty, hasBegun: false, resolve: [] }
  }

  /** Nothing was written in this space as far as is known here. */
  get #isEmpty(): boolean {
    const { context, milestones } = this.#init
    return [...milestones].length === 0 && [...context.logs].every(({ seq }) => seq === 0)
  }

  async #stateOf(snapshot: Snapshot): Promise<Uint8Array> {
    const state = await this.#init.milestones.state(snapshot)
    if (state === undefined) throw new Error('A snapshot that was checked cannot be read')
    return state
  }
}

function take<T>(items: Iterator<T>, count: number): T[] {
  const taken: T[] = []
  for (let item = items.next(); item.done !== true; item = items.next()) {
    taken.push(item.value)
    if (taken.length === count) break
  }
  return taken
}
