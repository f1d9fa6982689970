import * as Y from 'yjs'
import { deltaToUpdate, type Editing, type LoadedDocument, reissuer } from '../documents/index.ts'
import type { SpaceLogger } from './spaces.ts'

/** Milliseconds after which a store that takes nothing is tried again. */
const retryMs = 1000

export interface LiveDocumentInit {
  readonly document: LoadedDocument
  /** The document as the log says; waits for what is on its way to the disk */
  load(): Promise<LoadedDocument>
  /** Asks for a group commit, which opens the store again where a write had failed */
  touch(): void
  readonly log: SpaceLogger
}

export interface LiveDocumentEvents {
  /** The editor has to go on with the text of another document. */
  replaced(): void
  changed(): void
  refused(reason: string): void
  shows(transaction: Y.Transaction): boolean
}

/**
 * A document in editors. When it is void, because a write failed or entries were taken out, what was typed and is not stored yet is
 * written into the document that takes its place, and the editors are handed that.
 */
export class LiveDocument implements Editing {
  readonly #init: LiveDocumentInit
  readonly #editors = new Set<LiveDocumentEvents>()
  #document: LoadedDocument
  #isReplacing = false
  /** How often it was void since everything was stored. */
  #failures = 0

  constructor(init: LiveDocumentInit) {
    this.#init = init
    this.#document = init.document
    init.document.editing = this
  }

  /** Yjs client id of this device in the space. */
  get client(): number {
    return this.#document.client
  }

  /** The text that the document is. */
  get text(): Y.Text {
    const { doc, kind } = this.#document
    const root = Object.entries(kind.roots).find(([, type]) => type === 'plain' || type === 'text')
    if (root === undefined) throw new TypeError('The document has no text')
    return doc.getText(root[0])
  }

  /** `unsaved`: the store takes nothing; what is typed is kept here and written when it does. */
  get state(): 'saved' | 'saving' | 'unsaved' {
    if (this.#failures > 1) return 'unsaved'
    return this.#isStored ? 'saved' : 'saving'
  }

  get #isStored(): boolean {
    return !this.#isReplacing && this.#document.unsaved.length === 0 && !this.#document.hasDirectEdits
  }

  add(editor: LiveDocumentEvents): void {
    this.#editors.add(editor)
  }

  /** It stays until what was typed is stored, which begins now. */
  remove(editor: LiveDocumentEvents): void {
    this.#editors.delete(editor)
    this.store()
    this.#leave()
  }

  /** What was typed waits for nothing more. */
  store(): void {
    if (!this.#isStored) this.#init.touch()
  }

  shows(transaction: Y.Transaction): boolean {
    for (const editor of this.#editors) if (editor.shows(transaction)) return true
    return false
  }

  voided(refusal?: Error): void {
    if (refusal !== undefined) {
      this.#document.take()
      this.refused(refusal.message)
    }
    if (this.#isReplacing) return
    this.#isReplacing = true
    this.#failures++
    void this.#replace()
      .catch(error => this.#init.log.error('A listener failed', error))
      .then(() => {
        this.#isReplacing = false
        this.changed()
      })
  }

  refused(reason: string): void {
    for (const editor of this.#editors) editor.refused(reason)
  }

  changed(): void {
    if (this.#isStored) this.#failures = 0
    for (const editor of this.#editors) editor.changed()
    this.#leave()
  }

  #leave(): void {
    if (this.#editors.size > 0 || !this.#isStored) return
    // Whoever edits it next finds nobody in it
    if (this.#document.editing === this) this.#document.editing = undefined
  }

  async #replace(): Promise<void> {
    // Whoever says that it is void goes on to read the store
    await undefined
    while (true) {
      if (this.#failures > 1) {
        this.changed()
        await new Promise(resolve => setTimeout(resolve, retryMs))
        this.#init.touch()
      }
      const fresh = await this.#init.load().catch(() => undefined)
      if (fresh?.isStale === false) {
        this.#move(fresh)
        return
      }
      this.#failures++
    }
  }

  /** All of it in one turn, so that nothing is typed in between. */
  #move(fresh: LoadedDocument): void {
    const old = this.#document
    const deltas = [...old.unsaved, ...old.take().deltas]
    old.editing = undefined
    this.#document = fresh
    fresh.editing = this
    const shared = old.rebuiltTo ?? Y.decodeStateVector(Y.encodeStateVector(fresh.doc))
    const stored = shared.get(this.client) ?? 0
    // A write that was reported as failed may be on the disk
    const left =
      old.rebuiltTo === undefined ? deltas.filter(({ count, clock }) => count === 0 || clock >= stored) : deltas
    try {
      if (left.length > 0) {
        const rewrite = reissuer({ from: old.doc, shared })
        fresh.doc.transact(transaction => {
          for (const delta of left) rewrite(deltaToUpdate(this.client, delta))(transaction)
        })
      }
    } finally {
      // Yjs throws what those who watch the document threw, once all of it is written
      for (const editor of this.#editors) editor.replaced()
      old.doc.destroy()
    }
  }
}
