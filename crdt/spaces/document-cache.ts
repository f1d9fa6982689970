import { encodeSnapshot, type LoadedDocument, type SnapshotFrontier } from '../documents/index.ts'
import { clientId, type LogHead } from '../log/index.ts'
import { afterPrefix, type Batch } from '../store/index.ts'
import { Checkpoint, frontierOf } from './checkpoint.ts'
import type { DocumentBudget, DocumentHolder } from './document-budget.ts'
import { checkpointName, DocumentLoader } from './document-loader.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
import type { SpaceContext } from './space-context.ts'

/** Documents of a space kept in memory, beyond those that somebody holds. */
const maxLoaded = 128

export interface DocumentCacheInit {
  readonly context: SpaceContext
  readonly marks: EntryMarks
  readonly milestones: Milestones
  readonly budget: DocumentBudget
  readonly onDirectEdit: (document: LoadedDocument, isShown: boolean) => void
}

/** The documents of a space that are in memory, and the snapshots with which they leave it. */
export class DocumentCache implements DocumentHolder {
  readonly #init: DocumentCacheInit
  readonly #loaded = new Map<string, LoadedDocument>()
  readonly #loading = new Map<string, Promise<LoadedDocument>>()
  readonly #loader: DocumentLoader
  readonly checkpoint: Checkpoint
  #bytes = 0

  constructor(init: DocumentCacheInit) {
    this.#init = init
    this.#loader = new DocumentLoader(init)
    const { context } = init
    const documents = { loaded: this.#loaded, loading: this.#loading }
    this.checkpoint = new Checkpoint({ context, loader: this.#loader, documents: this, ...documents })
  }

  /** Call after the logs were loaded and before anything is appended. */
  load(): Promise<void> {
    return this.#loader.start()
  }

  /** This device's client id, known once it is a member. */
  set client(client: number) {
    this.#loader.client = client
  }

  loaded(name: string): LoadedDocument | undefined {
    const document = this.#loaded.get(name)
    if (document !== undefined && this.#loaded.size > 1) {
      // Keeps the map in order of use
      this.#loaded.delete(name)
      this.#loaded.set(name, document)
    }
    return document
  }

  /** Whether one is in an editor. */
  get isEdited(): boolean {
    for (const { editing } of this.#loaded.values()) if (editing !== undefined) return true
    return false
  }

  get(name: string): Promise<LoadedDocument> {
    const known = this.#loaded.get(name)
    if (known !== undefined) return Promise.resolve(known)
    let loading = this.#loading.get(name)
    if (loading === undefined) {
      loading = this.#loader
        .load(name)
        .then(document => {
          if (this.#loading.get(name) === loading) {
            this.#loaded.set(name, document)
            this.#count()
          }
          return document
        })
        .finally(() => {
          if (this.#loading.get(name) === loading) this.#loading.delete(name)
        })
      this.#loading.set(name, loading)
    }
    return loading
  }

  /** What the snapshots of all documents cover, but of these logs no more than given. */
  checkpointBelow(logs: readonly LogHead[]): SnapshotFrontier {
    const covered = this.#loader.checkpoint
    const given = new Set<number>()
    const { facts } = this.#init.context
    const frontier: (readonly [Uint8Array, number, number])[] = []
    for (const [twin, device, seq] of logs) {
      given.add(clientId(facts.numberOf(twin)!, device))
      frontier.push([twin, device, seq])
    }
    for (const { client, id } of this.#init.context.logs) {
      const seq = given.has(client) ? undefined : covered.get(client)
      if (seq !== undefined) frontier.push([id.twin, id.device, seq])
    }
    return frontier
  }

  /** A milestone was written: nothing before it is read from the log again. */
  milestoneWritten(sealed: Iterable<readonly [name: string, sealed: { readonly group: number }]>): void {
    this.#loader.raise()
    for (const [name, { group }] of sealed) {
      const document = this.#loaded.get(name)
      if (document !== undefined && document.group <= group && !document.hasDirectEdits) document.isDirty = false
    }
  }

  /** Every document of the space that is known here. */
  async names(): Promise<Set<string>> {
    const { store, keys } = this.#init.context
    const names = await this.#loader.changedNames()
    for (const name of this.#loaded.keys()) names.add(name)
    for await (const key of store.keys({ gt: keys.snapshots, lt: afterPrefix(keys.snapshots) })) {
      names.add(key.slice(keys.snapshots.length))
    }
    for (const { documents } of this.#init.milestones) for (const name of documents.keys()) names.add(name)
    names.delete(checkpointName)
    return names
  }

  /** Whether the newest milestone has the document as it is. */
  async isAsInMilestone(name: string): Promise<boolean> {
    const { store, keys } = this.#init.context
    if (this.#loaded.get(name)?.isDirty === true || (await this.#loader.changedNames()).has(name)) return false
    return (await store.get(keys.snapshots + name)) === undefined
  }

  savedIn(name: string): number {
    return this.#loader.savedIn(name)
  }

  /** The document gets entries in the group that is being prepared. */
  touch(document: LoadedDocument): void {
    document.group = this.#init.context.commit.group
    this.#loader.changed(document.name)
  }

  /** Takes a document for what the log says, made by somebody else, and writes its snapshot. */
  async rebuild(batch: Batch, name: string, make: (document: LoadedDocument) => void): Promise<void> {
    const document = await this.#loader.make(name)
    make(document)
    document.ready()
    // In one turn: whoever asks in between would be given what the store has
    this.drop(name)
    document.group = this.#init.context.commit.group
    this.#loaded.set(name, document)
    this.save(batch, document)
  }

  /** Forgets a document; what of it is on disk is loaded next time. */
  drop(name: string): void {
    const document = this.#loaded.get(name)
    this.#loaded.delete(name)
    this.#loading.delete(name)
    if (document !== undefined) letGo(document)
    this.#count()
  }

  /** In a group commit they leave memory. */
  shed(): void {
    this.#init.context.touch()
  }

  clear(): void {
    const documents = [...this.#loaded.values()]
    this.#loaded.clear()
    this.#loading.clear()
    this.#loader.clear()
    this.checkpoint.clear()
    this.#count()
    for (const document of documents) letGo(document)
  }

  /** Writes snapshots of what has to leave memory, and of everything when enough entries were added. */
  async tidy(batch: Batch, addedEntries: number): Promise<void> {
    const { checkpoint } = this
    checkpoint.added(addedEntries)
    this.#count()
    if (checkpoint.isDue) await checkpoint.begin()
    if (checkpoint.isWriting) await checkpoint.advance(batch)
    if (!this.#isFull) return
    for (const [name, document] of this.#loaded) {
      if (!this.#isFull) break
      if (document.isShared || document.editing !== undefined || document.isStale || document.hasDirectEdits) continue
      if (document.group > this.#init.context.commit.durable) continue
      if (document.isDirty) this.save(batch, document)
      this.drop(name)
    }
  }

  /** What those in memory take, in bytes of their updates. */
  get bytes(): number {
    return this.#bytes
  }

  get #isFull(): boolean {
    return this.#loaded.size > maxLoaded || this.#init.budget.isOver
  }

  #count(): void {
    let bytes = 0
    for (const document of this.#loaded.values()) bytes += document.size
    this.#bytes = bytes
    this.#init.budget.note(this, bytes)
  }

  /** Writes a snapshot with the group: what it covers is no longer read from the log. */
  save(batch: Batch, document: LoadedDocument): void {
    const state = document.encode()
    batch.put(
      this.#init.context.keys.snapshots + document.name,
      encodeSnapshot({ frontier: frontierOf(this.#init.context), state })
    )
    document.isDirty = false
    document.measured(state.length)
    this.#loader.saved(document.name)
  }
}

/** What is in an editor stays there until the editor has another. */
function letGo(document: LoadedDocument): void {
  if (document.editing === undefined) document.doc.destroy()
  else document.spoil()
}
