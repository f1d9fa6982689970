import { type EntryInfo, LoadedDocument } from '../documents/index.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
import { type ReplayedEntry, replay } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'

/** Rows of a state do not say who wrote it when. */
const nobody: EntryInfo = { member: 0, device: 0, seq: 0, time: 0, origin: '' }

/** Rows of one batch */
const batchRows = 4096

/** Writes the index of a space anew from its log and removes rows that do not follow from it. */
export async function rebuildIndex(
  context: SpaceContext,
  { marks, milestones }: { readonly marks: EntryMarks; readonly milestones: Milestones },
  client: number
): Promise<void> {
  const { id, store, logs, crypto, keyRing, keys, kinds, membership, quarantine } = context
  const documents = new Map<string, LoadedDocument>()
  const kept = new Set<string>()
  let batch = store.batch()
  const to = new Map([...logs].map(log => [log.client, log.durable]))
  const from = new Map([...logs].map(log => [log.client, log.base.seq]))
  const keyOf: Parameters<typeof replay>[0]['keyOf'] = (log, epoch) => keyRing.entryKey(log, epoch)
  const init = { space: id, logs, crypto, keyOf, endOf: (of: number) => quarantine.endOf(of), from, to }
  /** Released entries, which were applied later than where they stand in the log */
  const late = new Map<LoadedDocument, ReplayedEntry[]>()
  const apply = (document: LoadedDocument, update: Uint8Array, info: EntryInfo): void => {
    const transaction = document.apply(update)
    for (const row of transaction === undefined ? [] : document.project(transaction, info)) {
      const key = `${keys.index}${document.kind.kind}/${row.key}`
      if (row.value === undefined) {
        kept.delete(key)
        batch.del(key)
      } else {
        kept.add(key)
        batch.put(key, row.value)
      }
    }
  }
  const open = async (name: string): Promise<LoadedDocument | undefined> => {
    const kind = kinds.get(kindOf(name))
    if (kind === undefined) return undefined
    const gateVersion = membership.view?.genesis.gate ?? 1
    const document = new LoadedDocument({ name, kind, client, gateVersion, onDirectEdit: () => {} })
    document.ready()
    documents.set(name, document)
    const snapshot = milestones.of(name)
    const state = snapshot && (await milestones.state(snapshot))
    if (state !== undefined) apply(document, state, nobody)
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
    else apply(document, payload.update, infoOf(entry))
    for (let waiting = late.get(document) ?? []; waiting.length > 0; ) {
      const next = waiting.find(({ log, payload }) => document.judge(payload.update, log.client).ok)
      if (next === undefined) break
      apply(document, next.payload.update, infoOf(next))
      waiting = waiting.filter(other => other !== next)
      late.set(document, waiting)
    }
    if (batch.rows >= batchRows) {
      await store.commit(batch)
      batch = store.batch()
    }
  }
  for await (const [key] of store.under(keys.index)) if (!kept.has(key)) batch.del(key)
  await store.commit(batch)
  for (const { doc } of documents.values()) doc.destroy()
}

function infoOf({ log, seq, time, payload }: ReplayedEntry): EntryInfo {
  return { member: log.member, device: log.id.device, seq, time, origin: payload.origin }
}
