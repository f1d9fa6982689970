import * as Y from 'yjs'
import { deltaToUpdate, reissuer } from '../documents/index.ts'
import type { DocumentCache } from './document-cache.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { StoredState } from './held-milestone.ts'
import type { Milestones } from './milestones.ts'
import type { OtherEntry, OtherHistories } from './other-history.ts'
import { type DocumentEntry, type ProjectedDocument, projectDocument } from './project-document.ts'
import { type StoredRunEntry, walk } from './replay.ts'
import { rowDifference } from './row-difference.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'

export interface RebuildInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
  readonly marks: EntryMarks
  readonly milestones: Milestones
  readonly others: OtherHistories
}

/** What this device wrote, that a cut took out with what it was built on, and that has to be written again. */
export interface OwedEdit {
  readonly document: string
  readonly origin: string
  /** How many items found no place any more. */
  readonly edit: (transaction: Y.Transaction) => { lost: number }
}

/** What was judged anew, and what is to be written again. */
interface Change {
  readonly wasOut: (client: number, seq: number) => boolean
  readonly own: SpaceLog | undefined
  readonly mine: readonly SpaceLog[]
  readonly others: readonly (readonly (OtherEntry & { readonly log: SpaceLog })[])[]
}

/**
 * Carries out what removals and revocations took out: judges every stored entry again, and builds anew the documents and index rows of
 * which the verdict has changed. All of it is part of one group commit, so a crash leaves it done or not done.
 */
export class Rebuild {
  readonly #init: RebuildInit

  constructor(init: RebuildInit) {
    this.#init = init
  }

  /** @returns own edits that have to be written again, in order */
  async run(group: SpaceGroup, own: SpaceLog | undefined): Promise<OwedEdit[]> {
    const { context } = this.#init
    const { quarantine } = context
    // Entries of groups on their way to the disk are judged too
    await context.commit.written()
    const mine = this.mine(own)
    const isOwing = mine.some(log => this.owes(log))
    if (!isOwing && quarantine.takesNothing(context.logs)) {
      quarantine.settle()
      quarantine.write(group.batch)
      return []
    }
    const wasOut = quarantine.verdicts()
    quarantine.restart(client => context.logs.get(client)?.base.seq ?? 0)
    const changed = new Set<string>()
    for await (const entry of this.#walk()) {
      const { client } = entry.log
      const isOut = quarantine.judge({ client, seq: entry.seq, mhead: entry.mhead, deps: entry.deps })
      const isOwed = isOut && mine.includes(entry.log) && quarantine.isOwed(client, entry.seq)
      if (isOut === wasOut(client, entry.seq) && !isOwed) continue
      const document = (await entry.open())?.payload.document
      if (document !== undefined) changed.add(document)
    }
    quarantine.write(group.batch)
    const others = await this.#others(mine.filter(log => log !== own && this.owes(log)))
    for (const entries of others) for (const { payload } of entries) changed.add(payload.document)
    return changed.size === 0 ? [] : this.#documents(group, changed, { wasOut, own, mine, others })
  }

  /** Whether something of the log is to be written again. */
  owes(log: SpaceLog): boolean {
    const { context, others } = this.#init
    return context.quarantine.owes(log.client, log.seq) || others.hasAside(log)
  }

  /** Logs of which this device writes again what is out. */
  mine(own: SpaceLog | undefined): SpaceLog[] {
    if (own === undefined) return []
    const { context } = this.#init
    return [own, ...context.former.flatMap(device => context.logs.find({ twin: own.id.twin, device }) ?? [])]
  }

  async #others(logs: readonly SpaceLog[]): Promise<(OtherEntry & { readonly log: SpaceLog })[][]> {
    const histories: (OtherEntry & { readonly log: SpaceLog })[][] = []
    for (const log of logs) {
      for (const entries of await this.#init.others.entries(log))
        histories.push(entries.map(entry => ({ ...entry, log })))
    }
    return histories
  }

  async #documents(
    group: SpaceGroup,
    names: ReadonlySet<string>,
    { wasOut, own, mine, others }: Change
  ): Promise<OwedEdit[]> {
    const { context, documents } = this.#init
    const owed: OwedEdit[] = []
    const entries = await this.#entriesOf(names)
    for (const [name, all] of entries) {
      const kind = context.kinds.get(kindOf(name))
      if (kind === undefined) continue
      const isIn = ({ client, seq }: DocumentEntry): boolean => !context.quarantine.has(client, seq)
      // Nothing of what milestones have can be out, for whoever decides about cuts had it
      const states = await this.#init.milestones.states(name)
      const was = all.filter(({ client, seq }) => !wasOut(client, seq))
      const before = this.#made(name, states, was)
      const after = this.#made(name, states, all.filter(isIn))
      this.#mark(group, name, after)
      group.addRows(kind.kind, rowDifference(before.rows, after.rows))
      const loaded = documents.loaded(name)
      const old = loaded === undefined || loaded.isStale ? this.#made(name, states, all).document : loaded
      const shared = Y.decodeStateVector(Y.encodeStateVector(after.document.doc))
      // From the first item that is out, ids stand for what its author has written again
      for (const { client, update } of all.filter(entry => !isIn(entry))) {
        for (const { id } of Y.decodeUpdate(update).structs) {
          shared.set(client, Math.min(id.clock, shared.get(client) ?? 0))
        }
      }
      const rewrite = reissuer({ from: old.doc, shared })
      for (const { client, seq, update, origin } of all) {
        const isMine = mine.some(log => log.client === client)
        if (isMine && context.quarantine.isOwed(client, seq))
          owed.push({ document: name, origin, edit: rewrite(update) })
      }
      for (const history of others) owed.push(...this.#rewriteOther(name, states, all.filter(isIn), history))
      if (loaded?.hasDirectEdits === true && own !== undefined) {
        // Not in the log yet, and made on what is no longer there
        for (const delta of loaded.take().deltas) {
          owed.push({ document: name, origin: '', edit: rewrite(deltaToUpdate(own.client, delta)) })
        }
      }
      if (loaded !== undefined) {
        loaded.rebuiltTo = shared
        loaded.spoil()
      }
      await documents.rebuild(group.batch, name, document => {
        for (const { state } of states) document.restore(state)
        for (const { update } of after.applied) document.restore(update)
      })
    }
    return owed
  }

  /** What another history of a log wrote into a document, on top of what is in both. */
  #rewriteOther(
    name: string,
    states: readonly StoredState[],
    shared: DocumentEntry[],
    history: Change['others'][number]
  ) {
    const entries = history.flatMap(({ log, seq, time, payload: { document, update, origin } }) => {
      const info = { member: log.member, device: log.id.device, seq, time, origin }
      return document === name ? [{ log, client: log.client, seq, update, origin, info }] : []
    })
    if (entries.length === 0) return []
    const { document } = this.#made(name, states, shared)
    const known = Y.decodeStateVector(Y.encodeStateVector(document.doc))
    const whole = this.#made(name, states, [...shared, ...entries])
    const rewrite = reissuer({ from: whole.document.doc, shared: known })
    const { applied } = whole
    return entries.flatMap(entry =>
      applied.includes(entry) ? { document: name, origin: entry.origin, edit: rewrite(entry.update) } : []
    )
  }

  /** Everything that was written into these documents since their milestone. */
  async #entriesOf(names: ReadonlySet<string>): Promise<Map<string, DocumentEntry[]>> {
    const { milestones } = this.#init
    const entries = new Map<string, DocumentEntry[]>([...names].map(name => [name, []]))
    const covered = new Map([...names].map(name => [name, milestones.covered(name)]))
    for await (const stored of this.#walk()) {
      const opened = await stored.open()
      const list = opened && entries.get(opened.payload.document)
      if (opened === undefined || list === undefined) continue
      const { log, seq, time } = opened
      if (seq <= (covered.get(opened.payload.document)?.get(log.client) ?? 0)) continue
      const { update, origin } = opened.payload
      const info = { member: log.member, device: log.id.device, seq, time, origin }
      list.push({ log, client: log.client, seq, update, origin, info })
    }
    return entries
  }

  #made(name: string, states: readonly StoredState[], entries: readonly DocumentEntry[]): ProjectedDocument {
    return projectDocument(this.#init, name, states, entries)
  }

  /** What the rules say of each entry now: it may be another verdict without what was taken out, but the same on every replica. */
  #mark({ batch }: SpaceGroup, name: string, { applied, late, held, rejected }: ProjectedDocument): void {
    const { marks } = this.#init
    for (const entry of applied) {
      if (late.has(entry)) marks.release(batch, entry.log, entry.seq, name)
      else marks.clear(batch, entry.log, entry.seq)
    }
    for (const { log, seq } of held) marks.hold(batch, log, seq, 'missing', name)
    for (const [{ log, seq }, reason] of rejected) marks.reject(batch, log, seq, reason)
  }

  #walk(): AsyncIterable<StoredRunEntry> {
    const { id, logs, crypto, keyRing, quarantine } = this.#init.context
    return walk({
      space: id,
      logs,
      crypto,
      keyOf: (log, epoch) => keyRing.entryKey(log, epoch),
      endOf: client => quarantine.endOf(client),
      from: new Map([...logs].map(log => [log.client, log.base.seq])),
      to: new Map([...logs].map(log => [log.client, log.seq]))
    })
  }
}
