import { encodeSnapshot, type LoadedDocument, type SnapshotFrontier } from '../documents/index.ts'
import type { Batch } from '../store/index.ts'
import type { DocumentCache } from './document-cache.ts'
import { checkpointName, type DocumentLoader } from './document-loader.ts'
import type { Frontier } from './replay.ts'
import { kindOf, type SpaceContext } from './space-context.ts'

/** Entries after which all documents get a snapshot, so that a start never replays more. More when the snapshots are large. */
const checkpointEntries = 32_768
const maxCheckpointEntries = 131_072
/** Bytes of snapshots for which one entry more is replayed: writing them must not cost more than the entries do. */
const snapshotBytesPerEntry = 1024
/** Snapshots written in one group commit, about (bytes). */
const checkpointBytesPerGroup = 4 * 1024 * 1024

export interface CheckpointInit {
  readonly context: SpaceContext
  readonly loader: DocumentLoader
  readonly documents: Pick<DocumentCache, 'get' | 'save' | 'bytes'>
  /** Those in memory */
  readonly loaded: ReadonlyMap<string, LoadedDocument>
  /** Those that somebody has asked for: no longer among what the start left, and not in memory yet */
  readonly loading: ReadonlyMap<string, unknown>
}

/** Documents that still have to get a snapshot, and what the logs were when it began. */
interface Round {
  readonly names: Set<string>
  readonly covered: Frontier
  readonly frontier: SnapshotFrontier
}

/** Snapshots of every document that has changed since its last: a few megabytes with each group, so that nobody waits long. */
export class Checkpoint {
  readonly #init: CheckpointInit
  /** Entries since the last one began. */
  #entries = 0
  #round: Round | undefined

  constructor(init: CheckpointInit) {
    this.#init = init
  }

  /** Whether it has begun and needs more groups. */
  get isWriting(): boolean {
    return this.#round !== undefined
  }

  /** Whether enough was added since the last one. */
  get isDue(): boolean {
    const most = Math.max(checkpointEntries, this.#init.documents.bytes / snapshotBytesPerEntry)
    return this.#entries >= Math.min(maxCheckpointEntries, most)
  }

  added(entries: number): void {
    this.#entries += entries
  }

  /** What is in memory is void. */
  clear(): void {
    this.#round = undefined
  }

  async begin(): Promise<void> {
    const { context, loader, loaded, loading } = this.#init
    if (this.#round !== undefined || (this.#entries === 0 && !loader.hasTail)) return
    const { kinds, logs } = context
    // Documents of unknown kinds are marked, and read from the whole log when their kind is known
    const unread = (await loader.tailNames()).filter(name => kinds.has(kindOf(name)))
    const dirty = [...loaded.values()].filter(({ isDirty }) => isDirty).map(({ name }) => name)
    const covered = new Map([...logs].map(log => [log.client, log.seq]))
    this.#round = { names: new Set([...unread, ...dirty, ...loading.keys()]), covered, frontier: frontierOf(context) }
    this.#entries = 0
  }

  /** Part of a group, while it is being written; what all snapshots cover is noted with the last. */
  async advance(batch: Batch): Promise<void> {
    const round = this.#round
    if (round === undefined) return
    const { context, loader, documents, loaded, loading } = this.#init
    let left = checkpointBytesPerGroup
    for (const name of round.names) {
      if (left <= 0) return
      const isToLoad = (await loader.tailNames()).includes(name) || loading.has(name)
      const document = isToLoad ? await documents.get(name) : loaded.get(name)
      // Its state is not what the log says: the checkpoint would cover it
      if (document?.isStale === true || document?.hasDirectEdits === true) {
        this.#round = undefined
        this.#entries = maxCheckpointEntries
        return
      }
      round.names.delete(name)
      if (document?.isDirty === true) {
        documents.save(batch, document)
        left -= document.size
      }
    }
    const { keys } = context
    batch.put(keys.snapshots + checkpointName, encodeSnapshot({ frontier: round.frontier, state: new Uint8Array() }))
    loader.checkpoint = round.covered
    loader.raise()
    this.#round = undefined
  }
}

/** Up to where the logs are here. */
export function frontierOf({ logs }: SpaceContext): SnapshotFrontier {
  return [...logs].filter(log => log.seq > 0).map(({ id, seq }) => [id.twin, id.device, seq])
}
