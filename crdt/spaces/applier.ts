import type { DocumentKind, LoadedDocument } from '../documents/index.ts'
import { openPayload, type Payload } from '../log/index.ts'
import type { VerifiedRun } from './chain.ts'
import type { DocumentCache } from './document-cache.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'

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

  constructor(init: ApplierInit) {
    this.#init = init
  }

  async apply(group: SpaceGroup, entries: readonly { readonly of: VerifiedRun; readonly index: number }[]) {
    for (const { of, index } of entries) await this.#applyOne(group, of, index)
  }

  async #applyOne(group: SpaceGroup, of: VerifiedRun, index: number): Promise<void> {
    const { context, marks, milestones } = this.#init
    const { log, run, headers } = of
    const seq = run.first + index
    const key = context.keyRing.entryKey(log, run.epoch)
    // A replica has no keys: it holds what it cannot read
    if (key === undefined) return
    const entry = run.entries[index]!
    const opened = openPayload(context.crypto, key, headers[index]!, entry.sealed)
    const payload = opened instanceof Promise ? await opened : opened
    const kind = payload && context.kinds.get(kindOf(payload.document))
    const refusal = payload === undefined ? 'does not open' : kind && this.#checkWriter(kind, payload, log.member)
    if (payload === undefined || refusal !== undefined) marks.reject(group.batch, log, seq, refusal ?? '')
    else if (kind === undefined) marks.leaveUnread(group.batch, payload.document)
    else if (!milestones.hasBeyond(payload.document, log.client, seq)) {
      const { document } = payload
      const loaded = this.#init.documents.loaded(document) ?? (await this.#init.documents.get(document))
      this.#applyUpdate(group, loaded, payload, of, index)
    }
  }

  #applyUpdate(group: SpaceGroup, document: LoadedDocument, payload: Payload, of: VerifiedRun, index: number): void {
    const { marks, documents } = this.#init
    const { log, run, hashes } = of
    const seq = run.first + index
    const { time } = run.entries[index]!
    const poison = `${log.key}/${seq}/${hashes[index]!.join('.')}`
    if (this.#poison.has(poison)) {
      marks.reject(group.batch, log, seq, 'throws')
      return
    }
    const verdict = document.judge(payload.update, log.client)
    if (!verdict.ok) {
      if (verdict.hold) marks.hold(group.batch, log, seq, verdict.reason)
      else marks.reject(group.batch, log, seq, verdict.reason)
      return
    }
    let transaction: ReturnType<LoadedDocument['apply']>
    try {
      transaction = document.apply(payload.update)
    } catch (cause) {
      // The document is no longer what the log says: everything is read again, then the entry is left out
      this.#poison.add(poison)
      throw new Error('An update that passed the gate did not apply', { cause })
    }
    documents.touch(document)
    const { document: name, origin } = payload
    const { device, twin } = log.id
    if (transaction !== undefined) {
      const info = { member: log.member, device, seq, time, origin }
      group.addRows(document.kind.kind, document.project(transaction, info))
    }
    group.entries.push({ ref: { twin, device, seq }, member: log.member, document: name, time, origin, own: false })
  }

  #checkWriter(kind: DocumentKind, { document }: Payload, member: number): string | undefined {
    const { facts } = this.#init.context
    if (!kind.spaces.includes(facts.kind)) return 'kind'
    const writer = kind.writer(document, facts)
    return writer === 'members' || writer === member ? undefined : 'writer'
  }
}
