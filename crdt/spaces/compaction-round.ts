import { equals } from 'uint8arrays/equals'
import type { ListedDocument } from '../milestone/index.ts'
import type { EntrySurvey, LogScan } from './entry-survey.ts'
import type { HeldMilestone } from './held-milestone.ts'
import type { Sealed, SealInit } from './seal-document.ts'
import { isByWriters, isCompactable } from './snapshot-rules.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** Entries after which a space is compacted; more when its snapshots are large, so that those do not cost more than the entries. */
const minEntries = 65_536
const snapshotBytesPerEntry = 128
/** A conversation grows slowly, and there are many. */
const minConversationEntries = 8192
/** One compaction on its way. Nothing of it is needed after a crash: it begins again. */
export interface Round {
  /** Looks for entries of documents whose kind is not known. */
  readonly scan: LogScan
  /** Up to where each log is taken, which only goes down until the first document is sealed. */
  readonly ends: Map<SpaceLog, number>
  heads: ReadonlyMap<SpaceLog, readonly [seq: number, hash: Uint8Array]>
  readonly names: Set<string>
  readonly sealed: Map<string, Sealed>
  phase: 'find' | 'seal' | 'survey' | 'sign' | 'check' | 'drop'
  survey?: EntrySurvey
  held?: HeldMilestone
  dropped: number
  /** For those who decide about removals to hold what it covers: it goes on with the next group, whoever causes that. */
  isWaiting?: boolean
}

/** Entries after which a space is compacted. */
export function intervalOf({ context, milestones }: Pick<SealInit, 'context' | 'milestones'>): number {
  let bytes = 0
  for (const { milestone } of milestones) for (const [, size] of milestone.parts) bytes += size
  return Math.max(isByWriters(context) ? minConversationEntries : minEntries, bytes / snapshotBytesPerEntry)
}

/** The documents that a milestone of this device is to have, out of all; a sentence if the space cannot have one. */
export function documentsFor({ context, marks }: SealInit, all: ReadonlySet<string>): Set<string> | string {
  const names = new Set<string>()
  for (const name of new Set([...all, ...marks.unread])) {
    const kind = context.kinds.get(kindOf(name))
    // What is not known here stays in the logs
    if (kind === undefined) continue
    if (isCompactable(kind, name, context, context.me.twin)) names.add(name)
    else if (!isOfAnother(context, name)) return 'It has documents that are kept whole'
  }
  return names
}

/** Up to where logs may be taken: what is held stays, and what follows it in its log. */
export function endsOf({ context, marks }: SealInit): Map<SpaceLog, number> {
  const ends = new Map<SpaceLog, number>()
  for (const log of context.logs) {
    if (isByWriters(context) && !equals(log.id.twin, context.me.twin)) continue
    const cut = context.quarantine.endOf(log.client)?.seq ?? log.seq
    const held = marks.firstHeld(log.client) ?? log.seq + 1
    const end = Math.min(log.seq, cut, held - 1)
    if (end > 0) ends.set(log, end)
  }
  return ends
}

async function headsOf({ logs, quarantine }: SpaceContext, ends: ReadonlyMap<SpaceLog, number>) {
  const heads = new Map<SpaceLog, readonly [seq: number, hash: Uint8Array]>()
  for (const [log, seq] of ends) {
    const cut = quarantine.endOf(log.client)
    const hash = cut?.seq === seq ? cut.hash : await logs.hashAt(log, seq)
    if (seq > 0 && hash !== undefined) heads.set(log, [seq, hash])
  }
  return heads
}

/** Looks for entries of documents whose kind is not known here, and then says up to where each log is taken. */
export async function findIn(round: Round, { context, marks }: SealInit): Promise<undefined> {
  const isDone = await round.scan.step(({ log, seq, payload }) => {
    const isKnown = context.kinds.has(kindOf(payload.document)) || marks.isLeftOut(log.client, seq)
    if (!isKnown) round.ends.set(log, Math.min(seq - 1, round.ends.get(log) ?? 0))
    return isKnown
  })
  if (!isDone) return
  round.heads = await headsOf(context, round.ends)
  round.phase = round.heads.size === 0 ? 'drop' : 'seal'
}

/** Whether logs have entries of documents whose kind is not known here. */
export function hasUnknown({ context, marks }: SealInit): boolean {
  return [...marks.unread].some(name => !context.kinds.has(kindOf(name)))
}

/** Up to where the snapshots of a round have each log. */
export function contentOf({ heads, sealed }: Round, { logs }: SpaceContext): (readonly [log: SpaceLog, seq: number])[] {
  const beyond = [...sealed.values()].flatMap(({ listed }) => listed.beyond)
  const more = beyond.map(([twin, device, seq]) => [logs.find({ twin, device })!, seq] as const)
  return [...Array.from(heads, ([log, [seq]]) => [log, seq] as const), ...more]
}

/** The highest number of each log. */
export function endsIn(content: Iterable<readonly [log: SpaceLog, seq: number]>): Map<SpaceLog, number> {
  const ends = new Map<SpaceLog, number>()
  for (const [log, seq] of content) ends.set(log, Math.max(seq, ends.get(log) ?? 0))
  return ends
}

/** A document as in the last milestone: it may have entries beyond what this one covers as well. */
export function unchangedIn({ heads }: Round, listed: ListedDocument, { logs }: SpaceContext): ListedDocument {
  const isBeyond = ([twin, device, seq]: ListedDocument['beyond'][number]) =>
    seq > (heads.get(logs.find({ twin, device })!)?.[0] ?? 0)
  return { ...listed, beyond: listed.beyond.filter(isBeyond) }
}

/** Notes with which entries the events of all sealed documents came; whether that is known. */
export function completeIn({ sealed, survey }: Round): boolean {
  for (const [name, item] of sealed) {
    const listed = survey?.complete(item.listed)
    if (listed === undefined) return false
    sealed.set(name, { ...item, listed })
  }
  return true
}

/** In a conversation the documents of others are theirs to seal. */
function isOfAnother(context: SpaceContext, name: string): boolean {
  const writer = context.kinds.get(kindOf(name))!.writer(name, context.facts)
  return isByWriters(context) && writer !== 'members' && writer !== context.facts.numberOf(context.me.twin)
}
