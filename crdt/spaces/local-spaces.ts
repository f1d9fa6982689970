import type { Signer } from '../crypto/index.ts'
import type { LogId } from '../log/index.ts'
import { GroupCommit, Store, StoreProbe } from '../store/index.ts'
import { Conversations, firstRestored } from './conversations.ts'
import { DeviceChanges } from './device-changes.ts'
import { DocumentBudget } from './document-budget.ts'
import { KeyKeeper } from './key-keeper.ts'
import { keysKind } from './keys-kind.ts'
import { LocalReplica } from './local-replica.ts'
import { needDevices } from './need-devices.ts'
import { SpaceWrites } from './open-space.ts'
import { OwnHeads } from './own-heads.ts'
import type { Replica, SpaceState } from './replica.ts'
import { type Role, type Space, SpaceError } from './space.ts'
import { SpaceAcceptance } from './space-acceptance.ts'
import { SpaceArrivals } from './space-arrivals.ts'
import { SpaceAssembly } from './space-assembly.ts'
import { SpaceKeeping } from './space-keeping.ts'
import { SpaceMaking } from './space-making.ts'
import { SpaceRecords } from './space-records.ts'
import { SpaceTable } from './space-table.ts'
import type { Spaces, SpacesEvents, SpacesInit } from './spaces.ts'
import type { SpacesContext } from './spaces-context.ts'
import { SpacesNews } from './spaces-news.ts'
import { Turns } from './turns.ts'

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

/** All spaces of a device: what callers may do with them, each over the part that does it. */
class LocalSpaces implements Spaces {
  readonly replica: Replica
  readonly ownHeads: OwnHeads
  readonly #context: SpacesContext
  readonly #probe: StoreProbe
  readonly #assembly: SpaceAssembly
  readonly #acceptance: SpaceAcceptance
  readonly #making: SpaceMaking
  readonly #conversations: Conversations
  readonly #keeping: SpaceKeeping
  readonly #devices: DeviceChanges
  #stopped: Promise<void> | undefined

  constructor(init: SpacesInit) {
    const context = createContext(init)
    this.#context = context
    this.ownHeads = context.ownHeads
    this.#probe = new StoreProbe(context.commit)
    const keeping = new SpaceKeeping(context)
    const devices = new DeviceChanges(context, keeping)
    const assembly = new SpaceAssembly(context, keeping)
    const acceptance = new SpaceAcceptance(context)
    const making = new SpaceMaking({ context, keeping, assembly, acceptance })
    const conversations = new Conversations(context, making)
    const arrivals = new SpaceArrivals({ context, assembly, acceptance, devices })
    this.#keeping = keeping
    this.#devices = devices
    this.#assembly = assembly
    this.#acceptance = acceptance
    this.#making = making
    this.#conversations = conversations
    this.replica = new LocalReplica({ context, conversations, arrivals })
  }

  get self(): Space {
    const found = this.#context.spaces.self
    if (found === undefined)
      throw new SpaceError('not-open', 'The private space has not arrived from another device yet')
    return found.space
  }

  get openBytes(): number {
    return this.#context.budget.bytes
  }

  get(id: Uint8Array): Space | undefined {
    return this.#context.spaces.find(id)?.space
  }

  list(): Space[] {
    return Array.from(this.#context.spaces, ({ space }) => space)
  }

  on<K extends keyof SpacesEvents>(event: K, listener: (detail: SpacesEvents[K]) => void): () => void {
    return this.#context.news.owner.on(event, listener)
  }

  probe(): Promise<void> {
    return this.#probe.run()
  }

  async open(): Promise<void> {
    const { init, store, spaces } = this.#context
    const { directory, me } = init
    await store.open()
    const stored: [string, SpaceState][] = []
    for await (const entry of SpaceRecords.all(store)) stored.push(entry)
    // Keys of the others are in `self`
    stored.sort(([a], [b]) => Number(b === spaces.selfText) - Number(a === spaces.selfText))
    await directory.load(me.twin)
    for (const [text, state] of stored) {
      const found = await this.#assembly.load(text, state)
      if (found !== undefined) this.#acceptance.add(found)
    }
    await this.#acceptance.resume()
    const { createSelf = me.device === 1 || me.device >= firstRestored } = init
    if (spaces.self === undefined && createSelf) await this.#making.make('self', '', [])
  }

  start(): Promise<void> {
    return this.#devices.start()
  }

  stop(): Promise<void> {
    // A commit that has stopped takes no second checkpoint
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    const { turns, commit, spaces } = this.#context
    this.#devices.stop()
    await Promise.allSettled([...turns.pending, ...this.#making.pending])
    await commit.idle()
    await Promise.all(Array.from(spaces, ({ space }) => space.checkpoint()))
    await commit.stop()
  }

  create(init: Parameters<Spaces['create']>[0]): Promise<Space> {
    return this.#making.create(init)
  }

  direct(twin: Uint8Array): Promise<Space | undefined> {
    return this.#conversations.with(twin)
  }

  accept(id: Uint8Array): Promise<Space> {
    return this.#acceptance.accept(id)
  }

  async addMember(space: Space, twin: Uint8Array, role: Role = 'writer'): Promise<void> {
    const found = this.#context.spaces.need(space.id)
    await needDevices(this.#context.init.directory, twin)
    await this.#keeping.setMember(found, twin, role)
  }

  removeMember(space: Space, twin: Uint8Array): Promise<void> {
    return this.#keeping.removeMember(this.#context.spaces.need(space.id), twin)
  }

  async rename(space: Space, name: string): Promise<void> {
    await this.#keeping.rename(this.#context.spaces.need(space.id), name)
  }

  isKeeper(space: Space): boolean {
    return this.#keeping.isKeeper(this.#context.spaces.need(space.id))
  }

  revokeDevice(number: number, owner?: Signer): Promise<'recorded' | 'on-sight'> {
    return this.#devices.revoke(number, owner)
  }

  takeBackDevice(number: number): Promise<'recorded' | 'on-sight'> {
    return this.#devices.revoke(number, undefined, true)
  }

  noteDelivery(id: Uint8Array, log: LogId): void {
    this.#context.spaces.find(id)?.space.context.news.deposited(log)
  }
}

function createContext(init: SpacesInit): SpacesContext {
  const { db, kinds, log = silent, clock = Date.now, hasRoom, defer = soon, deferTyped = defer } = init
  const news = new SpacesNews(log)
  const onFence = (cause: unknown) => {
    log.error('A write failed: the store is closed and opened again', cause)
    news.owner.emit('fence', { cause })
  }
  const onError = (cause: unknown) => log.error('What follows a write failed', cause)
  const store = new Store(db, hasRoom)
  const commit = new GroupCommit({ store, defer, deferUrgent: deferTyped, onFence, onError })
  const spaces = new SpaceTable(init)
  return {
    init,
    clock,
    log,
    store,
    commit,
    writes: new SpaceWrites(store, commit),
    budget: new DocumentBudget(init.maxOpenBytes),
    kinds: new Map([...kinds, keysKind].map(kind => [kind.kind, kind])),
    spaces,
    turns: new Turns(),
    keeper: new KeyKeeper(spaces, news, log),
    ownHeads: new OwnHeads(spaces),
    news
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

// Some microtasks later everything that was resumed by the same event has run
function soon(run: () => void): void {
  void Promise.resolve()
    .then(() => {})
    .then(() => {})
    .then(() => {})
    .then(run)
}
