import { type EntryInfo, type IndexRow, LoadedDocument } from '../documents/index.ts'
import { checkWriter } from './applier.ts'
import { type EntryMarks, poison } from './entry-marks.ts'
import type { StoredState } from './held-milestone.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** An entry as a document takes it. */
export interface DocumentEntry {
  readonly log: SpaceLog
  readonly client: number
  readonly seq: number
  readonly update: Uint8Array
  readonly origin: string
  readonly info: EntryInfo
}

/** A document that was made for comparing, and what became of each entry. */
export interface ProjectedDocument {
  readonly document: LoadedDocument
  readonly rows: Map<string, IndexRow>
  readonly applied: DocumentEntry[]
  /** Those of the applied ones that came in behind others that stand after them. */
  readonly late: Set<DocumentEntry>
  held: DocumentEntry[]
  readonly rejected: Map<DocumentEntry, string>
}

/** The document that entries make, and the rows that they leave. */
export function projectDocument(
  { context, marks }: { readonly context: SpaceContext; readonly marks: EntryMarks },
  name: string,
  states: readonly StoredState[],
  entries: readonly DocumentEntry[]
): ProjectedDocument {
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
  for (const { state, info } of states) {
    const whole = document.apply(state)
    for (const row of whole === undefined ? [] : document.project(whole, info)) projected.rows.set(row.key, row)
  }
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

/** Tries what is held, each author's in order, until nothing more fits. */
function retry(projected: ProjectedDocument, take: (entry: DocumentEntry) => boolean): void {
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
