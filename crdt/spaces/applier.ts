import type { DocumentKind, LoadedDocument } from '../documents/index.ts'
import type { Lack } from '../gate/index.ts'
import { openPayload, type Payload } from '../log/index.ts'
import type { VerifiedRun } from './chain.ts'
import type { DocumentCache } from './document-cache.ts'
import { type EntryMarks, poison } from './entry-marks.ts'
import { HeldEntries, type HeldEntry, heldEntry } from './held-entries.ts'
import type { Milestones } from './milestones.ts'
import { readEntry } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import { maxDocumentBytes } from './writer.ts'

/** Bytes of updates a document of others may be made of: twice what an honest writer stops at, for those who write at one time. */
const maxAppliedBytes = 2 * maxDocumentBytes

type Judgement =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly hold: boolean; readonly lacks?: Lack }

const behind: Judgement = { ok: false, reason: 'behind', hold: true }

export interface ApplierInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
  readonly marks: EntryMarks
  readonly milestones: Milestones
}

/** Opens verified entries and applies them to their documents; what the rules reject stays in the log and changes nothing. */
export class Applier {
  readonly #init: ApplierInit
  /** Entries on which Yjs threw though the gate let them through. */
  readonly #poison = new Set<string>()
  readonly #held = new HeldEntries()
  /** Documents that grew in the group. */
  #grown = new Set<LoadedDocument>()
  #isFresh = true

  constructor(init: ApplierInit) {
    this.#init = init
  }

  async apply(group: SpaceGroup, entries: readonly { readonly of: VerifiedRun; readonly index: number }[]) {
    this.#grown = new Set()
    if (this.#isFresh) await this.#readHeld(group)
    for (const { of, index } of entries) await this.#applyOne(group, of, index)
    for (const document of this.#grown) this.#retry(group, document)
    this.#init.context.quarantine.write(group.batch)
  }

  /** After this device has written: something may wait for just that. */
  retryAfterWrites(group: SpaceGroup, client: number): void {
    const written = new Set(group.entries.filter(({ own }) => own).map(({ document }) => document))
    for (const name of written) {
      const document = this.#init.documents.loaded(name)
      if (document === undefined || document.isStale) continue
      if (this.#held.hasCome(name, { client, clock: document.clock })) this.#retry(group, document)
    }
  }

  /** Marks were read again from the store: what is held is read from the log and tried with the next group. Whether there is any. */
  reset(): boolean {
    this.#held.clear()
    this.#isFresh = true
    for (const _ of this.#init.marks.held()) return true
    return false
  }

  async #applyOne(group: SpaceGroup, of: VerifiedRun, index: number): Promise<void> {
    const { context, marks, milestones } = this.#init
    const { log, run, headers } = of
    const seq = run.first + index
    const { deps } = run.entries[index]!
    if (context.quarantine.judge({ client: log.client, seq, mhead: run.mhead, deps })) return
    const key = context.keyRing.entryKey(log, run.epoch)
    // A replica has no keys: it holds what it cannot read
    if (key === undefined) return
    const entry = run.entries[index]!
    const opened = openPayload(context.crypto, key, headers[index]!, entry.sealed)
    const payload = opened instanceof Promise ? await opened : opened
    const kind = payload && context.kinds.get(kindOf(payload.document))
    const refusal =
      payload === undefined ? 'does not open' : kind && checkWriter(context, kind, payload.document, log.member)
    if (payload === undefined || refusal !== undefined) marks.reject(group.batch, log, seq, refusal ?? '')
    else if (kind === undefined) marks.leaveUnread(group.batch, payload.document)
    else if (!milestones.hasBeyond(payload.document, log.client, seq)) {
      const { document } = payload
      const loaded = this.#init.documents.loaded(document) ?? (await this.#init.documents.get(document))
      this.#applyUpdate(group, loaded, payload, of, index)
    }
  }

  #applyUpdate(group: SpaceGroup, document: LoadedDocument, payload: Payload, of: VerifiedRun, index: number): void {
    const { marks } = this.#init
    const { log, run, hashes } = of
    const seq = run.first + index
    const entry = heldEntry(of, index, payload.update, payload.origin)
    if (this.#poison.has(`${log.key}/${seq}/${hashes[index]!.join('.')}`)) {
      marks.reject(group.batch, log, seq, poison)
      return
    }
    // What stands behind a held entry of its author waits for it, whatever the verdict would be without that
    const verdict = marks.isHolding(log.client, document.name) ? behind : this.#judge(document, entry)
    if (verdict.ok) this.#take(group, document, entry, of, index)
    else if (!verdict.hold) marks.reject(group.batch, log, seq, verdict.reason)
    else {
      entry.lacks = verdict.lacks
      const isKept = this.#held.add(document.name, entry)
      marks.hold(group.batch, log, seq, isKept ? verdict.reason : 'quota', document.name)
    }
  }

  #judge(document: LoadedDocument, { update, log }: HeldEntry): Judgement {
    if (document.size + update.length > maxAppliedBytes) return { ok: false, reason: 'quota', hold: true }
    return document.judge(update, log.client)
  }

  #take(group: SpaceGroup, document: LoadedDocument, entry: HeldEntry, of?: VerifiedRun, index = 0): void {
    const { log, seq, time, origin, update } = entry
    let transaction: ReturnType<LoadedDocument['apply']>
    try {
      transaction = document.apply(update, log.client)
    } catch (cause) {
      // The document is no longer what the log says: everything is read again, then the entry is left out
      if (of !== undefined) this.#poison.add(`${log.key}/${seq}/${of.hashes[index]!.join('.')}`)
      throw new Error('An update that passed the gate did not apply', { cause })
    }
    this.#init.documents.touch(document)
    this.#grown.add(document)
    const { device, twin } = log.id
    if (transaction !== undefined) {
      const info = { member: log.member, device, seq, time, origin }
      group.addRows(document.kind.kind, document.project(transaction, info))
    }
    group.entries.push({
      ref: { twin, device, seq },
      member: log.member,
      document: document.name,
      time,
      origin,
      own: false
    })
  }

  /** Tries what is held in a document that is no longer what it was, until nothing more of it fits. */
  #retry(group: SpaceGroup, document: LoadedDocument): void {
    const { marks, documents } = this.#init
    let isReleased = false
    for (let hasMoved = true; hasMoved; ) {
      hasMoved = false
      for (const entry of this.#held.firsts(document.name)) {
        const verdict = this.#judge(document, entry)
        if (!verdict.ok && verdict.hold) {
          entry.lacks = verdict.lacks
          continue
        }
        hasMoved = true
        this.#held.remove(document.name, entry)
        if (verdict.ok) {
          this.#take(group, document, entry)
          marks.release(group.batch, entry.log, entry.seq, document.name)
          isReleased = true
        } else marks.reject(group.batch, entry.log, entry.seq, verdict.reason)
      }
    }
    // A snapshot of before would cover the place of the entry in the log, and not the entry
    if (isReleased) documents.save(group.batch, document)
  }

  /** After a start: reads what is held, within the quotas, and tries it. */
  async #readHeld(group: SpaceGroup): Promise<void> {
    this.#isFresh = false
    const { context, marks, documents } = this.#init
    const names = new Set<string>()
    for (const { client, seq, document } of [...marks.held()]) {
      const log = context.logs.get(client)
      const entry = log && context.kinds.has(kindOf(document)) ? await readEntry(context, log, seq) : undefined
      if (log === undefined || entry === undefined) continue
      const { time, payload } = entry
      this.#held.add(document, { log, seq, time, origin: payload.origin, update: payload.update, tries: 0 })
      names.add(document)
    }
    for (const name of names) this.#retry(group, await documents.get(name))
  }
}

/** Why a member may not write a document of a kind, if so. */
export function checkWriter(
  { facts }: SpaceContext,
  kind: DocumentKind,
  document: string,
  member: number
): string | undefined {
  if (!kind.spaces.includes(facts.kind)) return 'kind'
  const writer = kind.writer(document, facts)
  return writer === 'members' || writer === member ? undefined : 'writer'
}
