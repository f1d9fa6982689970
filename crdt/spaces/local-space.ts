import type * as Y from 'yjs'
import type { DocumentKind, LoadedDocument, SpaceKind } from '../documents/index.ts'
import { bytesToHex, decodeRun, isLongerThan, type LogHead, type LogId, maxOriginBytes } from '../log/index.ts'
import type { Membership } from '../membership/index.ts'
import { type Batch, type GroupCommit, type Outcome, type Participant, SpaceKeys, type Store } from '../store/index.ts'
import { Adoption } from './adoption.ts'
import { Answers } from './answers.ts'
import { Applier } from './applier.ts'
import { Attester } from './attester.ts'
import { Compactor } from './compactor.ts'
import { deliveryOf, unsyncedOf } from './delivery.ts'
import type { DocumentBudget } from './document-budget.ts'
import { DocumentCache } from './document-cache.ts'
import { Durability } from './durability.ts'
import { Emitter } from './emitter.ts'
import { EntryMarks } from './entry-marks.ts'
import { Holders } from './holders.ts'
import { isTrusted } from './judge-milestone.ts'
import { KeyRing } from './key-ring.ts'
import { LiveDocument } from './live-document.ts'
import type { PresenceChannel } from './live-presence.ts'
import { type EditOptions, type LiveText, LocalLiveText } from './live-text.ts'
import { LogTable } from './log-table.ts'
import { Milestones } from './milestones.ts'
import { OtherHistories } from './other-history.ts'
import { OwnHistory } from './own-history.ts'
import { OwnReturn } from './own-return.ts'
import { PresenceTable } from './presence-table.ts'
import { Quarantine } from './quarantine.ts'
import { Receiver } from './receiver.ts'
import { renewIndex } from './renew-index.ts'
import type { DurableClaim, LogRun, MilestoneResult, ReceiveResult, ReplicaEvents, SpaceState } from './replica.ts'
import { setAsideFormer } from './set-aside-former.ts'
import {
  type Compaction,
  type Delivery,
  type EntryRef,
  type Index,
  type Member,
  type Space,
  SpaceError,
  type SpaceEvents,
  type SpaceReview
} from './space.ts'
import type { SpaceContext } from './space-context.ts'
import { SpaceCuts } from './space-cuts.ts'
import { SpaceGroup } from './space-group.ts'
import { SpaceIndex } from './space-index.ts'
import type { SpaceLog } from './space-log.ts'
import { reviewOf } from './space-review.ts'
import type { SpacesInit } from './spaces.ts'
import { nameRefusal, writeRefusal } from './write-refusal.ts'
import { Writer } from './writer.ts'

export interface LocalSpaceInit {
  readonly init: SpacesInit
  readonly store: Store
  readonly commit: GroupCommit
  readonly budget: DocumentBudget
  readonly membership: Membership
  readonly kinds: ReadonlyMap<string, DocumentKind>
  readonly state: SpaceState
  /** Tells sync. */
  readonly tell: <K extends keyof ReplicaEvents>(event: K, detail: ReplicaEvents[K]) => void
  readonly onDelivery: (space: LocalSpace) => void
  /** A peer has sent all it had of the space */
  readonly onAnswered: () => void
  readonly onFork: (space: LocalSpace, log: LogId, proof: readonly [Uint8Array, Uint8Array]) => void
  readonly onRestored: (space: LocalSpace, returned: number, resubmitted: number) => void
  /** See `OwnHeads`. */
  readonly isHeld: () => boolean
  /** See `SpaceRecords`. */
  readonly writeMissing: (batch: Batch) => (() => void) | undefined
}

/** A device that lacked something for so long gets a snapshot instead of the log. */
const absentMs = 30 * 86_400_000

/** Times that a document is read while a store fails again and again */
const maxTries = 3

/** A twin that is none of the members. */
const nobody = new Uint8Array(32)

/** A space on this device: its logs, its documents, and the group commits it takes part in. */
export class LocalSpace implements Space, Participant {
  readonly id: Uint8Array
  readonly text: string
  readonly context: SpaceContext
  readonly durability: Durability
  readonly #answers: Answers
  readonly #init: LocalSpaceInit
  readonly #emitter: Emitter<SpaceEvents>
  readonly #attester: Attester
  readonly #marks: EntryMarks
  readonly milestones: Milestones
  readonly others: OtherHistories
  readonly #holders: Holders
  readonly #presence: PresenceTable
  readonly #compactor: Compactor
  readonly #adoption: Adoption
  readonly #documents: DocumentCache
  readonly #writer: Writer
  readonly #receiver: Receiver
  readonly #applier: Applier
  readonly #cuts: SpaceCuts
  readonly #history: OwnHistory
  readonly #return: OwnReturn
  readonly #indexes = new Map<string, SpaceIndex>()
  #state: SpaceState
  #ready: Promise<void> = Promise.resolve()
  #isLoaded = false
  /** One at a time */
  #loads: Promise<void> = Promise.resolve()
  /** The log of this device, once it is a member. */
  #own: SpaceLog | undefined
  #checkpoint: { resolve: () => void } | undefined
  /** Groups in a row that failed. */
  #failures = 0

  constructor(init: LocalSpaceInit) {
    const { membership, store, commit, kinds } = init
    const { me, crypto, directory, clock = Date.now, log = silent } = init.init
    this.#init = init
    this.id = membership.space
    this.text = bytesToHex(this.id)
    this.#state = init.state
    this.#emitter = new Emitter(log)
    const keys = new SpaceKeys(this.text)
    const id = this.id
    const numberOf = (twin: Uint8Array) => this.numberOf(twin)
    const logs = new LogTable({ space: id, keys, store, crypto, numberOf })
    const keyRing = new KeyRing({ space: id, me, crypto, membership })
    const quarantine = new Quarantine(store, keys)
    const shared = { id, me, crypto, directory, store, commit, clock, log, keys, logs, membership, keyRing, kinds }
    this.context = { ...shared, quarantine, facts: this, former: init.init.formerDevices ?? [] }
    this.durability = new Durability(this.context)
    this.#answers = new Answers(this.context)
    this.#presence = new PresenceTable(this.context)
    this.#marks = new EntryMarks(store, keys)
    this.milestones = new Milestones(this.context)
    this.others = new OtherHistories(this.context)
    const documents = new DocumentCache({
      context: this.context,
      marks: this.#marks,
      milestones: this.milestones,
      budget: init.budget,
      onDirectEdit: document => this.#onDirectEdit(document),
      onShort: () => commit.touch(this)
    })
    this.#documents = documents
    this.#attester = new Attester({
      context: this.context,
      durability: this.durability,
      isGathering: () => documents.isEdited,
      tell: claims => init.tell('durable', { space: this.id, claims }),
      learn: news => this.#learn(news)
    })
    this.#holders = new Holders(this.context, this.durability, init.init.absentMs ?? absentMs)
    const [holders, marks, milestones] = [this.#holders, this.#marks, this.milestones]
    const onMade = () => init.tell('milestone', { space: this.id })
    this.#adoption = new Adoption({ context: this.context, documents, marks, milestones, onMade })
    this.#compactor = new Compactor({
      context: this.context,
      documents,
      marks,
      milestones,
      holders,
      isConfirmed: () => this.#history.isConfirmed,
      onMade
    })
    this.#writer = new Writer({ context: this.context, documents })
    this.#applier = new Applier({ context: this.context, documents, marks, milestones })
    this.#cuts = new SpaceCuts({
      context: this.context,
      others: this.others,
      documents,
      marks,
      milestones,
      applier: this.#applier,
      writer: this.#writer,
      mayWrite: document => this.mayWrite(document)
    })
    const onFork = (forked: { id: LogId }, proof: readonly [Uint8Array, Uint8Array]) =>
      init.onFork(this, forked.id, proof)
    this.#history = new OwnHistory(this.context, init.init.asksFirst !== true, init.isHeld)
    this.#return = new OwnReturn({
      context: this.context,
      history: this.#history,
      write: job => {
        this.#writer.add(job)
        commit.touch(this)
      },
      touch: () => commit.touch(this),
      reload: reloaded => this.#reload(reloaded),
      tell: init.tell,
      onRestored: (returned, resubmitted) => init.onRestored(this, returned, resubmitted)
    })
    const yields = (log: SpaceLog, seq: number) => {
      const isAside = this.#history.disprove(log, seq)
      if (isAside) commit.touch(this)
      return isAside
    }
    this.#receiver = new Receiver({
      context: this.context,
      applier: this.#applier,
      others: this.others,
      onFork,
      yields
    })
  }

  get kind(): SpaceKind {
    return this.context.membership.view!.kind
  }

  get policy(): string {
    return this.context.membership.view!.genesis.policy
  }

  get name(): string {
    return this.context.membership.view!.name
  }

  get decider(): Uint8Array {
    return this.context.membership.view!.decider
  }

  get state(): SpaceState {
    return this.context.membership.proof !== undefined ? 'frozen' : this.#state
  }

  get myNumber(): number | undefined {
    return this.context.membership.view?.numberOf(this.context.me.twin)
  }

  get hasKey(): boolean {
    const epoch = this.context.membership.view?.epoch?.epoch
    return epoch !== undefined && this.context.keyRing.get(epoch) !== undefined
  }

  members(): Member[] {
    return [...(this.context.membership.view?.members ?? [])]
  }

  numberOf(twin: Uint8Array): number | undefined {
    return this.context.membership.view?.everNumberOf(twin)
  }

  twinOf(number: number): Uint8Array | undefined {
    return this.context.membership.view?.twinOf(number)
  }

  mayWrite(document: string): boolean {
    return this.#refusal(document) === undefined
  }

  async write<T>(
    document: string,
    edit: (doc: Y.Doc, transaction: Y.Transaction) => T,
    options: { readonly origin?: string } = {}
  ): Promise<{ value: T; ref: EntryRef }> {
    const refusal = this.#refusal(document)
    if (refusal !== undefined) throw refusal
    const { origin = '' } = options
    if (isLongerThan(origin, maxOriginBytes)) throw new RangeError(`An origin has at most ${maxOriginBytes} bytes`)
    return new Promise((resolve, reject) => {
      this.#writer.add({
        document,
        origin,
        edit,
        // The value is what this edit returned
        resolve: resolve as (result: { value: unknown; ref: EntryRef }) => void,
        reject: cause => reject(asSpaceError(cause))
      })
      this.#init.commit.touch(this)
    })
  }

  async doc(name: string): Promise<Y.Doc> {
    const document = await this.#loaded(name)
    document.isShared = true
    return document.doc
  }

  /** The document as the log says. */
  async #loaded(name: string): Promise<LoadedDocument> {
    const refusal = nameRefusal(this.context, name)
    if (refusal !== undefined) throw refusal
    if (this.state === 'offered') throw new SpaceError('not-open', 'The space is not accepted yet')
    await this.#ready
    for (let tries = 1; ; tries++) {
      const failures = this.#failures
      let document: LoadedDocument
      try {
        document = await this.#documents.get(name)
      } catch (cause) {
        const { commit, store } = this.#init
        if (tries > maxTries || (failures === this.#failures && !store.isFenced)) throw cause
        // The store is closed and opened again under it
        await commit.idle()
        await this.#ready
        continue
      }
      // Else it was made anew while it was read
      const isCurrent = this.#documents.loaded(name) === document
      if (isCurrent && !document.isStale) return document
      // An edit that was refused is in memory only; what was taken before it is on its way to the disk
      if (isCurrent) await this.#init.commit.idle()
      if (this.#documents.loaded(name)?.isStale === true) this.#documents.drop(name)
    }
  }

  async read<T>(name: string, read: (doc: Y.Doc) => T): Promise<T> {
    return read((await this.#loaded(name)).doc)
  }

  async edit(name: string, options: EditOptions = {}): Promise<LiveText> {
    const document = await this.#loaded(name)
    const live =
      document.editing instanceof LiveDocument
        ? document.editing
        : new LiveDocument({
            document,
            load: () => this.#loaded(name),
            touch: () => this.#init.commit.touch(this)
          })
    const channel: PresenceChannel = {
      send: bytes => this.sendAwareness(name, bytes),
      known: () => this.#presence.in(name),
      listen: listener =>
        this.on('awareness', ({ document: of, from, bytes }) => {
          if (of === name) listener({ author: from, bytes })
        }),
      isRoot: root => Object.hasOwn(document.kind.roots, root)
    }
    return new LocalLiveText({ document: name, live, channel, mayWrite: () => this.mayWrite(name) }, options)
  }

  flush(): Promise<void> {
    return this.#init.commit.idle()
  }

  index(kind: string): Index {
    let index = this.#indexes.get(kind)
    if (index === undefined) {
      index = new SpaceIndex(this.#init.store, `${this.context.keys.index}${kind}/`)
      this.#indexes.set(kind, index)
    }
    return index
  }

  delivery(ref: EntryRef): Delivery {
    return deliveryOf(this.context, this.durability.of(ref), ref, this.#init.init.inMailbox)
  }

  get unsynced(): number {
    const own = this.#own
    return own === undefined ? 0 : unsyncedOf(this.context, this.durability.of(own.id), own.seq)
  }

  review(): SpaceReview {
    return reviewOf(this.context, this.#marks, this.#receiver.held, this.#history)
  }

  sendAwareness(document: string, bytes: Uint8Array): void {
    this.#presence.said(document, bytes)
    this.#init.tell('awareness', { space: this.id, document, bytes })
  }

  receiveAwareness(document: string, bytes: Uint8Array, from: LogId): void {
    const { fresh, relayed } = this.#presence.receive(document, bytes, from)
    for (const { ownOnly, bytes: others } of relayed) {
      this.#init.tell('awareness', { space: this.id, document, bytes: others, from, ownOnly })
    }
    for (const { author, bytes: one } of fresh) this.#emitter.emit('awareness', { document, bytes: one, from: author })
  }

  presenceFor(twin: Uint8Array): readonly { readonly document: string; readonly bytes: Uint8Array }[] {
    return this.#presence.for(twin)
  }

  on<K extends keyof SpaceEvents>(event: K, listener: (detail: SpaceEvents[K]) => void): () => void {
    return this.#emitter.on(event, listener)
  }

  emit<K extends keyof SpaceEvents>(event: K, detail: SpaceEvents[K]): void {
    this.#emitter.emit(event, detail)
  }

  /** Reads heads and marks; documents are read when they are asked for. */
  load(): Promise<void> {
    const loaded = this.#loads.then(() => this.#load())
    this.#loads = loaded.catch(() => {})
    return loaded
  }

  async #load(): Promise<void> {
    const { logs, me } = this.context
    await logs.load()
    await this.context.quarantine.load()
    await this.#marks.load(key => [...logs].find(log => log.key === key)?.client)
    const isSetAside = await setAsideFormer(this.context, this.#marks)
    if (isSetAside) await logs.load()
    await this.others.load()
    await this.milestones.load()
    await this.#documents.load()
    await this.durability.load()
    // A crash comes between storing and attesting: the authors would never learn that what they wrote is here
    this.#attester.clear()
    this.#attester.stored([...logs].filter(log => log.durable > 0).map(log => [log, log.durable]))
    await this.#holders.load()
    await this.#adoption.load()
    this.#compactor.load()
    this.#own = logs.open({ twin: me.twin, device: me.device })
    if (this.#own !== undefined) this.#documents.client = this.#own.client
    this.#cuts.load()
    await this.#history.load(this.#own)
    const isStale = this.#history.isIndexStale || isSetAside
    const sources = { marks: this.#marks, milestones: this.milestones }
    await renewIndex(this.context, sources, this.#own?.client ?? 0, isStale || this.#init.init.rebuildIndex === true)
    if (this.#history.isIndexStale) await this.#history.indexRebuilt()
    this.#isLoaded = true
    const hasWork = this.#applier.reset() || this.#cuts.isBehind(this.#own) || this.#adoption.isActive
    // A disk that takes nothing is tried once more; then it is left to those who write
    if (hasWork && this.#failures < 2) this.#init.commit.touch(this)
  }

  /** The space was made here just now. */
  begin(): void {
    this.#history.begin()
  }

  /** See `Replica.heard`. */
  heard(from: LogId, news: number | 'done' | 'ended', hash?: Uint8Array): void {
    if (news === 'done') {
      this.#answers.add(from)
      this.#init.onAnswered()
    }
    if (typeof news === 'number') this.#history.claimed(from, news, hash)
    else if (news === 'done' ? this.#history.answered(from) : this.#history.left(from))
      this.#return.confirmed(this.#own)
  }

  /** Whether everybody who may hold something of the log has sent it since the start. */
  haveAllSent(log: LogId): boolean {
    return this.#answers.areComplete(log, this.durability)
  }

  /** Whether documents are read from a milestone that a newcomer would not take, as this device did in the place of another. */
  get standsAlone(): boolean {
    return [...this.milestones].some(({ milestone }) => !isTrusted(this.context, milestone, nobody))
  }

  /** See `OwnHeads`; answers whether the own log is confirmed by it. */
  ownHistory(use: (history: OwnHistory) => boolean): void {
    if (use(this.#history)) this.#return.confirmed(this.#own)
  }

  mayShow(log: SpaceLog, last: number): boolean {
    return this.#history.mayShow(log, last)
  }

  /** The membership, the keys or device lists changed: what waited for that is tried again. */
  retry(): void {
    const { logs, me } = this.context
    this.#own = logs.open({ twin: me.twin, device: me.device })
    this.#history.log = this.#own
    if (this.#own !== undefined) this.#documents.client = this.#own.client
    this.#receiver.retryHeld()
    this.#cuts.changed()
    this.#init.commit.touch(this)
  }

  set accepted(state: SpaceState) {
    this.#state = state
  }

  receive(runs: readonly LogRun[], from: LogId): Promise<ReceiveResult> {
    if (this.state !== 'open' || this.#init.commit.isStopped) {
      const refused = { code: 'unknown-space', reason: 'The space is not open here' } as const
      return Promise.resolve({ accepted: 0, held: 0, durable: [], refused })
    }
    return new Promise(resolve => {
      this.#receiver.add({ runs, from, resolve })
      this.#init.commit.touch(this)
    })
  }

  async receiveDurable(claims: readonly DurableClaim[], from: LogId): Promise<void> {
    for (const claim of claims) await this.#history.signed(claim)
    this.#learn(await this.durability.receive(claims, from), from)
  }

  #learn(news: readonly DurableClaim[], from?: LogId): void {
    if (news.length === 0) return
    this.#init.tell('durable', { space: this.id, claims: news, from })
    for (const log of new Set(news.map(({ log }) => log))) this.#emitter.emit('delivery', { log })
    this.#init.onDelivery(this)
  }

  /** Heads on synced storage. */
  frontier(): LogHead[] {
    const heads: LogHead[] = []
    for (const log of this.context.logs) {
      const end = this.context.quarantine.endOf(log.client)
      if (end !== undefined && end.seq < log.durable) {
        if (end.seq > 0) heads.push([log.id.twin, log.id.device, end.seq, end.hash])
        continue
      }
      if (this.others.isOf(log)) {
        const head = this.others.head(log)
        if (head !== undefined) heads.push(head)
        continue
      }
      const [seq, hash] = this.#history.shown(log)
      if (hash !== undefined) heads.push([log.id.twin, log.id.device, seq, hash])
    }
    return heads
  }

  receiveMilestone(milestone: Uint8Array): Promise<MilestoneResult> {
    return this.state === 'open' ? this.#adoption.offer(milestone) : Promise.resolve({})
  }

  receivePart(part: Uint8Array): Promise<void> {
    return this.#adoption.part(part)
  }

  async completeMilestone(): Promise<MilestoneResult> {
    const { refused, answer, adopted } = await this.#adoption.complete()
    if (adopted === undefined) return { refused, answer }
    this.#compactor.reset()
    this.#init.commit.touch(this)
    return await adopted
  }

  compact(): Promise<Compaction> {
    const outcome = this.#compactor.request()
    this.#init.commit.touch(this)
    return outcome
  }

  /** Writes snapshots, so that the next start replays little. */
  checkpoint(): Promise<void> {
    return new Promise(resolve => {
      this.#checkpoint = { resolve }
      this.#init.commit.touch(this)
    })
  }

  get backlog(): number {
    return this.#writer.backlog + this.#receiver.backlog
  }

  /** Somebody types, or looks at what others type. */
  get isUrgent(): boolean {
    return this.#writer.hasDirectEdits || (!this.#receiver.isIdle && this.#documents.isEdited)
  }

  async prepare(batch: Batch): Promise<Outcome | undefined> {
    await this.#ready
    // Keys and records may come before the logs were read
    if (!this.#isLoaded) return undefined
    if (this.#history.isDisproved) {
      if (this.#own !== undefined) this.#marks.forgetBehind(batch, this.#own, this.#history.base)
      return this.#return.setAside(batch)
    }
    const group = new SpaceGroup(batch, this.context.keys.index)
    try {
      await this.#prepare(group)
    } catch (cause) {
      // The group has no outcome that could tell those who wait
      this.#failed(group, cause)
      throw cause
    }
    return { done: () => this.#done(group), failed: cause => this.#failed(group, cause) }
  }

  async #prepare(group: SpaceGroup): Promise<void> {
    const { batch } = group
    const written = this.#init.writeMissing(batch)
    if (written !== undefined) group.done.push(written)
    if (await this.#cuts.prepare(group, this.#own)) group.done.push(() => this.#emitter.emit('fence', {}))
    if (this.#adoption.isActive) {
      await this.#adoption.take(group, () => this.#restart())
      if (!this.#adoption.isEnding) this.#init.commit.touch(this)
      return
    }
    await this.#receiver.prepare(group)
    if (this.#own !== undefined) {
      const hasMore = await this.#writer.prepare(group, this.#own)
      if (hasMore) this.#init.commit.touch(this)
      this.#applier.retryAfterWrites(group, this.#own.client)
    }
    this.#history.note(batch)
    this.#history.tidy(batch)
    if (batch.rows > 0 || this.#checkpoint !== undefined) this.durability.write(batch)
    const entries = group.runs.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    if (this.#checkpoint !== undefined) await this.#documents.beginCheckpoint()
    await this.#documents.tidy(batch, entries)
    if (this.#documents.isWritingCheckpoint) this.#init.commit.touch(this)
    else if (this.#checkpoint !== undefined) {
      group.done.push(this.#checkpoint.resolve)
      group.failed.push(this.#checkpoint.resolve)
      this.#checkpoint = undefined
    }
    if (this.state === 'open' && (await this.#compactor.take(batch, group.done, entries))) this.#init.commit.touch(this)
  }

  async reset(cause: unknown): Promise<void> {
    // Who made it reads it again
    if (!this.#isLoaded) return
    this.#failures++
    const told = new Map([...this.context.logs].map(({ key, durable }) => [key, durable]))
    this.#compactor.reset()
    this.#documents.clear()
    this.#writer.reset(cause)
    this.#receiver.reset()
    this.#checkpoint?.resolve()
    this.#checkpoint = undefined
    this.#ready = this.load().catch(() => {
      throw new SpaceError('fenced', 'The store is closed after a failed write, and does not open yet', { cause })
    })
    this.#emitter.emit('fence', {})
    await this.#ready
    await this.#tellGrown(told)
  }

  /** A write that was reported as failed may be on the disk: nobody has been told of it yet. */
  async #tellGrown(told: ReadonlyMap<string, number>): Promise<void> {
    for (const log of this.context.logs) {
      const before = Math.max(told.get(log.key) ?? 0, log.base.seq)
      if (log.durable <= before) continue
      for await (const [last, run] of this.context.logs.runs(log, before)) {
        if (!this.#history.mayShow(log, last)) break
        this.#init.tell('runs', { space: this.id, log: log.id, run, first: decodeRun(run).first, last })
      }
    }
  }

  /** Documents were changed by a milestone: those in memory are void. */
  #restart(): void {
    this.#documents.clear()
    this.#ready = this.#documents.load()
    this.#compactor.load()
    this.#receiver.retryHeld()
    this.#init.commit.touch(this)
    this.#emitter.emit('fence', {})
  }

  #done(group: SpaceGroup): void {
    this.#failures = 0
    for (const [log, seq] of group.heads) log.durable = seq
    for (const done of group.done) done()
    for (const { log, run, first, last, from } of group.runs) {
      if (log === this.#own && from !== undefined) this.#return.cameBack(log, first, last)
      if (this.#history.mayShow(log, last))
        this.#init.tell('runs', { space: this.id, log: log.id, run, first, last, from })
    }
    for (const [kind, rows] of group.rows) this.#emitter.emit('rows', { kind, rows })
    if (group.entries.length > 0) this.#emitter.emit('entries', { entries: group.entries })
    if (group.heads.size > 0 || this.durability.hasEarly) this.#attester.stored(group.heads)
  }

  #reload(reloaded: Promise<void>) {
    this.#ready = reloaded
    return {
      run: async () => {
        this.#documents.clear()
        this.#writer.restart()
        await this.load()
      },
      done: () => {
        this.#emitter.emit('fence', {})
        // Sessions ask again for what was refused meanwhile
        this.#init.tell('records', { space: this.id, records: [], wraps: [] })
        this.retry()
      }
    }
  }

  #failed(group: SpaceGroup, cause: unknown): void {
    for (const failed of group.failed) failed(cause)
  }

  #onDirectEdit(document: LoadedDocument): void {
    // An editor has it that waits for another: the store is tried again
    if (document.isStale && document.editing !== undefined) {
      this.#init.commit.touch(this)
      return
    }
    document.editing?.changed()
    if (!this.#writer.noteDirectEdit(document)) return
    const refusal = this.#refusal(document.name)
    if (refusal === undefined) this.#init.commit.touch(this)
    else {
      // What was changed without the right to is nowhere but in this document
      this.context.log.warn('A document was changed that may not be', refusal)
      document.spoil(refusal)
      this.#documents.drop(document.name)
      this.#emitter.emit('fence', {})
    }
  }

  #refusal(document: string): SpaceError | undefined {
    return writeRefusal(this.context, document, { state: this.state, own: this.#own })
  }
}

export const silent = { debug() {}, info() {}, warn() {}, error() {} }

function asSpaceError(cause: unknown): unknown {
  const isOfStore = cause instanceof Error && cause.name === 'StoreError'
  return isOfStore ? new SpaceError('fenced', `Not saved. ${cause.message}`, { cause }) : cause
}
