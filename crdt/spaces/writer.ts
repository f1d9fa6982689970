import type * as Y from 'yjs'
import { type Delta, deltaToUpdate, type EntryInfo, type LoadedDocument } from '../documents/index.ts'
import type { DocumentCache } from './document-cache.ts'
import type { EditJob } from './edit-job.ts'
import { type Draft, type GroupWork, Sealer } from './sealer.ts'
import { SpaceError } from './space.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'

/** Edits that share one entry at most. */
const maxEditsPerEntry = 64
/** After so many bytes, or structs and deletes, an entry takes no further edit: the next may be large, and has to fit too. */
const softBytes = 24 * 1024
const softParts = 1000
/** Bytes of an edit whose rows name the entry, which therefore has to be one entry. */
const maxProjectedBytes = 72 * 1024
/** Edits of one group commit at most, so that others are not kept waiting. */
const maxEditsPerGroup = 1024
/** Updates a document may be made of (bytes), its snapshot included; a larger one would take too long to load. */
export const maxDocumentBytes = 32 * 1024 * 1024

export interface WriterInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
}

/** Turns edits of this device into entries: per document and origin one for the edits of a group, sealed, linked, one signature for all. */
export class Writer {
  readonly #init: WriterInit
  readonly #sealer: Sealer
  #jobs: EditJob[] = []
  readonly #direct = new Set<LoadedDocument>()
  #isEditing = false

  constructor(init: WriterInit) {
    this.#init = init
    this.#sealer = new Sealer(init)
  }

  get isIdle(): boolean {
    return this.#jobs.length === 0 && this.#direct.size === 0
  }

  get hasDirectEdits(): boolean {
    return this.#direct.size > 0
  }

  /** Transactions on documents in somebody's hands that wait. */
  get directEdits(): number {
    return [...this.#direct].reduce((sum, { directEdits }) => sum + directEdits, 0)
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
    this.#sealer.reset()
    for (const job of jobs) job.reject(cause)
  }

  /** The log was read again; edits that wait are made on what it says now. */
  restart(): void {
    this.#direct.clear()
    this.#sealer.reset()
  }

  /** Whether work is left for another group. */
  async prepare(group: SpaceGroup, log: SpaceLog): Promise<boolean> {
    if (this.isIdle) return false
    let count = Math.min(this.#jobs.length, maxEditsPerGroup)
    while (this.#jobs[count]?.isTogether === true) count++
    const jobs = this.#jobs.slice(0, count)
    this.#jobs = this.#jobs.slice(jobs.length)
    let byDocument: Map<LoadedDocument, EditJob[]>
    try {
      byDocument = await this.#documentsOf(jobs)
    } catch (cause) {
      // They are refused with those behind them
      this.#jobs = [...jobs, ...this.#jobs]
      throw cause
    }
    const drafts: Draft[] = []
    const run = { group, log, drafts, time: this.#init.context.clock() }
    for (const document of this.#direct) {
      if (document.isTakingBack) continue
      this.#direct.delete(document)
      if (!document.isStale) this.#addDirect(run, document)
    }
    for (const [document, edits] of byDocument) this.#edit(run, document, edits)
    if (drafts.length > 0) await this.#sealer.seal(run)
    return !this.isIdle
  }

  async #documentsOf(jobs: readonly EditJob[]): Promise<Map<LoadedDocument, EditJob[]>> {
    const byName = new Map<string, EditJob[]>()
    for (const job of jobs) {
      const edits = byName.get(job.document)
      if (edits === undefined) byName.set(job.document, [job])
      else edits.push(job)
    }
    const { documents, context } = this.#init
    const byDocument = new Map<LoadedDocument, EditJob[]>()
    for (const [name, edits] of byName) {
      let document = documents.loaded(name)
      if (document?.isStale === true) {
        // What it differs from is on its way to the disk
        await context.commit.written()
        documents.drop(name)
        document = undefined
      }
      try {
        document ??= await documents.get(name)
        byDocument.set(document, edits)
      } catch (cause) {
        for (const { reject } of edits) reject(cause)
      }
    }
    return byDocument
  }

  #addDirect(run: GroupWork, document: LoadedDocument): void {
    const { deltas, transactions } = document.take()
    this.#addDrafts(run, document, '', deltas)
    this.#project(run, document, transactions, '')
    const { editing, unsaved } = document
    if (editing === undefined) return
    unsaved.push(...deltas)
    run.group.done.push(() => {
      unsaved.splice(0, deltas.length)
      editing.changed()
    })
  }

  #edit(run: GroupWork, document: LoadedDocument, jobs: readonly EditJob[]): void {
    if (document.hasDirectEdits) this.#addDirect(run, document)
    this.#isEditing = true
    try {
      for (let next = 0; next < jobs.length && !document.isStale; ) next = this.#editSome(run, document, jobs, next)
    } finally {
      this.#isEditing = false
    }
  }

  /** Runs edits in one transaction, which makes one entry; where the next begin. */
  #editSome(run: GroupWork, document: LoadedDocument, jobs: readonly EditJob[], start: number): number {
    const { origin } = jobs[start]!
    const done: { job: EditJob; value: unknown }[] = []
    let next = start
    document.transact(transaction => {
      let [bytes, parts] = [0, 0]
      while (next < jobs.length && jobs[next]!.origin === origin && done.length < maxEditsPerEntry) {
        if (bytes > softBytes || parts > softParts) return
        const job = jobs[next++]!
        const clock = document.clock
        const deletes = countDeletes(transaction)
        let refusal: unknown
        let value: unknown
        const isFull = document.isLargerThan(maxDocumentBytes)
        try {
          value = job.edit(document.doc, transaction)
        } catch (cause) {
          refusal = cause ?? new Error('The edit failed')
        }
        const growth = document.measure(clock)
        const limit =
          document.isProjected && document.kind.spansEntries !== true ? maxProjectedBytes : Number.POSITIVE_INFINITY
        if (growth.largest > maxProjectedBytes || growth.bytes > limit) refusal ??= tooLarge()
        if (isFull && growth.bytes > 0) refusal ??= full()
        if (isFull && growth.bytes === 0) document.mayHaveShrunk()
        if (refusal === undefined) {
          done.push({ job, value })
          bytes += growth.bytes
          parts += growth.count + countDeletes(transaction) - deletes
        } else {
          job.reject(refusal)
          // What it did before it failed is in memory only: the others run again, on what the log says
          if (growth.count > 0 || countDeletes(transaction) !== deletes) document.spoil()
          if (document.isStale) return
        }
      }
    })
    const { deltas, transactions } = document.take()
    if (document.isStale) {
      this.#jobs.unshift(...done.map(({ job }) => job), ...jobs.slice(next))
      return next
    }
    this.#addDrafts(run, document, origin, deltas)
    this.#project(run, document, transactions, origin)
    for (const { job } of done) job.stored?.(run.group.batch)
    const { twin, device } = run.log.id
    const ref = { twin, device, seq: run.log.seq + run.drafts.length }
    run.group.done.push(() => {
      for (const { job, value } of done) job.resolve({ value, ref })
    })
    run.group.failed.push(cause => {
      for (const { job } of done) job.reject(cause)
    })
    return next
  }

  #addDrafts({ drafts, log }: GroupWork, document: LoadedDocument, origin: string, deltas: readonly Delta[]): void {
    for (const delta of deltas) {
      const update = deltaToUpdate(log.client, delta)
      document.size += update.length
      drafts.push({ document, origin, update })
    }
  }

  /** Rows of the last draft. */
  #project(run: GroupWork, document: LoadedDocument, transactions: readonly Y.Transaction[], origin: string): void {
    const info = this.#info(run, run.log.seq + run.drafts.length, origin)
    for (const transaction of transactions) {
      run.group.addRows(document.kind.kind, document.project(transaction, info))
    }
  }

  #info({ log, time }: GroupWork, seq: number, origin: string): EntryInfo {
    return { member: log.member, device: log.id.device, seq, time, origin }
  }
}

function full(): SpaceError {
  return new SpaceError('too-large', 'The document is full: use another, or remove what is not needed')
}

function tooLarge(): SpaceError {
  return new SpaceError('too-large', `An edit takes at most ${maxProjectedBytes / 1024} KiB`)
}

function countDeletes(transaction: Y.Transaction): number {
  let count = 0
  for (const ranges of transaction.deleteSet.clients.values()) count += ranges.length
  return count
}
