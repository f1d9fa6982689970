import * as Y from 'yjs'
import { createDoc, gate, type Verdict } from '../gate/index.ts'
import { collectDeltas, type DeleteRange, type Delta, type Growth, measure } from './delta.ts'
import type { DocumentKind, EntryInfo, IndexRow, Projection } from './document-kind.ts'

/** Direct transactions after which what they changed is put aside for an entry, though the tick goes on. */
const maxOpenTransactions = 1024
const maxOpenClocks = 8192

export interface LoadedDocumentInit {
  readonly name: string
  readonly kind: DocumentKind
  /** Yjs client id of this device in the space. */
  readonly client: number
  readonly gateVersion: number
  /** A transaction was made on the document directly. */
  readonly onDirectEdit: () => void
}

/** What an edit or the direct transactions of a tick changed. */
export interface Changes {
  readonly deltas: readonly Delta[]
  readonly transactions: readonly Y.Transaction[]
}

/** A document in memory: takes what the log says and tells what is to be logged. */
export class LoadedDocument {
  readonly name: string
  readonly kind: DocumentKind
  readonly doc: Y.Doc
  /** Number of the last group commit that has entries of the document. */
  group = 0
  /** Differs from the log: has to be loaded again before anything else is done with it. */
  isStale = false
  /** Something was applied since the snapshot it was loaded from. */
  isDirty = false
  /** Bytes of updates it is made of, roughly. */
  size = 0
  /** Somebody holds the document and may make direct transactions. */
  isShared = false
  readonly #init: LoadedDocumentInit
  #project: Projection | undefined
  /** Clock up to which own changes were collected. */
  #collected = 0
  #deletes: DeleteRange[] = []
  #transactions: Y.Transaction[] = []
  #open = 0
  #aside: Delta[] = []
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
    this.#collected = this.clock
    this.#project = this.kind.project?.(this.doc, this.name)
    this.doc.on('afterTransactionCleanup', transaction => this.#onTransaction(transaction))
  }

  get hasDirectEdits(): boolean {
    return this.#open > 0 || this.#aside.length > 0
  }

  /** Runs edits in one transaction. */
  transact(edits: (transaction: Y.Transaction) => void): void {
    this.doc.transact(edits)
  }

  /** Own clock: what is written next begins there. */
  get clock(): number {
    return Y.getState(this.doc.store, this.#init.client)
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
    this.#collect()
    const changes = { deltas: this.#aside, transactions: this.#transactions }
    this.#aside = []
    this.#transactions = []
    return changes
  }

  judge(update: Uint8Array, client: number): Verdict {
    return gate(this.doc, update, { client, roots: this.kind.roots, version: this.#init.gateVersion })
  }

  /** Applies an update that the gate let through. @throws whatever Yjs throws; the document is stale then */
  apply(update: Uint8Array): Y.Transaction | undefined {
    return this.applyBy(() => Y.applyUpdate(this.doc, update), update.length)
  }

  /** The same by other means, in one transaction. @throws what they throw; the document is stale then */
  applyBy(change: () => void, bytes: number): Y.Transaction | undefined {
    this.#collect()
    this.#isApplying = true
    this.#applied = undefined
    // Yjs gives a document a new client id when it sees its own in an update from elsewhere: our own log read back
    this.doc.clientID = 0
    try {
      change()
      this.#checkComplete()
    } catch (error) {
      this.isStale = true
      throw error
    } finally {
      this.#isApplying = false
      this.doc.clientID = this.#init.client
    }
    this.#collected = this.clock
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
    if (this.#isApplying) {
      this.#applied ??= transaction
      return
    }
    if (!transaction.local) return
    const before = transaction.beforeState.get(this.#init.client) ?? 0
    const after = transaction.afterState.get(this.#init.client) ?? 0
    if (before === after && transaction.deleteSet.clients.size === 0) return
    for (const [client, ranges] of transaction.deleteSet.clients) {
      for (const { clock, len } of ranges) this.#deletes.push({ client, clock, length: len })
    }
    if (this.#project !== undefined) this.#transactions.push(transaction)
    this.isDirty = true
    if (this.#open++ === 0) this.#init.onDirectEdit()
    if (this.#open >= maxOpenTransactions || after - this.#collected >= maxOpenClocks) this.#collect()
  }

  #collect(): void {
    if (this.#open === 0) return
    this.#aside.push(...collectDeltas(this.doc, this.#init.client, this.#collected, this.#deletes))
    this.#collected = this.clock
    this.#deletes = []
    this.#open = 0
  }
}

function declareRoot(doc: Y.Doc, name: string, type: string): void {
  if (type === 'array') doc.getArray(name)
  else if (type === 'map') doc.getMap(name)
  else if (type === 'text') doc.getText(name)
  else doc.getXmlFragment(name)
}
