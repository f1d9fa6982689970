import { equals } from 'uint8arrays/equals'
import type { Signer } from '../crypto/index.ts'
import type { DocumentKind } from '../documents/index.ts'
import { bytesToHex, hexToBytes, type LogId } from '../log/index.ts'
import {
  createSpace,
  directoryAuthority,
  directSpaceId,
  type Role as MemberRole,
  Membership,
  type SpaceKind,
  selfSpaceId
} from '../membership/index.ts'
import { GroupCommit, Store, StoreProbe } from '../store/index.ts'
import { DocumentBudget } from './document-budget.ts'
import { Emitter } from './emitter.ts'
import { KeyKeeper } from './key-keeper.ts'
import { keysDocument, keysKind } from './keys-kind.ts'
import { LocalReplica } from './local-replica.ts'
import { LocalSpace, silent } from './local-space.ts'
import { type OpenSpace, SpaceWrites } from './open-space.ts'
import { OwnHeads } from './own-heads.ts'
import type { Replica, ReplicaEvents, SpaceState } from './replica.ts'
import { type Role, type Space, SpaceError } from './space.ts'
import { SpaceKeeping } from './space-keeping.ts'
import { SpaceRecords } from './space-records.ts'
import type { Spaces, SpacesEvents, SpacesInit } from './spaces.ts'
import { recipientsOf, recoveryRecipient, sealMissing, takeWraps } from './wraps.ts'

/**
 * Opens all spaces of a device.
 *
 * @throws {StoreError} with a sentence for the owner when the store is damaged, too new or in use
 */
export async function createSpaces(init: SpacesInit): Promise<Spaces> {
  const spaces = new LocalSpaces(init)
  await spaces.open()
  return spaces
}

export class LocalSpaces implements Spaces {
  readonly replica: Replica
  readonly ownHeads = new OwnHeads(() => this.#spaces.values())
  readonly #init: SpacesInit
  readonly #store: Store
  readonly #commit: GroupCommit
  readonly #probe: StoreProbe
  readonly #budget: DocumentBudget
  readonly #kinds: ReadonlyMap<string, DocumentKind>
  readonly #spaces = new Map<string, OpenSpace>()
  readonly #emitter: Emitter<SpacesEvents>
  readonly #local: LocalReplica
  readonly #writes: SpaceWrites
  readonly #keeper = new KeyKeeper(() => this.#spaces.get(this.#selfText))
  readonly #keeping: SpaceKeeping
  readonly #clock: () => number
  readonly #selfText: string
  /** One change of members, keys or state at a time for each space. */
  readonly #turns = new Map<string, Promise<unknown>>()
  /** Spaces that are being made. */
  readonly #making = new Set<Promise<unknown>>()
  /** `beforeDecide` of a membership needs the space that is made with it. */
  readonly #owners = new WeakMap<Membership, OpenSpace>()
  /** Spaces whose keys could not be written into `self`. */
  readonly #unkept = new Set<OpenSpace>()
  /** Spaces whose making was refused, and which may be on the disk all the same: removed before another is made. */
  readonly #doubtful = new Set<OpenSpace>()
  #removing: Promise<void> | undefined
  /** Conversations of which the other one has said that there is none. */
  readonly #isUnknown = new Set<string>()
  /** Conversations that were asked for before that. */
  readonly #asked = new Set<string>()
  #ignoreDevices = () => {}
  /** What follows from the newest change of a device list. */
  #passing: Promise<void> = Promise.resolve()
  #ending: Promise<void> = Promise.resolve()

  constructor(init: SpacesInit) {
    const { db, kinds, log = silent, clock = Date.now, hasRoom, defer = soon } = init
    this.#init = init
    this.#clock = clock
    this.#store = new Store(db, hasRoom)
    this.#emitter = new Emitter(log)
    this.#kinds = new Map([...kinds, keysKind].map(kind => [kind.kind, kind]))
    this.#selfText = bytesToHex(selfSpaceId(init.me.twin, init.crypto))
    const onFence = (cause: unknown) => {
      log.error('A write failed: the store is closed and opened again', cause)
      this.#emitter.emit('fence', { cause })
    }
    const onError = (cause: unknown) => log.error('What follows a write failed', cause)
    this.#commit = new GroupCommit({ store: this.#store, defer, onFence, onError })
    this.#probe = new StoreProbe(this.#commit)
    this.#budget = new DocumentBudget(init.maxOpenBytes)
    this.#writes = new SpaceWrites(this.#store, this.#commit)
    this.#keeping = new SpaceKeeping({
      init,
      writes: this.#writes,
      keeper: this.#keeper,
      clock,
      all: () => this.#spaces.values(),
      inTurn: (id, run) => this.#inTurn(id, run),
      changed: (found, records, wraps) => this.#changed(found, records, wraps)
    })
    this.#local = new LocalReplica({
      init,
      emitter: new Emitter<ReplicaEvents>(log),
      find: id => this.#spaces.get(bytesToHex(id)),
      all: () => this.#spaces.values(),
      unsure: twin => this.#unsure(twin),
      unknownBy: (id, twin) => this.#unknownBy(id, twin),
      receiveRecords: (id, records, wraps, from) => this.#receiveRecords(id, records, wraps, from)
    })
    this.replica = this.#local
  }

  get self(): Space {
    const found = this.#spaces.get(this.#selfText)
    if (found === undefined)
      throw new SpaceError('not-open', 'The private space has not arrived from another device yet')
    return found.space
  }

  get openBytes(): number {
    return this.#budget.bytes
  }

  get(id: Uint8Array): Space | undefined {
    return this.#spaces.get(bytesToHex(id))?.space
  }

  list(): Space[] {
    return Array.from(this.#spaces.values(), ({ space }) => space)
  }

  on<K extends keyof SpacesEvents>(event: K, listener: (detail: SpacesEvents[K]) => void): () => void {
    return this.#emitter.on(event, listener)
  }

  probe(): Promise<void> {
    return this.#probe.run()
  }

  async open(): Promise<void> {
    const { directory, me } = this.#init
    await this.#store.open()
    const stored: [string, SpaceState][] = []
    for await (const entry of SpaceRecords.all(this.#store)) stored.push(entry)
    // Keys of the others are in `self`
    stored.sort(([a], [b]) => Number(b === this.#selfText) - Number(a === this.#selfText))
    await directory.load(me.twin)
    for (const [text, state] of stored) await this.#load(text, state)
    const { createSelf = me.device === 1 || me.device >= firstRestored } = this.#init
    if (!this.#spaces.has(this.#selfText) && createSelf) await this.#create('self', '', [])
  }

  async start(): Promise<void> {
    this.#ignoreDevices()
    this.#ignoreDevices = this.#init.directory.onChange(({ list, revoked }) => {
      this.#follow(this.#devicesChanged(list.twin, revoked))
    })
    for (const twin of this.#twins()) await this.#devicesChanged(twin, [])
  }

  async stop(): Promise<void> {
    this.#ignoreDevices()
    await Promise.allSettled([...this.#turns.values(), ...this.#making])
    await this.#commit.idle()
    await Promise.all(Array.from(this.#spaces.values(), ({ space }) => space.checkpoint()))
    await this.#commit.stop()
  }

  async create(init: Parameters<Spaces['create']>[0]): Promise<Space> {
    const members = init.members.map(member =>
      member instanceof Uint8Array ? { twin: member, role: 'writer' as const } : { role: 'writer' as const, ...member }
    )
    for (const { twin, role } of members) {
      if (role === 'owner') throw new RangeError('The twin that makes a space is its only owner')
      await this.#needDevices(twin)
    }
    const listed = members as { twin: Uint8Array; role: Exclude<MemberRole, 'owner'> }[]
    const making = this.#create(init.kind, init.name, listed, init.policy)
    this.#making.add(making)
    return await making.finally(() => this.#making.delete(making))
  }

  async direct(twin: Uint8Array): Promise<Space | undefined> {
    const { me, crypto, directory } = this.#init
    const id = directSpaceId(me.twin, twin, crypto)
    return this.#inTurn(id, async () => {
      const known = this.get(id)
      if (known !== undefined) return known
      if (!isLower(me.twin, twin) || (await directory.load(twin)) === undefined) return undefined
      // Two beginnings of one conversation would freeze it
      if (this.#wasRestored && !this.#isUnknown.has(bytesToHex(id))) {
        this.#asked.add(bytesToHex(id))
        return undefined
      }
      return this.#create('direct', '', [{ twin, role: 'writer' }])
    })
  }

  /** The conversation with a twin that this one decides, if the twin may have it from before a restore. */
  #unsure(twin: Uint8Array): Uint8Array | undefined {
    const { me, crypto } = this.#init
    if (!this.#wasRestored || !isLower(me.twin, twin)) return undefined
    const id = directSpaceId(me.twin, twin, crypto)
    return this.get(id) === undefined ? id : undefined
  }

  get #wasRestored(): boolean {
    const devices = this.#init.directory.get(this.#init.me.twin)?.devices() ?? []
    return devices.some(({ number }) => number >= firstRestored)
  }

  /** The other one of a conversation says that there is none; whoever asked for it meanwhile gets it. */
  #unknownBy(id: Uint8Array, twin: Uint8Array): void {
    const asked = this.#unsure(twin)
    if (asked === undefined || !equals(asked, id)) return
    this.#isUnknown.add(bytesToHex(id))
    if (!this.#asked.delete(bytesToHex(id))) return
    this.direct(twin).catch(cause => this.#log.warn('A conversation could not be begun', cause))
  }

  async accept(id: Uint8Array): Promise<Space> {
    const found = this.#need(id)
    await this.#inTurn(id, () => this.#setOpen(found))
    return found.space
  }

  async addMember(space: Space, twin: Uint8Array, role: Role = 'writer'): Promise<void> {
    const found = this.#need(space.id)
    await this.#needDevices(twin)
    await this.#keeping.setMember(found, twin, role)
  }

  removeMember(space: Space, twin: Uint8Array): Promise<void> {
    return this.#keeping.removeMember(this.#need(space.id), twin)
  }

  async revokeDevice(number: number, owner?: Signer): Promise<'recorded' | 'on-sight'> {
    const outcome = await this.#keeping.devices.revokeDevice(number, owner)
    await this.#passing
    return outcome
  }

  async rename(space: Space, name: string): Promise<void> {
    await this.#keeping.rename(this.#need(space.id), name)
  }

  noteDelivery(id: Uint8Array, log: LogId): void {
    const found = this.#spaces.get(bytesToHex(id))
    if (found === undefined) return
    found.space.emit('delivery', { log })
    this.#emitter.emit('delivery', { space: found.space })
  }

  isKeeper(space: Space): boolean {
    return this.#keeping.isKeeper(this.#need(space.id))
  }

  get #log() {
    return this.#init.log ?? silent
  }

  async #create(
    kind: SpaceKind,
    name: string,
    members: readonly { twin: Uint8Array; role: Exclude<MemberRole, 'owner'> }[],
    policy = ''
  ): Promise<LocalSpace> {
    const { me, crypto, directory } = this.#init
    while (this.#doubtful.size > 0) await this.#removeDoubtful()
    const authority = directoryAuthority(directory)
    const holder: { open?: OpenSpace } = {}
    const created = await createSpace({
      kind,
      decider: me.twin,
      signer: me.signer,
      members,
      name,
      policy,
      at: this.#clock(),
      authority,
      crypto,
      // Until the space is stored as a whole nobody has seen a record of it
      beforeDecide: record => (holder.open === undefined ? undefined : this.#keeping.write(holder.open, record))
    })
    const { membership, key } = created
    const found = this.#assemble(membership, new SpaceRecords(this.#store, created.space), 'open')
    found.space.context.keyRing.add(1, key)
    // A replica keeps what it cannot read
    const readers = members.filter(({ role }) => role !== 'replica')
    const recipients = [me.twin, ...readers.map(({ twin }) => twin)].flatMap(twin => recipientsOf(directory, twin))
    if (kind === 'self') recipients.push(...recoveryRecipient(me))
    const sealed = await sealMissing(found.space, found.records, recipients, crypto)
    try {
      await this.#writes.whole(found, 'open', sealed)
    } catch (cause) {
      // It may be on the disk all the same, and would be there at the next start
      await this.#commit.idle()
      if (this.#store.isFenced) this.#doubtful.add(found)
      if (this.#store.isFenced || !(await found.records.isStored())) throw cause
      found.records.recordsWritten(membership.all().length)
    }
    holder.open = found
    try {
      await this.#read(found)
    } catch (cause) {
      this.#doubtful.add(found)
      throw cause
    }
    found.space.begin()
    this.#register(found)
    this.#local.tell('space', { space: found.space.id })
    this.#emitter.emit('open', { space: found.space })
    if (kind !== 'self') await this.#keepKeys(found)
    return found.space
  }

  /** Once for all that are made meanwhile: a second removal would take away a conversation that is made again after the first. */
  #removeDoubtful(): Promise<void> {
    this.#removing ??= (async () => {
      for (const refused of this.#doubtful) {
        await this.#writes.remove(refused)
        this.#doubtful.delete(refused)
      }
    })().finally(() => {
      this.#removing = undefined
    })
    return this.#removing
  }

  /** Reads a space that is stored already: when another write fails meanwhile, once more after the store was opened again. */
  async #read(found: OpenSpace): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await found.space.load()
      } catch (cause) {
        if (tries === maxTries) throw cause
        await this.#commit.idle()
        await this.#writes.batch(found)
      }
    }
  }

  /** The space is there whether this works or not: its key is wrapped beside it. */
  async #keepKeys(found: OpenSpace): Promise<void> {
    try {
      await this.#keeper.keep(found)
      this.#unkept.delete(found)
    } catch (cause) {
      // Tried again with the next write that works
      this.#unkept.add(found)
      this.#log.debug('The key of a space is not in the private space yet', cause)
    }
  }

  #assemble(membership: Membership, records: SpaceRecords, state: SpaceState): OpenSpace {
    const space = new LocalSpace({
      init: this.#init,
      store: this.#store,
      commit: this.#commit,
      budget: this.#budget,
      membership,
      kinds: this.#kinds,
      state,
      isHeld: () => this.ownHeads.isHeld,
      writeMissing: batch => records.writeMissing(batch, membership),
      tell: (event, detail) => {
        this.#local.tell(event, detail)
        if (event === 'runs') for (const unkept of [...this.#unkept]) void this.#keepKeys(unkept)
      },
      onAnswered: () => this.#endLeft(),
      onDelivery: of => this.#emitter.emit('delivery', { space: of }),
      onFork: (of, { twin, device }, proof) => {
        this.#log.error('A log was written twice and is frozen')
        this.#emitter.emit('fork', { space: of, twin, device, proof })
      },
      onRestored: (of, returned, resubmitted) => {
        this.#log.warn('The disk had been set back: %d entries came back, %d were written again', returned, resubmitted)
        this.#emitter.emit('restored', { space: of, returned, resubmitted })
      }
    })
    return { space, membership, records }
  }

  #register(found: OpenSpace): void {
    this.#spaces.set(found.space.text, found)
    if (found.space.text === this.#selfText) {
      found.space.on('rows', ({ kind }) => {
        if (kind === keysDocument) void this.#keysArrived().catch(cause => this.#log.warn('Keys were not taken', cause))
      })
    }
  }

  async #load(text: string, state: SpaceState): Promise<void> {
    const { directory } = this.#init
    const id = hexToBytes(text)
    const records = new SpaceRecords(this.#store, id)
    const stored = await records.readRecords()
    const wraps = await records.readWraps()
    const found = await this.#readMembership(id, stored)
    if (found === undefined) {
      this.#log.error('The members of a stored space cannot be verified: it is left out', text.slice(0, 8))
      return
    }
    const open = this.#assemble(found, records, state)
    for (const { twin } of found.view!.members) await directory.load(twin)
    this.#bind(open)
    await this.#keeper.take(open, wraps)
    await open.space.load()
    this.#register(open)
  }

  #bind(open: OpenSpace): void {
    this.#owners.set(open.membership, open)
  }

  async #readMembership(id: Uint8Array, stored: readonly Uint8Array[]): Promise<Membership | undefined> {
    const { directory, crypto, me } = this.#init
    const authority = directoryAuthority(directory)
    const membership: Membership = new Membership({
      space: id,
      me: me.twin,
      authority,
      crypto,
      beforeDecide: record => {
        const owner = this.#owners.get(membership)
        if (owner === undefined) throw new Error('The space is not open yet')
        return this.#keeping.write(owner, record)
      }
    })
    for (const record of stored) {
      const outcome = await membership.append(record)
      // After a start, device lists of others are on disk only
      const lacks = outcome.ok ? undefined : outcome.lacks
      if (lacks !== undefined && (await directory.load(lacks)) !== undefined) await membership.append(record)
    }
    return membership.view === undefined ? undefined : membership
  }

  async #receiveRecords(
    id: Uint8Array,
    records: readonly Uint8Array[],
    wraps: readonly Uint8Array[],
    from: LogId
  ): Promise<{ changed: boolean; refused?: string }> {
    return this.#inTurn(id, async () => {
      const found = this.#spaces.get(bytesToHex(id))
      if (found === undefined) return this.#receiveOffer(id, records, wraps, from)
      if (found.space.text === this.#selfText && (await this.#isOther(found, records))) {
        this.#log.error('Another device has another private space of this twin')
        return { changed: false, refused: 'It is another private space' }
      }
      let refused: string | undefined
      let isNew = false
      for (const record of records) {
        const outcome = await found.membership.append(record)
        if (!outcome.ok) refused ??= outcome.reason
        else if (outcome.isNew) isNew = true
      }
      const batch = await this.#writes.batch(found)
      const count = found.records.writeRecords(batch, found.membership)
      const taken = takeWraps(batch, found.space, found.records, wraps)
      try {
        await this.#writes.commit(batch, found)
      } catch (cause) {
        // They are written with the next group, and nobody sends the key again to whoever has the record
        await this.#keeper.take(found, wraps)
        throw cause
      }
      found.records.recordsWritten(count)
      const hasKeys = await this.#keeper.take(found, wraps)
      if (hasKeys && found.space.state === 'open') await this.#keeper.keep(found)
      if (isNew || taken.length > 0 || hasKeys) this.#changed(found, isNew ? records : [], taken, from)
      return { changed: isNew || taken.length > 0, refused }
    })
  }

  /**
   * Whether records begin another space under the same id: two devices that were set up apart each made the private space. Taking the
   * other's genesis would freeze both.
   */
  async #isOther(found: OpenSpace, records: readonly Uint8Array[]): Promise<boolean> {
    const [theirs] = (await this.#readMembership(found.space.id, records))?.since() ?? []
    const [ours] = found.membership.since()
    return theirs !== undefined && ours !== undefined && !equals(theirs, ours)
  }

  async #receiveOffer(
    id: Uint8Array,
    records: readonly Uint8Array[],
    wraps: readonly Uint8Array[],
    from: LogId
  ): Promise<{ changed: boolean; refused?: string }> {
    const { me, mayOffer = () => false, autoAccept = () => false, directory } = this.#init
    const store = new SpaceRecords(this.#store, id)
    const membership = await this.#readMembership(id, records)
    const view = membership?.view
    if (membership === undefined || view === undefined)
      return { changed: false, refused: 'The members cannot be verified' }
    const isMine = equals(from.twin, me.twin)
    if (view.numberOf(me.twin) === undefined) return { changed: false, refused: 'This twin is no member' }
    // What this twin decides comes back to it after a restore
    const isOwn = equals(view.decider, me.twin)
    if (!isMine && !isOwn && !mayOffer(view.decider))
      return { changed: false, refused: 'Only contacts may offer a space' }
    // That another device was offered a space does not say that the owner wants it here
    const isTold =
      isMine && (this.#init.replicates === undefined || (await this.#keeper.isAccepted(bytesToHex(id), membership)))
    const isWanted = isTold || isOwn || autoAccept(view.kind, view.decider)
    const isOpen = isWanted && this.#replicates(view.kind, view.genesis.policy)
    const state = isOpen ? 'open' : 'offered'
    const found = this.#assemble(membership, store, state)
    this.#bind(found)
    for (const { twin } of view.members) await directory.load(twin)
    const batch = await this.#writes.batch(found)
    store.writeState(batch, state)
    const count = store.writeRecords(batch, membership)
    takeWraps(batch, found.space, store, wraps)
    await this.#writes.commit(batch, found)
    store.recordsWritten(count)
    await this.#keeper.take(found, wraps)
    await this.#read(found)
    this.#register(found)
    this.#local.tell('space', { space: id })
    this.#emitter.emit(isOpen ? 'open' : 'offer', { space: found.space })
    if (isOpen) await this.#keepKeys(found)
    // The device that decided may be one from before a restore
    if (isOwn) this.#follow(this.#keeping.devicesChanged(me.twin, []))
    return { changed: true }
  }

  #replicates(kind: SpaceKind, policy: string): boolean {
    return kind === 'self' || (this.#init.replicates?.(kind, policy) ?? true)
  }

  async #setOpen(found: OpenSpace): Promise<void> {
    if (found.space.state !== 'offered') return
    await this.#writes.state(found, 'open')
    found.space.accepted = 'open'
    this.#local.tell('space', { space: found.space.id })
    this.#emitter.emit('open', { space: found.space })
    await this.#keepKeys(found)
  }

  /** Another device of this twin has written keys into `self`: of spaces that it has accepted. */
  async #keysArrived(): Promise<void> {
    for (const found of this.#spaces.values()) {
      if (found.space.text === this.#selfText) continue
      await this.#keeper.take(found, [])
      const { kind, policy, state } = found.space
      if (
        state !== 'offered' ||
        !this.#replicates(kind, policy) ||
        !(await this.#keeper.isAccepted(found.space.text, found.membership))
      )
        continue
      await this.#inTurn(found.space.id, () => this.#setOpen(found))
    }
  }

  /** One after the other: two would record the same. */
  #endLeft(): void {
    if (this.#init.formerDevices === undefined) return
    this.#ending = this.#ending
      .then(() => this.#keeping.devices.endLeft())
      .catch(cause => this.#log.warn('Where a former device ends could not be recorded', cause))
  }

  #follow(passing: Promise<void>): void {
    this.#passing = passing.catch(cause => this.#log.warn('Keys could not be passed on', cause))
  }

  async #devicesChanged(twin: Uint8Array, revoked: readonly number[]): Promise<void> {
    this.#local.tell('devices', { twin })
    await this.#keeping.devicesChanged(twin, revoked)
  }

  #changed(found: OpenSpace, records: readonly Uint8Array[], wraps: readonly Uint8Array[], from?: LogId): void {
    found.space.retry()
    this.#local.tell('records', { space: found.space.id, records, wraps, from })
    found.space.emit('change', {})
    this.#emitter.emit('change', { space: found.space })
  }

  async #needDevices(twin: Uint8Array): Promise<void> {
    if ((await this.#init.directory.load(twin)) === undefined) {
      throw new SpaceError('not-open', 'The devices of this twin are not known yet: connect to it first')
    }
  }

  #need(id: Uint8Array): OpenSpace {
    const found = this.#spaces.get(bytesToHex(id))
    if (found === undefined) throw new RangeError('No space has this id')
    return found
  }

  #twins(): Uint8Array[] {
    const twins = new Map<string, Uint8Array>()
    for (const { membership } of this.#spaces.values()) {
      for (const { twin } of membership.view?.members ?? []) twins.set(bytesToHex(twin), twin)
    }
    return [...twins.values()]
  }

  #inTurn<T>(id: Uint8Array, run: () => Promise<T>): Promise<T> {
    const key = bytesToHex(id)
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(run)
    const settled = turn.then(
      () => {},
      () => {}
    )
    this.#turns.set(key, settled)
    void settled.then(() => {
      if (this.#turns.get(key) === settled) this.#turns.delete(key)
    })
    return turn
  }
}

/** Attempts to read or write what a store that is opened again refused. */
const maxTries = 3

/** Restored devices take numbers from here on: their twin may have no other device that has the private space. */
const firstRestored = 256

// Some microtasks later everything that was resumed by the same event has run
function soon(run: () => void): void {
  void Promise.resolve()
    .then(() => {})
    .then(() => {})
    .then(() => {})
    .then(run)
}

function isLower(one: Uint8Array, other: Uint8Array): boolean {
  const at = one.findIndex((byte, index) => byte !== other[index])
  return at >= 0 && one[at]! < other[at]!
}
