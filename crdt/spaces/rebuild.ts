import * as Y from 'yjs'
import { deltaToUpdate, type EntryInfo, type IndexRow, LoadedDocument, reissuer } from '../documents/index.ts'
import type { DocumentCache } from './document-cache.ts'
import type { EntryMarks } from './entry-marks.ts'
import { type StoredRunEntry, walk } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'

export interface RebuildInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
  readonly marks: EntryMarks
}

/** What this device wrote, that a cut took out with what it was built on, and that has to be written again. */
export interface OwedEdit {
  readonly document: string
  readonly origin: string
  /** How many items found no place any more. */
  readonly edit: (transaction: Y.Transaction) => { lost: number }
}

interface DocumentEntry {
  readonly client: number
  readonly seq: number
  readonly update: Uint8Array
  readonly origin: string
  readonly info: EntryInfo
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
    const wasOut = quarantine.verdicts()
    quarantine.restart()
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
      const before = this.#project(
        name,
        all.filter(({ client, seq }) => !wasOut(client, seq))
      )
      const after = this.#project(name, all.filter(isIn))
      group.addRows(kind.kind, difference(before.rows, after.rows))
      const loaded = documents.loaded(name)
      const old = loaded === undefined || loaded.isStale ? this.#project(name, all).document : loaded
      const rewrite = reissuer({ from: old.doc, shared: Y.decodeStateVector(Y.encodeStateVector(after.document.doc)) })
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
      if (loaded !== undefined) loaded.isStale = true
      await documents.rebuild(group.batch, name, all.filter(isIn))
    }
    return owed
  }

  /** Everything that was written into these documents and that the rules let in. */
  async #entriesOf(names: ReadonlySet<string>): Promise<Map<string, DocumentEntry[]>> {
    const { marks } = this.#init
    const entries = new Map<string, DocumentEntry[]>([...names].map(name => [name, []]))
    for await (const stored of this.#walk()) {
      const opened = await stored.open()
      const list = opened && entries.get(opened.payload.document)
      if (opened === undefined || list === undefined) continue
      const { log, seq, time } = opened
      if (marks.isRejected(log.client, seq)) continue
      const { update, origin } = opened.payload
      const info = { member: log.member, device: log.id.device, seq, time, origin }
      list.push({ client: log.client, seq, update, origin, info })
    }
    return entries
  }

  /** The document that entries make, and the rows that they leave. */
  #project(name: string, entries: readonly DocumentEntry[]): { document: LoadedDocument; rows: Map<string, IndexRow> } {
    const { context } = this.#init
    const document = new LoadedDocument({
      name,
      kind: context.kinds.get(kindOf(name))!,
      client: 0,
      gateVersion: context.membership.view?.genesis.gate ?? 1,
      onDirectEdit: () => {}
    })
    document.ready()
    const rows = new Map<string, IndexRow>()
    for (const { client, update, info } of entries) {
      // The verdict may be another without what was taken out: the same on every replica, for it sees the same entries
      if (!document.judge(update, client).ok) continue
      const transaction = document.apply(update)
      if (transaction === undefined) continue
      for (const row of document.project(transaction, info)) rows.set(row.key, row)
    }
    return { document, rows }
  }

  #walk(): AsyncIterable<StoredRunEntry> {
    const { id, logs, crypto, keyRing, quarantine } = this.#init.context
    return walk({
      space: id,
      logs,
      crypto,
      keyOf: (log, epoch) => keyRing.entryKey(log, epoch),
      endOf: client => quarantine.endOf(client),
      from: new Map(),
      to: new Map([...logs].map(log => [log.client, log.seq]))
    })
  }
}

/** Rows that make the one set of rows into the other. */
function difference(before: ReadonlyMap<string, IndexRow>, after: ReadonlyMap<string, IndexRow>): IndexRow[] {
  const rows = [...after.values()].filter(({ key, value }) => !isSame(before.get(key)?.value, value))
  for (const [key, { value }] of before) if (value !== undefined && !after.has(key)) rows.push({ key })
  return rows
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
