import type * as Y from 'yjs'
import type { IndexRow, SpaceKind } from '../documents/index.ts'
import type { LogId } from '../log/index.ts'
import type { EditOptions, LiveText } from './live-text.ts'
import type { SpaceState } from './replica.ts'

export type Role = 'owner' | 'writer' | 'reader' | 'replica'

export interface Member {
  readonly number: number
  readonly twin: Uint8Array
  readonly role: Role
}

/** What a compaction came to. */
export interface Compaction {
  /** Entries that this store no longer has */
  readonly dropped: number
  /** Why no more could be done, in a sentence for the owner */
  readonly reason?: string
}

/** Names an entry: the log it is in and its sequence number there. */
export interface EntryRef {
  readonly twin: Uint8Array
  readonly device: number
  readonly seq: number
}

/**
 * `my-twin`: another node device of the author's twin holds it. `mailbox`: for every other member whose twin does not hold it, a
 * mailbox does. `their-twin`: node devices of all other members do.
 */
export type DeliveryState = 'saved' | 'my-twin' | 'mailbox' | 'their-twin'

export interface Delivery {
  readonly state: DeliveryState
  /** Devices that signed that they hold it, this one not named. */
  readonly devices: readonly LogId[]
  /** Other members, whether a node device of theirs holds it, and else whether a mailbox of theirs does. */
  readonly twins: readonly { readonly twin: Uint8Array; readonly delivered: boolean; readonly inMailbox: boolean }[]
}

/** What this device has of one log and does not show. */
export interface LogReview {
  readonly log: LogId
  /** Entries that break a rule: every replica leaves them out */
  readonly rejected: number
  /** Entries with nothing wrong about them that could not be applied yet; tried again when their document grows and at each start */
  readonly held: number
  /** How many of the held ones are so because their author has too much: bytes in a document, or entries that are held */
  readonly overQuota: number
  /** Entries beyond a removal or a revocation, and those that built on them: every replica leaves them out */
  readonly cut: number
  /** Runs in memory that wait for what they build on */
  readonly waiting: number
  /** Two histories of the log were signed: nothing more of it is taken */
  readonly isFrozen: boolean
}

export interface SpaceReview {
  /** Only logs of which something is not shown */
  readonly logs: readonly LogReview[]
  /** Documents of kinds that are not known here */
  readonly unread: readonly string[]
  /** Own entries that nobody was shown yet, because nobody has confirmed since the start what is before them */
  readonly unshown: number
  /** Own entries that are not here though others were shown them, and that nobody who was met could give back: the disk was set back */
  readonly behind: number
}

/** An entry that is on synced storage here. */
export interface StoredEntry {
  readonly ref: EntryRef
  readonly member: number
  readonly document: string
  readonly time: number
  readonly origin: string
  readonly own: boolean
}

export interface RangeOptions {
  readonly gt?: string
  readonly gte?: string
  readonly lt?: string
  readonly lte?: string
  readonly reverse?: boolean
  readonly limit?: number
}

/** Rows that projections of one kind wrote; only what is on synced storage is seen. */
export interface Index {
  get(key: string): Promise<Uint8Array | undefined>
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  iterate(range?: RangeOptions): AsyncIterable<{ readonly key: string; readonly value: Uint8Array }>
}

export interface SpaceEvents {
  /** In the order they were stored, own entries included. */
  entries: { readonly entries: readonly StoredEntry[] }
  rows: { readonly kind: string; readonly rows: readonly IndexRow[] }
  /** Somebody's devices hold more than they did. */
  delivery: { readonly log: LogId }
  /** Members, roles, name or state changed. */
  change: Record<string, never>
  /** Presence (y-protocols awareness bytes) of one device: `from`, whoever passed it on. */
  awareness: { readonly document: string; readonly bytes: Uint8Array; readonly from: LogId }
  /** Documents that were handed out are void: ask for them again. */
  fence: Record<string, never>
}

/** A set of member twins who share documents. */
export interface Space {
  readonly id: Uint8Array
  /** The id in hexadecimal */
  readonly text: string
  readonly kind: SpaceKind
  /** What a `shared` space is for, such as `notes`; empty for a namespace of values. Fixed when it was made. */
  readonly policy: string
  readonly name: string
  /** The twin whose device keeps the membership. */
  readonly decider: Uint8Array
  readonly state: SpaceState
  /** Whether the key of what is written now is here. */
  readonly hasKey: boolean
  /** Number of the own twin, undefined when it is no member (any more). */
  readonly myNumber: number | undefined
  members(): Member[]
  numberOf(twin: Uint8Array): number | undefined
  /** The twin with this member number, former members included. */
  twinOf(number: number): Uint8Array | undefined
  /** Whether this device may write the document now. */
  mayWrite(document: string): boolean

  /**
   * Runs `edit` in a transaction of the document and resolves when the entry is on synced storage. Edits of one tick share
   * entries. An edit must check before it changes anything; when it throws, only its own promise is rejected.
   *
   * @throws {SpaceError} when the document may not be written or would grow beyond its limits
   */
  write<T>(
    document: string,
    edit: (doc: Y.Doc, transaction: Y.Transaction) => T,
    options?: { readonly origin?: string }
  ): Promise<{ readonly value: T; readonly ref: EntryRef }>
  /** The live document, for reading and for editors: transactions made on it directly are stored once a tick. */
  doc(document: string): Promise<Y.Doc>
  /** Reads the document as it is now, and keeps it no longer than that. */
  read<T>(document: string, read: (doc: Y.Doc) => T): Promise<T>
  /**
   * The text of a document for an editor. Edits of a tick make one entry; what others write appears in the same text. It stays in memory
   * until it is closed, outlives failed writes and removals, and loses nothing that was typed.
   */
  edit(document: string, options?: EditOptions): Promise<LiveText>
  /** Resolves when everything written so far, direct transactions included, is on synced storage. */
  flush(): Promise<void>
  index(kind: string): Index
  /** Drops entries that nobody lacks and puts a milestone in their place; it is done by itself as a space grows. */
  compact(): Promise<Compaction>
  delivery(ref: EntryRef): Delivery
  /** Entries of this device that no node device of its twin has signed to hold. */
  readonly unsynced: number
  /** What was received and is not shown, for whoever asks why. */
  review(): SpaceReview
  /** Sends presence (y-protocols awareness bytes) to the members that are connected. */
  sendAwareness(document: string, bytes: Uint8Array): void
  on<K extends keyof SpaceEvents>(event: K, listener: (detail: SpaceEvents[K]) => void): () => void
}

export type SpaceErrorCode =
  | 'not-writer'
  | 'unknown-document'
  | 'not-open'
  | 'too-large'
  | 'fenced'
  | 'stopped'
  | 'not-keeper'

/** Why a space did not take an edit. */
export class SpaceError extends Error {
  override readonly name = 'SpaceError'
  readonly code: SpaceErrorCode

  constructor(code: SpaceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
