import { decodeSnapshot, LoadedDocument, type SnapshotFrontier } from '../documents/index.ts'
import { clientId } from '../log/index.ts'
import { isOfClosedStore } from '../store/index.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
import { type Frontier, type ReplayedEntry, replay } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** The snapshot row without a document: what all documents' snapshots cover. */
export const checkpointName = ''

export interface DocumentLoaderInit {
  readonly context: SpaceContext
  readonly marks: EntryMarks
  readonly milestones: Milestones
  readonly onDirectEdit: (document: LoadedDocument, isShown: boolean) => void
}

interface TailEntry {
  readonly client: number
  readonly seq: number
  readonly update: Uint8Array
}

/**
 * Makes documents from what is on disk. A document is its snapshot, then the entries of the logs beyond what the snapshot covers. The
 * log is the truth: a snapshot that does not load is thrown away.
 */
export class DocumentLoader {
  /** Client id of this device, known once it is a member. */
  client = 0
  /** What the snapshots of all documents cover. */
  checkpoint: Frontier = new Map()
  readonly #init: DocumentLoaderInit
  /** Times that what was read before became void. */
  #generation = 0
  /** Entries beyond the checkpoint at the start, by document, until the document is loaded. */
  #tail: Promise<Map<string, TailEntry[]>> | undefined
  #tailTo: Frontier = new Map()
  /** Group that wrote the last snapshot of a document that was changed since the start. */
  readonly #dropped = new Map<string, number>()
  readonly #saved = new Map<string, number>()

  constructor(init: DocumentLoaderInit) {
    this.#init = init
  }

  /** Call when the logs were loaded, before anything is appended. */
  async start(): Promise<void> {
    const { store, keys, logs } = this.#init.context
    this.#tail = undefined
    this.#tailTo = new Map([...logs].map(log => [log.client, log.seq]))
    const row = await store.get(keys.snapshots + checkpointName)
    this.checkpoint = this.#toFrontier((row && decodeSnapshot(row))?.frontier ?? [])
    for (const [client, seq] of this.checkpoint) {
      // A checkpoint beyond the logs cannot be: it is written with them
      if (seq > (this.#tailTo.get(client) ?? 0)) this.checkpoint = new Map()
    }
    this.raise()
  }

  /** What milestones cover is in their snapshots, or in no document. */
  raise(): void {
    const raised = new Map(this.checkpoint)
    for (const [client, seq] of this.#init.milestones.floor) {
      raised.set(client, Math.max(seq, raised.get(client) ?? 0))
    }
    this.checkpoint = raised
  }

  clear(): void {
    this.#generation++
    this.#dropped.clear()
    this.#saved.clear()
    this.#tail = undefined
  }

  get hasTail(): boolean {
    return this.#tail !== undefined
  }

  /** Documents with entries beyond the checkpoint at the start that were not loaded since. */
  async tailNames(): Promise<string[]> {
    return [...(await this.#readTail()).keys()]
  }

  /** Documents that have changed since the checkpoint, the last start or later. */
  async changedNames(): Promise<Set<string>> {
    const tail = await this.#readTail()
    // Both in one turn: a document that is being loaded goes from the one to the other
    return new Set([...this.#dropped.keys(), ...tail.keys()])
  }

  /** The document has entries beyond its snapshot. */
  changed(name: string): void {
    this.#dropped.set(name, Number.POSITIVE_INFINITY)
  }

  /** The group that is being prepared has a snapshot of the document as it is now. */
  saved(name: string): void {
    this.#dropped.set(name, this.#init.context.commit.group)
    this.#saved.set(name, this.#init.context.commit.group)
  }

  /** Group that wrote the last snapshot since the start, 0 if none did. */
  savedIn(name: string): number {
    return this.#saved.get(name) ?? 0
  }

  async load(name: string): Promise<LoadedDocument> {
    const { store, keys } = this.#init.context
    const generation = this.#generation
    const isUnread = this.#init.marks.isUnread(name)
    const row = isUnread ? undefined : await store.get(keys.snapshots + name)
    const snapshot = row && decodeSnapshot(row)
    const isInMilestone = this.#init.milestones.of(name).length > 0
    if (!isUnread && (snapshot !== undefined || !isInMilestone)) {
      try {
        const covered = snapshot && this.#toFrontier(snapshot.frontier)
        const states = snapshot === undefined ? [] : [snapshot.state]
        return await this.#build(name, states, covered ?? this.#init.milestones.covered(name), false)
      } catch (cause) {
        // The logs are read anew, or will be
        if (generation !== this.#generation || isOfClosedStore(cause)) throw cause
        this.#init.context.log.warn('A document does not load from its snapshot and is built from the log', cause)
      }
    }
    const states = (await this.#init.milestones.states(name)).map(({ state }) => state)
    const fromStart = isUnread || snapshot !== undefined || !isInMilestone
    return this.#build(name, states, this.#init.milestones.covered(name), fromStart)
  }

  async #build(
    name: string,
    states: readonly Uint8Array[],
    covered: Frontier,
    fromStart: boolean
  ): Promise<LoadedDocument> {
    const { context, marks } = this.#init
    const document = this.#make(name)
    for (const state of states) document.restore(state)
    const replayed = fromStart ? await this.#replay(name, covered) : await this.#tailOf(name)
    // Released entries were applied later than where they stand in the log
    let aside: TailEntry[] = []
    for (const entry of replayed) {
      const { client, seq, update } = entry
      if (seq <= (covered.get(client) ?? 0) || marks.isLeftOut(client, seq)) continue
      if (context.quarantine.has(client, seq)) continue
      if (marks.isReleased(client, seq)) aside.push(entry)
      else document.restore(update)
      document.isDirty = true
      if (aside.length > 0) aside = restoreWhatFits(document, aside)
    }
    document.ready()
    return document
  }

  /** An empty document, whose entries beyond the last checkpoint are not read again. */
  async make(name: string): Promise<LoadedDocument> {
    ;(await this.#tail)?.delete(name)
    return this.#make(name)
  }

  #make(name: string): LoadedDocument {
    const { context, onDirectEdit } = this.#init
    const kind = context.kinds.get(kindOf(name))
    if (kind === undefined) throw new TypeError('No kind of document has this name')
    const document: LoadedDocument = new LoadedDocument({
      name,
      kind,
      client: this.client,
      gateVersion: context.membership.view?.genesis.gate ?? 1,
      onDirectEdit: isShown => onDirectEdit(document, isShown)
    })
    return document
  }

  /** Entries of the document beyond the checkpoint. */
  async #tailOf(name: string): Promise<readonly TailEntry[]> {
    const tail = await this.#readTail()
    const entries = tail.get(name)
    if (entries === undefined) {
      // Everything is in its snapshot, unless that is still being written or was never made
      const group = this.#dropped.get(name) ?? 0
      return group <= this.#init.context.commit.durable ? [] : this.#replay(name, this.checkpoint)
    }
    tail.delete(name)
    // Until it leaves memory with a snapshot, only the log has it
    this.#dropped.set(name, Number.POSITIVE_INFINITY)
    return entries
  }

  /** Once, also after a failed write: a checkpoint would cover entries that are in no snapshot. */
  #readTail(): Promise<Map<string, TailEntry[]>> {
    this.#tail ??= this.#readEntries()
    return this.#tail
  }

  async #readEntries(): Promise<Map<string, TailEntry[]>> {
    const tail = new Map<string, TailEntry[]>()
    for await (const entry of this.#entries(this.checkpoint, this.#tailTo)) {
      const { document, update } = entry.payload
      const list = tail.get(document) ?? []
      list.push({ client: entry.log.client, seq: entry.seq, update })
      tail.set(document, list)
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

  #toFrontier(frontier: SnapshotFrontier): Map<number, number> {
    const seqs = new Map<number, number>()
    for (const [twin, device, seq] of frontier) {
      const member = this.#init.context.facts.numberOf(twin)
      if (member !== undefined) seqs.set(clientId(member, device), seq)
    }
    return seqs
  }
}

/** Applies what the gate lets through by now, each author's in order; returns the rest. */
function restoreWhatFits(document: LoadedDocument, entries: readonly TailEntry[]): TailEntry[] {
  let left = [...entries]
  for (let before = left.length + 1; left.length < before; ) {
    before = left.length
    const blocked = new Set<number>()
    left = left.filter(({ client, update }) => {
      const fits = !blocked.has(client) && document.judge(update, client).ok
      if (fits) document.restore(update)
      else blocked.add(client)
      return !fits
    })
  }
  return left
}
