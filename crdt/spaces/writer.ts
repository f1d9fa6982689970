import type * as Y from 'yjs'
import {
  type Delta,
  deltasToUpdate,
  type EntryInfo,
  joinDeltas,
  type LoadedDocument,
  maxDeltaBytes
} from '../documents/index.ts'
import {
  commitPreimage,
  type Dep,
  encodeHeader,
  encodeRun,
  entryHash,
  maxRunBytes,
  maxRunEntries,
  maxUpdateBytes,
  type RunEntry,
  sealPayload
} from '../log/index.ts'
import type { DocumentCache } from './document-cache.ts'
import { type EntryRef, SpaceError } from './space.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'

/** Edits that share one entry at most. */
const maxEditsPerEntry = 64
/** Structs and deletes that several edits bring into one entry at most; the gate takes 5,000 of each. */
const maxParts = 2000
/** Edits of one group commit at most, so that others are not kept waiting. */
const maxEditsPerGroup = 1024
/** Updates a document may be made of (bytes), its snapshot included; a larger one would take too long to load. */
const maxDocumentBytes = 32 * 1024 * 1024

export interface EditJob {
  readonly document: string
  readonly origin: string
  readonly edit: (doc: Y.Doc, transaction: Y.Transaction) => unknown
  readonly resolve: (result: { value: unknown; ref: EntryRef }) => void
  readonly reject: (cause: unknown) => void
}

interface Draft {
  readonly document: LoadedDocument
  readonly origin: string
  readonly deltas: Delta[]
  size: number
  edits: number
  /** Structs and deletes. */
  parts: number
  update: Uint8Array
}

export interface WriterInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
}

/** Turns edits of this device into entries: per document and origin one for the edits of a group, sealed, linked, one signature for all. */
export class Writer {
  readonly #init: WriterInit
  #jobs: EditJob[] = []
  readonly #direct = new Set<LoadedDocument>()
  /** Heads of other logs that our entries named. */
  readonly #named = new Map<SpaceLog, number>()
  #isEditing = false

  constructor(init: WriterInit) {
    this.#init = init
  }

  get isIdle(): boolean {
    return this.#jobs.length === 0 && this.#direct.size === 0
  }

  get backlog(): number {
    return this.#jobs.length + this.#direct.size
  }

  add(job: EditJob): void {
    this.#jobs.push(job)
  }

  /** A transaction was made on a document directly; whether a group commit has to be asked for. */
  noteDirectEdit(document: LoadedDocument): boolean {
    if (this.#isEditing) return false
    this.#direct.add(document)
    return true
  }

  reset(cause: unknown): void {
    const jobs = this.#jobs
    this.#jobs = []
    this.#direct.clear()
    this.#named.clear()
    for (const job of jobs) job.reject(cause)
  }

  /** Whether work is left for another group. */
  async prepare(group: SpaceGroup, log: SpaceLog): Promise<boolean> {
    if (this.isIdle) return false
    const jobs = this.#jobs.length <= maxEditsPerGroup ? this.#jobs : this.#jobs.slice(0, maxEditsPerGroup)
    this.#jobs = this.#jobs.slice(jobs.length)
    const byDocument = await this.#documentsOf(jobs)
    const drafts: Draft[] = []
    const run = { group, log, drafts, time: this.#init.context.clock() }
    for (const document of this.#direct) {
      this.#direct.delete(document)
      if (!document.isStale) this.#addDirect(run, document)
    }
    for (const [document, edits] of byDocument) this.#edit(run, document, edits)
    // Before anything is waited for: the documents may change then
    for (const draft of drafts) {
      const { client } = log
      draft.update = deltasToUpdate(client, joinDeltas(draft.document.doc, client, draft.deltas))
    }
    if (drafts.length > 0) await this.#seal(run)
    return this.#jobs.length > 0
  }

  async #documentsOf(jobs: readonly EditJob[]): Promise<Map<LoadedDocument, EditJob[]>> {
    const { documents, context } = this.#init
    const byDocument = new Map<LoadedDocument, EditJob[]>()
    for (const job of jobs) {
      let document = documents.loaded(job.document)
      if (document?.isStale === true) {
        // What it differs from is on its way to the disk
        await context.commit.written()
        documents.drop(job.document)
        document = undefined
      }
      if (document === undefined) {
        try {
          document = await documents.get(job.document)
        } catch (cause) {
          job.reject(cause)
          continue
        }
      }
      const edits = byDocument.get(document)
      if (edits === undefined) byDocument.set(document, [job])
      else edits.push(job)
    }
    return byDocument
  }

  #addDirect(run: GroupWork, document: LoadedDocument): void {
    const { deltas, transactions } = document.take()
    const first = run.log.seq + run.drafts.length + 1
    for (const delta of deltas) this.#addDelta(run, document, '', delta)
    const seq = Math.max(first, run.log.seq + run.drafts.length)
    for (const transaction of transactions) {
      run.group.addRows(document.kind.kind, document.project(transaction, this.#info(run, seq, '')))
    }
  }

  #edit(run: GroupWork, document: LoadedDocument, jobs: readonly EditJob[]): void {
    if (document.hasDirectEdits) this.#addDirect(run, document)
    this.#isEditing = true
    try {
      for (let index = 0; index < jobs.length; index++) {
        this.#editOne(run, document, jobs[index]!)
        if (document.isStale) {
          this.#jobs.unshift(...jobs.slice(index + 1))
          return
        }
      }
    } finally {
      this.#isEditing = false
    }
  }

  #editOne(run: GroupWork, document: LoadedDocument, job: EditJob): void {
    let value: unknown
    try {
      if (document.size > maxDocumentBytes) {
        throw new SpaceError('too-large', 'The document is full: use another, or remove what is not needed')
      }
      value = document.edit(job.edit)
    } catch (cause) {
      job.reject(cause)
      // An edit that threw half way: what it did is in memory only
      if (document.take().deltas.length > 0) document.isStale = true
      return
    }
    const { deltas, transactions } = document.take()
    if (deltas.some(({ structs }) => structs.length > maxUpdateBytes - 1024)) {
      document.isStale = true
      job.reject(new SpaceError('too-large', `An edit takes at most ${maxUpdateBytes / 1024} KiB`))
      return
    }
    for (const delta of deltas) this.#addDelta(run, document, job.origin, delta)
    const seq = run.log.seq + run.drafts.length
    for (const transaction of transactions) {
      run.group.addRows(document.kind.kind, document.project(transaction, this.#info(run, seq, job.origin)))
    }
    const { twin, device } = run.log.id
    run.group.done.push(() => job.resolve({ value, ref: { twin, device, seq } }))
    run.group.failed.push(job.reject)
  }

  #addDelta({ drafts }: GroupWork, document: LoadedDocument, origin: string, delta: Delta): void {
    const size = delta.structs.length + 12 * delta.deletes.length
    const parts = delta.count + delta.deletes.length
    document.size += size
    const last = drafts.at(-1)
    const fits =
      last !== undefined &&
      last.document === document &&
      last.origin === origin &&
      last.edits < maxEditsPerEntry &&
      last.size + size <= maxDeltaBytes &&
      last.parts + parts <= maxParts
    if (fits) {
      last.deltas.push(delta)
      last.size += size
      last.parts += parts
      last.edits++
    } else drafts.push({ document, origin, deltas: [delta], size, edits: 1, parts, update: noUpdate })
  }

  #info({ log, time }: GroupWork, seq: number, origin: string): EntryInfo {
    return { member: log.member, device: log.id.device, seq, time, origin }
  }

  async #seal(run: GroupWork): Promise<void> {
    const { drafts, log, group, time } = run
    const { crypto, id, membership, keyRing } = this.#init.context
    const mhead = membership.head!
    const epoch = membership.view!.epoch!.epoch
    const key = keyRing.entryKey(log, epoch)!
    const nonces = crypto.randomBytes(12 * drafts.length)
    let pending = new RunDraft(log.seq + 1, log.hash)
    let deps = this.#newDeps(log)
    for (let index = 0; index < drafts.length; index++) {
      const { document, origin, update } = drafts[index]!
      if (pending.isFull(update.length)) {
        await this.#close(run, pending, epoch)
        pending = new RunDraft(log.seq + 1, log.hash)
      }
      const seq = pending.first + pending.entries.length
      const prev = pending.hashes.at(-1) ?? pending.prev
      const header = encodeHeader({ space: id, log: log.id, seq, prev, epoch, mhead, deps, time, kind: 0 })
      const payload = { document: document.name, update, origin }
      const nonce = nonces.subarray(12 * index, 12 * index + 12)
      const box = sealPayload(crypto, key, nonce, header, payload)
      const sealed = box instanceof Promise ? await box : box
      pending.add({ deps, time, kind: 0, sealed }, entryHash(crypto, header, sealed))
      this.#init.documents.touch(document)
      group.entries.push({
        ref: { twin: log.id.twin, device: log.id.device, seq },
        member: log.member,
        document: document.name,
        time,
        origin,
        own: true
      })
      deps = noDeps
    }
    await this.#close(run, pending, epoch)
  }

  async #close({ log, group }: GroupWork, pending: RunDraft, epoch: number): Promise<void> {
    const { id, me, membership, logs } = this.#init.context
    const last = pending.first + pending.entries.length - 1
    const signature = await me.signer.sign(commitPreimage(id, log.id, last, pending.hashes.at(-1)!))
    const { first, prev, entries } = pending
    const run = { first, prev, epoch, mhead: membership.head!, entries, signature }
    const bytes = encodeRun(run)
    logs.append(group.batch, log, run, bytes, pending.hashes)
    group.addRun({ log, run: bytes, first, last })
  }

  #newDeps(own: SpaceLog): readonly Dep[] {
    const deps: Dep[] = []
    for (const log of this.#init.context.logs) {
      if (log === own || log.seq === 0 || this.#named.get(log) === log.seq) continue
      this.#named.set(log, log.seq)
      deps.push([log.member, log.id.device, log.seq, log.hash])
    }
    return deps.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  }
}

const noUpdate = new Uint8Array()
const noDeps: readonly Dep[] = []

interface GroupWork {
  readonly group: SpaceGroup
  readonly log: SpaceLog
  readonly drafts: Draft[]
  readonly time: number
}

class RunDraft {
  readonly first: number
  readonly prev: Uint8Array
  readonly entries: RunEntry[] = []
  readonly hashes: Uint8Array[] = []
  #size = 0

  constructor(first: number, prev: Uint8Array) {
    this.first = first
    this.prev = prev
  }

  isFull(added: number): boolean {
    return this.entries.length >= maxRunEntries || this.#size + added > maxRunBytes - 128 * 1024
  }

  add(entry: RunEntry, hash: Uint8Array): void {
    this.entries.push(entry)
    this.hashes.push(hash)
    this.#size += entry.sealed.length + 64 + 48 * entry.deps.length
  }
}
