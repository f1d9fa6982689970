import * as Y from 'yjs'
import { decodeSnapshot, encodeSnapshot, LoadedDocument, type SnapshotFrontier } from '../documents/index.ts'
import { clientId } from '../log/index.ts'
import type { Batch } from '../store/index.ts'
import type { EntryMarks } from './entry-marks.ts'
import { type Frontier, type ReplayedEntry, replay } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** Documents kept in memory, beyond those that somebody holds. */
const maxLoaded = 128
/** Entries after which all documents get a snapshot, so that a start never replays more. */
const checkpointEntries = 32_768
/** The snapshot row without a document: what all documents' snapshots cover. */
const checkpointName = ''

export interface DocumentCacheInit {
  readonly context: SpaceContext
  readonly marks: EntryMarks
  readonly onDirectEdit: (document: LoadedDocument) => void
}

/** An entry of one document. */
interface TailEntry {
  readonly client: number
  readonly seq: number
  readonly update: Uint8Array
}

/**
 * The documents of a space that are in memory. A document is its snapshot, then the entries of the logs beyond what the snapshot
 * covers. The log is the truth: a snapshot that does not load is thrown away.
 */
export class DocumentCache {
  readonly #init: DocumentCacheInit
  readonly #loaded = new Map<string, LoadedDocument>()
  readonly #loading = new Map<string, Promise<LoadedDocument>>()
  /** Entries beyond the checkpoint at the start, by document, until the document is loaded. */
  #tail: Promise<Map<string, TailEntry[]>> | undefined
  #tailTo: Frontier = new Map()
  #checkpoint: Frontier = new Map()
  #sinceCheckpoint = 0
  /** Group that wrote the last snapshot of a document that was changed since the start. */
  readonly #dropped = new Map<string, number>()
  #me = 0

  constructor(init: DocumentCacheInit) {
    this.#init = init
  }

  /** Call after the logs were loaded and before anything is appended. */
  async load(): Promise<void> {
    const { store, keys, logs } = this.#init.context
    this.#tail = undefined
    this.#tailTo = new Map([...logs].map(log => [log.client, log.seq]))
    const row = await store.get(keys.snapshots + checkpointName)
    this.#checkpoint = this.#toFrontier((row && decodeSnapshot(row))?.frontier ?? [])
    for (const [client, seq] of this.#checkpoint) {
      // A checkpoint beyond the logs cannot be: it is written with them
      if (seq > (this.#tailTo.get(client) ?? 0)) this.#checkpoint = new Map()
    }
  }

  /** This device's client id, known once it is a member. */
  set client(client: number) {
    this.#me = client
  }

  loaded(name: string): LoadedDocument | undefined {
    const document = this.#loaded.get(name)
    if (document !== undefined && this.#loaded.size > maxLoaded / 2) {
      // Keeps the map in order of use
      this.#loaded.delete(name)
      this.#loaded.set(name, document)
    }
    return document
  }

  get(name: string): Promise<LoadedDocument> {
    const known = this.#loaded.get(name)
    if (known !== undefined) return Promise.resolve(known)
    let loading = this.#loading.get(name)
    if (loading === undefined) {
      loading = this.#load(name)
        .then(document => {
          if (this.#loading.get(name) === loading) this.#loaded.set(name, document)
          return document
        })
        .finally(() => {
          if (this.#loading.get(name) === loading) this.#loading.delete(name)
        })
      this.#loading.set(name, loading)
    }
    return loading
  }

  /** The document gets entries in the group that is being prepared. */
  touch(document: LoadedDocument): void {
    document.group = this.#init.context.commit.group
    this.#dropped.set(document.name, Number.POSITIVE_INFINITY)
  }

  /** Makes a document of these entries and nothing else, and writes its snapshot. */
  async rebuild(batch: Batch, name: string, entries: readonly TailEntry[]): Promise<void> {
    const { commit } = this.#init.context
    this.drop(name)
    if (this.#tail !== undefined) (await this.#tail).delete(name)
    const document = this.#make(name)
    for (const { client, update } of entries) {
      if (!document.judge(update, client).ok) continue
      document.restore(update)
    }
    document.ready()
    document.group = commit.group
    this.#loaded.set(name, document)
    this.#save(batch, document)
  }

  /** Forgets a document; what of it is on disk is loaded next time. */
  drop(name: string): void {
    const document = this.#loaded.get(name)
    this.#loaded.delete(name)
    this.#loading.delete(name)
    document?.doc.destroy()
  }

  clear(): void {
    for (const document of this.#loaded.values()) document.doc.destroy()
    this.#loaded.clear()
    this.#loading.clear()
    this.#dropped.clear()
    this.#tail = undefined
  }

  /** Writes snapshots of what has to leave memory, and of everything when enough entries were added. */
  async tidy(batch: Batch, addedEntries: number): Promise<void> {
    this.#sinceCheckpoint += addedEntries
    if (this.#sinceCheckpoint >= checkpointEntries) await this.checkpoint(batch)
    if (this.#loaded.size <= maxLoaded) return
    for (const [name, document] of this.#loaded) {
      if (this.#loaded.size <= maxLoaded) break
      if (document.isShared || document.isStale || document.hasDirectEdits) continue
      if (document.group > this.#init.context.commit.durable) continue
      if (document.isDirty) this.#save(batch, document)
      this.drop(name)
    }
  }

  /** Writes a snapshot of every document that has changed since its last, and notes what all of them cover. */
  async checkpoint(batch: Batch): Promise<void> {
    const { keys, logs } = this.#init.context
    if (this.#sinceCheckpoint === 0 && this.#tail === undefined) return
    for (const name of (await this.#tail)?.keys() ?? []) {
      // Documents of unknown kinds are marked, and read from the whole log when their kind is known
      if (this.#init.context.kinds.has(kindOf(name))) await this.get(name)
    }
    for (const document of this.#loaded.values()) {
      // Its state is not what the log says; the checkpoint would cover it
      if (document.isStale || document.hasDirectEdits) return
    }
    for (const document of this.#loaded.values()) if (document.isDirty) this.#save(batch, document)
    batch.put(keys.snapshots + checkpointName, encodeSnapshot({ frontier: this.#frontier(), state: new Uint8Array() }))
    this.#checkpoint = new Map([...logs].map(log => [log.client, log.seq]))
    this.#sinceCheckpoint = 0
  }

  get hasEntriesToCheckpoint(): boolean {
    return this.#sinceCheckpoint > 0
  }

  #save(batch: Batch, document: LoadedDocument): void {
    const state = Y.encodeStateAsUpdate(document.doc)
    batch.put(this.#init.context.keys.snapshots + document.name, encodeSnapshot({ frontier: this.#frontier(), state }))
    document.isDirty = false
    this.#dropped.set(document.name, this.#init.context.commit.group)
  }

  async #load(name: string): Promise<LoadedDocument> {
    const { store, keys } = this.#init.context
    const row = this.#init.marks.isUnread(name) ? undefined : await store.get(keys.snapshots + name)
    const snapshot = row && decodeSnapshot(row)
    if (snapshot !== undefined || !this.#init.marks.isUnread(name)) {
      try {
        return await this.#build(name, snapshot?.state, this.#toFrontier(snapshot?.frontier ?? []), false)
      } catch (cause) {
        this.#init.context.log.warn('A document does not load from its snapshot and is built from the log', cause)
      }
    }
    return this.#build(name, undefined, new Map(), true)
  }

  async #build(
    name: string,
    state: Uint8Array | undefined,
    covered: Frontier,
    fromStart: boolean
  ): Promise<LoadedDocument> {
    const { marks, context } = this.#init
    const document = this.#make(name)
    if (state !== undefined) document.restore(state)
    const replayed = fromStart ? await this.#replay(name, new Map()) : await this.#tailOf(name)
    for (const { client, seq, update } of replayed) {
      if (seq <= (covered.get(client) ?? 0) || marks.isRejected(client, seq)) continue
      if (context.quarantine.has(client, seq)) continue
      if (marks.isHeld(client, seq) && !document.judge(update, client).ok) continue
      document.restore(update)
      document.isDirty = true
    }
    document.ready()
    return document
  }

  #make(name: string): LoadedDocument {
    const { context, onDirectEdit } = this.#init
    const kind = context.kinds.get(kindOf(name))
    if (kind === undefined) throw new TypeError('No kind of document has this name')
    const document: LoadedDocument = new LoadedDocument({
      name,
      kind,
      client: this.#me,
      gateVersion: context.membership.view?.genesis.gate ?? 1,
      onDirectEdit: () => onDirectEdit(document)
    })
    return document
  }

  /** Entries of the document beyond the checkpoint. */
  async #tailOf(name: string): Promise<readonly TailEntry[]> {
    if (this.#tail === undefined) this.#tail = this.#readTail()
    const tail = await this.#tail
    const entries = tail.get(name)
    if (entries === undefined) {
      // Everything is in its snapshot, unless that is still being written or was never made
      const group = this.#dropped.get(name) ?? 0
      return group <= this.#init.context.commit.durable ? [] : this.#replay(name, this.#checkpoint)
    }
    tail.delete(name)
    // Until it leaves memory with a snapshot, only the log has it
    this.#dropped.set(name, Number.POSITIVE_INFINITY)
    return entries
  }

  async #readTail(): Promise<Map<string, TailEntry[]>> {
    const tail = new Map<string, TailEntry[]>()
    for await (const entry of this.#entries(this.#checkpoint, this.#tailTo)) {
      const { document, update } = entry.payload
      const list = tail.get(document)
      const item = { client: entry.log.client, seq: entry.seq, update }
      if (list === undefined) tail.set(document, [item])
      else list.push(item)
    }
    return tail
  }

  async #replay(name: string, from: Frontier): Promise<TailEntry[]> {
    const entries: TailEntry[] = []
    const to = new Map([...this.#init.context.logs].map(log => [log.client, log.durable]))
    for await (const { log, seq, payload } of this.#entries(from, to)) {
      if (payload.document === name) entries.push({ client: log.client, seq, update: payload.update })
    }
    return entries
  }

  #entries(from: Frontier, to: Frontier): AsyncIterable<ReplayedEntry> {
    const { id, logs, crypto, keyRing, quarantine } = this.#init.context
    const keyOf = (log: SpaceLog, epoch: number) => keyRing.entryKey(log, epoch)
    return replay({ space: id, logs, crypto, keyOf, endOf: client => quarantine.endOf(client), from, to })
  }

  #frontier(): SnapshotFrontier {
    return [...this.#init.context.logs].filter(log => log.seq > 0).map(({ id, seq }) => [id.twin, id.device, seq])
  }

  #toFrontier(frontier: SnapshotFrontier): Map<number, number> {
    const { facts } = this.#init.context
    const seqs = new Map<number, number>()
    for (const [twin, device, seq] of frontier) {
      const member = facts.numberOf(twin)
      if (member !== undefined) seqs.set(clientId(member, device), seq)
    }
    return seqs
  }
}
