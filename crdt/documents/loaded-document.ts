import * as Y from 'yjs'
import { createDoc, gate, type Verdict } from '../gate/index.ts'
import { type Delta, type Growth, measure } from './delta.ts'
import type { DocumentKind, EntryInfo, IndexRow, Projection } from './document-kind.ts'
import { type Changes, OwnChanges } from './own-changes.ts'
import { takeBack } from './take-back.ts'

export interface LoadedDocumentInit {
  readonly name: string
  readonly kind: DocumentKind
  /** Yjs client id of this device in the space. */
  readonly client: number
  readonly gateVersion: number
  /** A transaction was made on the document directly: the first that is in no entry, or one that others do not see yet. */
  readonly onDirectEdit: (isShown: boolean) => void
}

/** Shows a document in an editor, which makes direct transactions. */
export interface Editing {
  /** The document is no longer what the log says, or has left memory: nothing that is written in it is stored any more. */
  voided(refusal?: Error): void
  /** An edit was taken back, with the reason for the owner. */
  refused(reason: string): void
  /** More was written, or what was written is stored. */
  changed(): void
  /** Whether others are shown all that a transaction did before they have its entry. */
  shows(transaction: Y.Transaction): boolean
}

/** A document in memory: takes what the log says and tells what is to be logged. */
export class LoadedDocument {
  readonly name: string
  readonly kind: DocumentKind
  readonly doc: Y.Doc
  /** Number of the last group commit that has entries of the document. */
  group = 0
  /** While the document is in an editor it stays in memory. */
  editing: Editing | undefined
  /** Written in the editor and on its way to the disk, in order. */
  readonly unsaved: Delta[] = []
  /** State of the document that took the place of this one, where entries were taken out: own clocks beyond it mean other things there. */
  rebuiltTo: ReadonlyMap<number, number> | undefined
  /** Something was applied since the snapshot it was loaded from. */
  isDirty = false
  /** Bytes of updates it is made of, roughly. */
  size = 0
  /** Somebody holds the document and may make direct transactions. */
  isShared = false
  readonly #init: LoadedDocumentInit
  #project: Projection | undefined
  #own: OwnChanges
  #isStale = false
  #takingBack = 0
  /** `size` when it was last measured, undefined when it may have shrunk. */
  #measured: number | undefined = 0
  #isApplying = false
  #applied: Y.Transaction | undefined

  constructor(init: LoadedDocumentInit) {
    this.#init = init
    this.name = init.name
    this.kind = init.kind
    this.doc = createDoc()
    this.doc.clientID = 0
    this.#own = new OwnChanges(this.doc, init.client)
    for (const [name, type] of Object.entries(init.kind.roots)) declareRoot(this.doc, name, type)
  }

  /** Applies what was applied before: a snapshot or an entry of the log. @throws when Yjs does not take it */
  restore(update: Uint8Array): void {
    this.size += update.length
    Y.applyUpdate(this.doc, update)
    this.#checkComplete()
  }

  /** Call when all is restored, before anything else. */
  ready(): void {
    this.doc.clientID = this.#init.client
    this.#own.skip()
    this.#project = this.kind.project?.(this.doc, this.name)
    this.doc.on('afterTransaction', transaction => this.#check(transaction))
    this.doc.on('afterTransactionCleanup', transaction => this.#onTransaction(transaction))
  }

  /** Differs from the log: has to be loaded again before anything else is done with it. */
  get isStale(): boolean {
    return this.#isStale
  }

  spoil(refusal?: Error): void {
    this.#isStale = true
    this.editing?.voided(refusal)
  }

  /** An edit is about to be taken back: entries with it would be refused elsewhere. */
  get isTakingBack(): boolean {
    return this.#takingBack > 0
  }

  /** Yjs client id of this device in the space. */
  get client(): number {
    return this.#init.client
  }

  get hasDirectEdits(): boolean {
    return !this.#own.isEmpty
  }

  /** Transactions that are in no entry yet. */
  get directEdits(): number {
    return this.#own.count
  }

  /** Runs edits in one transaction. */
  transact(edits: (transaction: Y.Transaction) => void): void {
    this.doc.transact(edits)
  }

  /** Own clock: what is written next begins there. */
  get clock(): number {
    return this.#own.clock
  }

  /** What was written from a clock on, at most. */
  measure(clock: number): Growth {
    return measure(this.doc, this.#init.client, clock)
  }

  /** Whether it has more bytes than this, what was overwritten left out. */
  isLargerThan(bytes: number): boolean {
    if (this.size <= bytes) return false
    // Measuring writes all of it: only after it has grown, or when something was removed
    if (this.#measured === undefined || this.size - this.#measured > bytes / 16) this.measured(this.encode().length)
    return this.size > bytes
  }

  /** Something was removed without anything being added. */
  mayHaveShrunk(): void {
    this.#measured = undefined
  }

  encode(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc)
  }

  measured(bytes: number): void {
    this.size = bytes
    this.#measured = bytes
  }

  /** What was changed here since the last call. */
  take(): Changes {
    return this.#own.take()
  }

  judge(update: Uint8Array, client: number): Verdict {
    return gate(this.doc, update, { client, roots: this.kind.roots, version: this.#init.gateVersion })
  }

  /**
   * Applies an update that the gate let through.
   *
   * @param client its author, if it has one: an editor that is shown what somebody else wrote may write at once
   * @throws whatever Yjs throws; the document is stale then
   */
  apply(update: Uint8Array, client?: number): Y.Transaction | undefined {
    return this.applyBy(() => Y.applyUpdate(this.doc, update), update.length, client)
  }

  /** The same by other means, in one transaction. @throws what they throw; the document is stale then */
  applyBy(change: () => void, bytes: number, client = this.#init.client): Y.Transaction | undefined {
    this.#own.collect()
    this.#isApplying = true
    this.#applied = undefined
    // Yjs gives a document a new client id when it sees its own in an update from elsewhere: our own log read back
    if (client === this.#init.client) this.doc.clientID = 0
    try {
      change()
      this.#checkComplete()
    } catch (error) {
      this.spoil()
      throw error
    } finally {
      this.#isApplying = false
      this.doc.clientID = this.#init.client
    }
    this.isDirty = true
    this.size += bytes
    return this.#applied
  }

  project(transaction: Y.Transaction, entry: EntryInfo): Iterable<IndexRow> {
    return this.#project === undefined ? [] : this.#project(transaction, entry)
  }

  get isProjected(): boolean {
    return this.#project !== undefined
  }

  #checkComplete(): void {
    if (this.doc.store.pendingStructs !== null || this.doc.store.pendingDs !== null) {
      throw new Error('The update depends on something that is not there')
    }
  }

  #onTransaction(transaction: Y.Transaction): void {
    const after = transaction.afterState.get(this.#init.client) ?? 0
    // The first that ends is what is applied; those of an editor that was shown it end after it
    const isApplied = this.#isApplying && this.#applied === undefined
    if (isApplied || !transaction.local) {
      // What is our own in it comes from the log; an editor may have written since
      this.#own.skip(after)
      if (isApplied) this.#applied = transaction
      return
    }
    const before = transaction.beforeState.get(this.#init.client) ?? 0
    if (before === after && transaction.deleteSet.clients.size === 0) return
    this.isDirty = true
    const isFirst = this.#own.add(transaction, this.#project !== undefined)
    if (isFirst || this.editing !== undefined) this.#init.onDirectEdit(this.editing?.shows(transaction) === true)
  }

  /** What an editor must not write goes as it came, once the editor is ready to hear of it. */
  #check(transaction: Y.Transaction): void {
    if (this.editing === undefined || !transaction.local || this.#isStale) return
    if (this.#isApplying && this.#applied === undefined) return
    const refusal = this.kind.refuses?.(transaction)
    if (refusal === undefined) return
    const undo = takeBack(transaction)
    this.#takingBack++
    queueMicrotask(() => {
      this.#takingBack--
      undo()
      this.editing?.refused(refusal)
    })
  }
}

function declareRoot(doc: Y.Doc, name: string, type: string): void {
  if (type === 'array') doc.getArray(name)
  else if (type === 'map') doc.getMap(name)
  else if (type === 'text' || type === 'plain') doc.getText(name)
  else doc.getXmlFragment(name)
}
