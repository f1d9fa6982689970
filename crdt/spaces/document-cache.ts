import { encodeSnapshot, type LoadedDocument, type SnapshotFrontier } from '../documents/index.ts'
import { clientId, type LogHead } from '../log/index.ts'
import { afterPrefix, type Batch } from '../store/index.ts'
import type { DocumentBudget, DocumentHolder } from './document-budget.ts'
import { checkpointName, DocumentLoader } from './document-loader.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
import type { Frontier } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'

/** Documents of a space kept in memory, beyond those that somebody holds. */
const maxLoaded = 128
/** Entries after which all documents get a snapshot, so that a start never replays more. More when the snapshots are large. */
const checkpointEntries = 32_768
const maxCheckpointEntries = 131_072
/** Bytes of snapshots for which one entry more is replayed: writing them must not cost more than the entries do. */
const snapshotBytesPerEntry = 1024
/** Snapshots written in one group commit, about (bytes). */
const checkpointBytesPerGroup = 4 * 1024 * 1024

export interface DocumentCacheInit {
  readonly context: SpaceContext
  readonly marks: EntryMarks
  readonly milestones: Milestones
  readonly budget: DocumentBudget
  readonly onDirectEdit: (document: LoadedDocument) => void
}

/** Documents that still have to get a snapshot, and what the logs were when it began. */
interface CheckpointRound {
  readonly names: Set<string>
  readonly covered: Frontier
  readonly frontier: SnapshotFrontier
}

/** The documents of a space that are in memory, and the snapshots with which they leave it. */
export class DocumentCache implements DocumentHolder {
  readonly #init: DocumentCacheInit
  readonly #loaded = new Map<string, LoadedDocument>()
  readonly #loading = new Map<string, Promise<LoadedDocument>>()
  readonly #loader: DocumentLoader
  #sinceCheckpoint = 0
  #round: CheckpointRound | undefined
  #bytes = 0

  constructor(init: DocumentCacheInit) {
    this.#init = init
    this.#loader = new DocumentLoader(init)
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
    const names = new Set([...this.#loaded.keys(), ...(await this.#loader.changedNames())])
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
    this.#round = undefined
    this.#count()
    for (const document of documents) letGo(document)
  }

  /** Writes snapshots of what has to leave memory, and of everything when enough entries were added. */
  async tidy(batch: Batch, addedEntries: number): Promise<void> {
    this.#sinceCheckpoint += addedEntries
    this.#count()
    if (this.#sinceCheckpoint >= this.#checkpointEntries) await this.beginCheckpoint()
    if (this.#round !== undefined) await this.#continueCheckpoint(batch, this.#round)
    if (!this.#isFull) return
    for (const [name, document] of this.#loaded) {
      if (!this.#isFull) break
      if (document.isShared || document.editing !== undefined || document.isStale || document.hasDirectEdits) continue
      if (document.group > this.#init.context.commit.durable) continue
      if (document.isDirty) this.save(batch, document)
      this.drop(name)
    }
  }

  /** From now on each group writes some snapshots, until every document that has changed since its last has a new one. */
  async beginCheckpoint(): Promise<void> {
    if (this.#round !== undefined || (this.#sinceCheckpoint === 0 && !this.#loader.hasTail)) return
    const { kinds, logs } = this.#init.context
    // Documents of unknown kinds are marked, and read from the whole log when their kind is known
    const unread = (await this.#loader.tailNames()).filter(name => kinds.has(kindOf(name)))
    const dirty = [...this.#loaded.values()].filter(({ isDirty }) => isDirty).map(({ name }) => name)
    const covered = new Map([...logs].map(log => [log.client, log.seq]))
    this.#round = { names: new Set([...unread, ...dirty]), covered, frontier: this.#frontier() }
    this.#sinceCheckpoint = 0
  }

  /** Whether a checkpoint has begun and needs more groups. */
  get isWritingCheckpoint(): boolean {
    return this.#round !== undefined
  }

  /** A few megabytes for each group, so that nobody waits long; what all snapshots cover is noted with the last. */
  async #continueCheckpoint(batch: Batch, round: CheckpointRound): Promise<void> {
    let left = checkpointBytesPerGroup
    for (const name of round.names) {
      if (left <= 0) return
      const isInTail = (await this.#loader.tailNames()).includes(name)
      const document = isInTail ? await this.get(name) : this.#loaded.get(name)
      // Its state is not what the log says: the checkpoint would cover it
      if (document?.isStale === true || document?.hasDirectEdits === true) {
        this.#round = undefined
        this.#sinceCheckpoint = maxCheckpointEntries
        return
      }
      round.names.delete(name)
      if (document?.isDirty === true) {
        this.save(batch, document)
        left -= document.size
      }
    }
    const { keys } = this.#init.context
    batch.put(keys.snapshots + checkpointName, encodeSnapshot({ frontier: round.frontier, state: new Uint8Array() }))
    this.#loader.checkpoint = round.covered
    this.#loader.raise()
    this.#round = undefined
  }

  get #checkpointEntries(): number {
    return Math.min(maxCheckpointEntries, Math.max(checkpointEntries, this.#bytes / snapshotBytesPerEntry))
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
    batch.put(this.#init.context.keys.snapshots + document.name, encodeSnapshot({ frontier: this.#frontier(), state }))
    document.isDirty = false
    document.measured(state.length)
    this.#loader.saved(document.name)
  }

  #frontier(): SnapshotFrontier {
    return [...this.#init.context.logs].filter(log => log.seq > 0).map(({ id, seq }) => [id.twin, id.device, seq])
  }
}

/** What is in an editor stays there until the editor has another. */
function letGo(document: LoadedDocument): void {
  if (document.editing === undefined) document.doc.destroy()
  else document.spoil()
}
