import type * as Y from 'yjs'
import type { SpaceKind } from '../documents/index.ts'
import { bytesToHex, type LogId } from '../log/index.ts'
import type { Membership } from '../membership/index.ts'
import { SpaceKeys } from '../store/index.ts'
import { deliveryOf, unsyncedOf } from './delivery.ts'
import type { Durability } from './durability.ts'
import { KeyRing } from './key-ring.ts'
import type { EditOptions, LiveText } from './live-text.ts'
import { LocalFacts } from './local-facts.ts'
import { LogTable } from './log-table.ts'
import type { Milestones } from './milestones.ts'
import type { OtherHistories } from './other-history.ts'
import { OwnReturn } from './own-return.ts'
import { Quarantine } from './quarantine.ts'
import type { SpaceState } from './replica.ts'
import type { Compaction, Delivery, EntryRef, Index, Member, Space, SpaceEvents, SpaceReview } from './space.ts'
import { SpaceCommits } from './space-commits.ts'
import type { SpaceContext } from './space-context.ts'
import { SpaceDocuments } from './space-documents.ts'
import { SpaceIndex } from './space-index.ts'
import { SpaceLoading } from './space-loading.ts'
import { SpaceNews } from './space-news.ts'
import { createParts, type SpaceParts } from './space-parts.ts'
import { SpacePresence } from './space-presence.ts'
import type { SpaceRecords } from './space-records.ts'
import { reviewOf } from './space-review.ts'
import { SpaceSync } from './space-sync.ts'
import type { SpacesContext } from './spaces-context.ts'
import { writeRefusal } from './write-refusal.ts'

export interface LocalSpaceInit {
  readonly membership: Membership
  readonly records: SpaceRecords
  readonly state: SpaceState
}

/** A space on this device: what callers may do with it, each over the part that does it. */
export class LocalSpace implements Space {
  readonly id: Uint8Array
  readonly text: string
  readonly context: SpaceContext
  readonly sync: SpaceSync
  readonly presence: SpacePresence
  /** For what is heard of the own log. */
  readonly ownReturn: OwnReturn
  readonly #init: SpacesContext['init']
  readonly #parts: SpaceParts
  readonly #loading: SpaceLoading
  readonly #commits: SpaceCommits
  readonly #documents: SpaceDocuments
  readonly #indexes = new Map<string, SpaceIndex>()

  constructor(all: SpacesContext, init: LocalSpaceInit) {
    this.id = init.membership.space
    this.text = bytesToHex(this.id)
    this.#init = all.init
    this.context = this.#createContext(all, init)
    this.presence = new SpacePresence(this.context)
    const parts = createParts(this.context, all, this.presence, (document, isShown) =>
      this.#documents.changedDirectly(document, isShown)
    )
    const loading = new SpaceLoading({ parts, rebuildIndex: all.init.rebuildIndex })
    this.#parts = parts
    this.#loading = loading
    this.ownReturn = new OwnReturn(parts, loading)
    this.sync = new SpaceSync(parts, this.ownReturn)
    const { gatherTyped: gather } = all.init
    this.#documents = new SpaceDocuments({ parts, loading, presence: this.presence, gather })
    this.#commits = new SpaceCommits(parts, loading, this.ownReturn)
  }

  get kind(): SpaceKind {
    return this.context.facts.kind
  }

  get policy(): string {
    return this.context.facts.policy
  }

  get name(): string {
    return this.context.facts.name
  }

  get decider(): Uint8Array {
    return this.context.facts.decider
  }

  get state(): SpaceState {
    return this.context.facts.state
  }

  get myNumber(): number | undefined {
    return this.context.facts.myNumber
  }

  get hasKey(): boolean {
    return this.context.facts.hasKey
  }

  members(): Member[] {
    return this.context.facts.members()
  }

  numberOf(twin: Uint8Array): number | undefined {
    return this.context.facts.numberOf(twin)
  }

  twinOf(number: number): Uint8Array | undefined {
    return this.context.facts.twinOf(number)
  }

  mayWrite(document: string): boolean {
    return writeRefusal(this.context, document) === undefined
  }

  write<T>(
    document: string,
    edit: (doc: Y.Doc, transaction: Y.Transaction) => T,
    options?: { readonly origin?: string }
  ): Promise<{ value: T; ref: EntryRef }> {
    return this.#documents.write(document, edit, options)
  }

  doc(name: string): Promise<Y.Doc> {
    return this.#documents.share(name)
  }

  read<T>(name: string, read: (doc: Y.Doc) => T): Promise<T> {
    return this.#documents.read(name, read)
  }

  edit(name: string, options?: EditOptions): Promise<LiveText> {
    return this.#documents.edit(name, options)
  }

  flush(): Promise<void> {
    return this.context.commit.idle()
  }

  index(kind: string): Index {
    let index = this.#indexes.get(kind)
    if (index === undefined) {
      index = new SpaceIndex(this.context.store, `${this.context.keys.index}${kind}/`)
      this.#indexes.set(kind, index)
    }
    return index
  }

  compact(): Promise<Compaction> {
    return this.#parts.compactor.request()
  }

  delivery(ref: EntryRef): Delivery {
    return deliveryOf(this.context, this.durability.of(ref), ref, this.#init.inMailbox)
  }

  get unsynced(): number {
    const { own } = this.context.logs
    return own === undefined ? 0 : unsyncedOf(this.context, this.durability.of(own.id), own.seq)
  }

  review(): SpaceReview {
    const { marks, receiver, history } = this.#parts
    return reviewOf(this.context, marks, receiver.held, history)
  }

  sendAwareness(document: string, bytes: Uint8Array): void {
    this.presence.send(document, bytes)
  }

  on<K extends keyof SpaceEvents>(event: K, listener: (detail: SpaceEvents[K]) => void): () => void {
    return this.context.news.on(event, listener)
  }

  /** Who has signed to hold what. */
  get durability(): Durability {
    return this.#parts.durability
  }

  get milestones(): Milestones {
    return this.#parts.milestones
  }

  get others(): OtherHistories {
    return this.#parts.others
  }

  load(): Promise<void> {
    return this.#loading.load()
  }

  /** The space was made here just now. */
  begin(): void {
    this.#parts.history.begin()
  }

  /** The keys or device lists changed: what waited for that is tried again. */
  retry(): void {
    this.#loading.retry()
  }

  /** The membership or the wraps changed, which is told to everybody too. */
  changed(records: readonly Uint8Array[], wraps: readonly Uint8Array[], from?: LogId): void {
    this.#loading.retry()
    this.context.news.changed(records, wraps, from)
  }

  /** Writes snapshots, so that the next start replays little. */
  checkpoint(): Promise<void> {
    return this.#commits.checkpoint()
  }

  #createContext(all: SpacesContext, { membership, records, state }: LocalSpaceInit): SpaceContext {
    const { init, store, commit, clock, log, kinds } = all
    const { me, crypto, directory, formerDevices = [] } = init
    const { id } = this
    const keys = new SpaceKeys(this.text)
    const keyRing = new KeyRing({ space: id, me, crypto, membership })
    const facts = new LocalFacts({ me, membership, keyRing, state })
    const numberOf = (twin: Uint8Array) => facts.numberOf(twin)
    return {
      id,
      me,
      crypto,
      directory,
      store,
      commit,
      clock,
      log,
      keys,
      logs: new LogTable({ space: id, keys, store, crypto, me, numberOf }),
      membership,
      keyRing,
      quarantine: new Quarantine(store, keys),
      kinds,
      records,
      facts,
      news: new SpaceNews(this, all.news, log),
      former: formerDevices,
      touch: () => commit.touch(this.#commits)
    }
  }
}
