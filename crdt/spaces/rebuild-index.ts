import { type EntryInfo, LoadedDocument } from '../documents/index.ts'
import type { GatheredRows } from '../store/index.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
import { type ReplayedEntry, replay } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'

/** What the index of a space follows from, but for its logs. */
export interface IndexSources {
  readonly marks: EntryMarks
  readonly milestones: Milestones
}

/** Gathers the index of a space from its log: rows by kind and key. */
export async function rebuildIndex(
  context: SpaceContext,
  { marks, milestones }: IndexSources,
  client: number,
  rows: GatheredRows
): Promise<void> {
  const { id, logs, crypto, keyRing, kinds, membership, quarantine } = context
  const documents = new Map<string, LoadedDocument>()
  const to = new Map([...logs].map(log => [log.client, log.durable]))
  const from = new Map([...logs].map(log => [log.client, log.base.seq]))
  const keyOf: Parameters<typeof replay>[0]['keyOf'] = (log, epoch) => keyRing.entryKey(log, epoch)
  const init = { space: id, logs, crypto, keyOf, endOf: (of: number) => quarantine.endOf(of), from, to }
  /** Released entries, which were applied later than where they stand in the log */
  const late = new Map<LoadedDocument, ReplayedEntry[]>()
  const apply = async (document: LoadedDocument, update: Uint8Array, info: EntryInfo): Promise<void> => {
    const transaction = document.apply(update)
    for (const row of transaction === undefined ? [] : document.project(transaction, info)) {
      const key = `${document.kind.kind}/${row.key}`
      await (row.value === undefined ? rows.del(key) : rows.put(key, row.value))
    }
  }
  const open = async (name: string): Promise<LoadedDocument | undefined> => {
    const kind = kinds.get(kindOf(name))
    if (kind === undefined) return undefined
    const gateVersion = membership.view?.genesis.gate ?? 1
    const document = new LoadedDocument({ name, kind, client, gateVersion, onDirectEdit: () => {} })
    document.ready()
    documents.set(name, document)
    for (const { state, info } of await milestones.states(name)) await apply(document, state, info)
    return document
  }
  for (const { documents: names } of milestones) for (const name of names.keys()) await open(name)
  for await (const entry of replay(init)) {
    const { log, seq, payload } = entry
    const name = payload.document
    if (marks.isLeftOut(log.client, seq) || quarantine.has(log.client, seq)) continue
    if (seq <= (milestones.covered(name).get(log.client) ?? 0)) continue
    const document = documents.get(name) ?? (await open(name))
    if (document === undefined) continue
    if (marks.isReleased(log.client, seq)) late.set(document, [...(late.get(document) ?? []), entry])
    else await apply(document, payload.update, infoOf(entry))
    for (let waiting = late.get(document) ?? []; waiting.length > 0; ) {
      const next = waiting.find(({ log, payload }) => document.judge(payload.update, log.client).ok)
      if (next === undefined) break
      await apply(document, next.payload.update, infoOf(next))
      waiting = waiting.filter(other => other !== next)
      late.set(document, waiting)
    }
  }
  for (const { doc } of documents.values()) doc.destroy()
}

function infoOf({ log, seq, time, payload }: ReplayedEntry): EntryInfo {
  return { member: log.member, device: log.id.device, seq, time, origin: payload.origin }
}
