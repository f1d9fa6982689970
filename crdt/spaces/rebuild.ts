import * as Y from 'yjs'
import { deltaToUpdate, type EntryInfo, type IndexRow, LoadedDocument, reissuer } from '../documents/index.ts'
import { StoreError } from '../store/index.ts'
import { checkWriter } from './applier.ts'
import type { DocumentCache } from './document-cache.ts'
import { type EntryMarks, poison } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
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
}

/** What this device wrote, that a cut took out with what it was built on, and that has to be written again. */
export interface OwedEdit {
  readonly document: string
  readonly origin: string
  /** How many items found no place any more. */
  readonly edit: (transaction: Y.Transaction) => { lost: number }
}

/** Rows of a state do not say who wrote it when. */
const nobody: EntryInfo = { member: 0, device: 0, seq: 0, time: 0, origin: '' }

interface DocumentEntry {
  readonly log: SpaceLog
  readonly client: number
  readonly seq: number
  readonly update: Uint8Array
  readonly origin: string
  readonly info: EntryInfo
}

interface Projected {
  readonly document: LoadedDocument
  readonly rows: Map<string, IndexRow>
  readonly applied: DocumentEntry[]
  /** Those of the applied ones that came in behind others that stand after them. */
  readonly late: Set<DocumentEntry>
  held: DocumentEntry[]
  readonly rejected: Map<DocumentEntry, string>
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
    const isOwing = own !== undefined && quarantine.owes(own.client, own.seq)
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
      const isOwed = isOut && client === own?.client && quarantine.isOwed(client, entry.seq)
      if (isOut === wasOut(client, entry.seq) && !isOwed) continue
      const document = (await entry.open())?.payload.document
      if (document !== undefined) changed.add(document)
    }
    quarantine.write(group.batch)
    return changed.size === 0 ? [] : this.#documents(group, changed, wasOut, own)
  }

  async #documents(
    group: SpaceGroup,
    names: ReadonlySet<string>,
    wasOut: (client: number, seq: number) => boolean,
    own: SpaceLog | undefined
  ): Promise<OwedEdit[]> {
    const { context, documents } = this.#init
    const owed: OwedEdit[] = []
    const entries = await this.#entriesOf(names)
    for (const [name, all] of entries) {
      const kind = context.kinds.get(kindOf(name))
      if (kind === undefined) continue
      const isIn = ({ client, seq }: DocumentEntry): boolean => !context.quarantine.has(client, seq)
      const state = await this.#stateOf(name)
      const was = all.filter(({ client, seq }) => !wasOut(client, seq))
      const before = this.#project(name, state, was)
      const after = this.#project(name, state, all.filter(isIn))
      this.#mark(group, name, after)
      group.addRows(kind.kind, rowDifference(before.rows, after.rows))
      const loaded = documents.loaded(name)
      const old = loaded === undefined || loaded.isStale ? this.#project(name, state, all).document : loaded
      const shared = Y.decodeStateVector(Y.encodeStateVector(after.document.doc))
      const rewrite = reissuer({ from: old.doc, shared })
      for (const { client, seq, update, origin } of all) {
        if (client !== own?.client || !context.quarantine.isOwed(client, seq)) continue
        owed.push({ document: name, origin, edit: rewrite(update) })
      }
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
        if (state !== undefined) document.restore(state)
        for (const { update } of after.applied) document.restore(update)
      })
    }
    return owed
  }

  /** What the milestone has of a document: nothing of that can be out, for whoever decides about cuts had it. */
  async #stateOf(name: string): Promise<Uint8Array | undefined> {
    const { milestones } = this.#init
    const snapshot = milestones.of(name)
    const state = snapshot && (await milestones.state(snapshot))
    if (snapshot !== undefined && state === undefined) {
      throw new StoreError('corrupt', 'The store is damaged: the snapshot of a document cannot be read')
    }
    return state
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

  /** What the rules say of each entry now: it may be another verdict without what was taken out, but the same on every replica. */
  #mark({ batch }: SpaceGroup, name: string, { applied, late, held, rejected }: Projected): void {
    const { marks } = this.#init
    for (const entry of applied) {
      if (late.has(entry)) marks.release(batch, entry.log, entry.seq, name)
      else marks.clear(batch, entry.log, entry.seq)
    }
    for (const { log, seq } of held) marks.hold(batch, log, seq, 'missing', name)
    for (const [{ log, seq }, reason] of rejected) marks.reject(batch, log, seq, reason)
  }

  /** The document that entries make, and the rows that they leave. */
  #project(name: string, state: Uint8Array | undefined, entries: readonly DocumentEntry[]): Projected {
    const { context, marks } = this.#init
    const kind = context.kinds.get(kindOf(name))!
    const document = new LoadedDocument({
      name,
      kind,
      client: 0,
      gateVersion: context.membership.view?.genesis.gate ?? 1,
      onDirectEdit: () => {}
    })
    document.ready()
    const projected = {
      document,
      rows: new Map<string, IndexRow>(),
      applied: [] as DocumentEntry[],
      late: new Set<DocumentEntry>(),
      held: [] as DocumentEntry[],
      rejected: new Map<DocumentEntry, string>()
    }
    const whole = state && document.apply(state)
    for (const row of whole === undefined ? [] : document.project(whole, nobody)) projected.rows.set(row.key, row)
    /** Whether it is settled: else it waits, and what its author wrote behind it waits too. */
    const take = (entry: DocumentEntry): boolean => {
      const foreign = checkWriter(context, kind, name, entry.info.member)
      const reason = marks.isPoison(entry.client, entry.seq) ? poison : foreign
      const verdict = reason === undefined ? document.judge(entry.update, entry.client) : undefined
      if (verdict?.ok === false && verdict.hold) return false
      if (verdict?.ok !== true) {
        projected.rejected.set(entry, reason ?? verdict!.reason)
        return true
      }
      const transaction = document.apply(entry.update)
      projected.applied.push(entry)
      for (const row of transaction === undefined ? [] : document.project(transaction, entry.info)) {
        projected.rows.set(row.key, row)
      }
      return true
    }
    for (const entry of entries) {
      if (projected.held.some(({ client }) => client === entry.client) || !take(entry)) projected.held.push(entry)
      else if (projected.held.length > 0) retry(projected, take)
    }
    return projected
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

/** Tries what is held, each author's in order, until nothing more fits. */
function retry(projected: Projected, take: (entry: DocumentEntry) => boolean): void {
  for (let before = projected.held.length + 1; projected.held.length < before; ) {
    before = projected.held.length
    const blocked = new Set<number>()
    projected.held = projected.held.filter(entry => {
      const isTaken = !blocked.has(entry.client) && take(entry)
      if (isTaken) projected.late.add(entry)
      else blocked.add(entry.client)
      return !isTaken
    })
  }
}
