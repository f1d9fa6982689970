/** Twins in one process for the specs of capabilities: real spaces on stores in memory, synced by real sessions. */

import { type BlobReference, Blobs } from '../crdt/blobs/index.ts'
import { MemoryBlobStore } from '../crdt/blobs/memory-blob-store.fixture.ts'
import { twinToText } from '../crdt/identity/index.ts'
import { createSpaces, type DocumentKind, keyValueKind, type Spaces } from '../crdt/index.ts'
import { newTwin, type TestTwin } from '../crdt/spaces/replicas.fixture.ts'
import { SyncSession } from '../crdt/sync/index.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { blobs, blobsProtocol } from './blobs/index.ts'
import { type Chat, chat, chatKind, chatProtocol } from './chat/index.ts'
import { Contacts, contacts, contactsProtocol } from './contacts/index.ts'
import {
  type CallerClass,
  type Channel,
  type Client,
  channelPair,
  createClient,
  createServer,
  ProtocolError,
  type ProtocolServer,
  type Service,
  silentLogger
} from './core/index.ts'
import { ManualClock } from './core/manual-clock.fixture.ts'
import { devices, devicesProtocol } from './devices/index.ts'
import { kv, kvProtocol } from './kv/index.ts'
import { login, loginProtocol } from './login/index.ts'
import { noteKind, notes, notesProtocol } from './notes/index.ts'
import { pairing, pairingProtocol } from './pairing/index.ts'
import { Profile, profile, profileProtocol } from './profile/index.ts'
import { spaces as spaceList, spacesProtocol } from './spaces/index.ts'

export type { Chat }

/** What another release than this one does otherwise */
export interface FixtureRelease {
  readonly kinds?: readonly DocumentKind[]
  /** The service as that release offers it */
  // biome-ignore lint/suspicious/noExplicitAny: services have no other common type
  readonly offer?: (service: Service<any>) => Service<any>
}

export class World {
  readonly twins: FixtureTwin[] = []
  readonly #sessions = new Map<string, SyncSession[]>()
  #ahead = 0

  readonly now = () => Date.now() + this.#ahead

  async add(name: string, release: FixtureRelease = {}): Promise<FixtureTwin> {
    const twin = await FixtureTwin.make(this, name, release)
    for (const other of this.twins) await other.greet(twin)
    this.twins.push(twin)
    this.reconnect(twin)
    return twin
  }

  advance(ms: number): void {
    this.#ahead += ms
  }

  find(id: string): FixtureTwin | undefined {
    return this.twins.find(twin => twin.id === id)
  }

  /** Sync runs between contacts; it is begun anew whenever somebody comes back or becomes one. */
  reconnect(twin: FixtureTwin): void {
    for (const other of this.twins) if (other !== twin) this.#link(twin, other)
  }

  async stop(): Promise<void> {
    for (const sessions of this.#sessions.values()) for (const session of sessions) session.close()
    for (const twin of this.twins) await twin.halt()
  }

  #link(one: FixtureTwin, other: FixtureTwin): void {
    const pair = [one.id, other.id].sort().join()
    for (const session of this.#sessions.get(pair) ?? []) session.close()
    this.#sessions.delete(pair)
    const areContacts = one.contacts.classOf(other.id) === 'contact' && other.contacts.classOf(one.id) === 'contact'
    if (!one.isOnline || !other.isOnline || !areContacts) return
    const ends: SyncSession[] = []
    const end = (from: FixtureTwin, to: FixtureTwin, far: number) =>
      new SyncSession({
        replica: from.spaces.replica,
        remote: { twin: to.twin, device: 1 },
        // A turn later, as if it had travelled
        send: item => void Promise.resolve(item).then(bytes => ends[far]?.receive(bytes))
      })
    ends.push(end(one, other, 1), end(other, one, 0))
    this.#sessions.set(pair, ends)
    for (const session of ends) session.start()
  }
}

export class FixtureTwin {
  readonly id: string
  readonly twin: Uint8Array
  readonly name: string
  readonly world: World
  readonly made: TestTwin
  readonly clock = new ManualClock()
  /** Sealed chunks, as a disk would keep them over a restart */
  readonly blobStore = new MemoryBlobStore()
  blobsHere!: Blobs
  isOnline = true
  /** How looking for another twin ends; at once and well by default */
  lookup: (() => Promise<void>) | undefined
  /** Calls of others arrive as nobody's, as before their hello */
  knowsNobody = false
  spaces!: Spaces
  contacts!: Contacts
  server!: ProtocolServer
  // biome-ignore lint/suspicious/noExplicitAny: services have no other common type
  #services: Service<any>[] = []
  readonly #offer: NonNullable<FixtureRelease['offer']>
  #stopListening = () => {}

  private constructor(world: World, name: string, made: TestTwin, { offer = same => same }: FixtureRelease) {
    this.world = world
    this.#offer = offer
    this.name = name
    this.made = made
    this.twin = made.twin
    this.id = twinToText(made.twin)
  }

  static async make(world: World, name: string, release: FixtureRelease): Promise<FixtureTwin> {
    const twin: FixtureTwin = new FixtureTwin(
      world,
      name,
      await newTwin({
        crypto: nodeCrypto(),
        defer: setImmediate,
        kinds: release.kinds ?? [keyValueKind, chatKind, noteKind],
        mayOffer: other => twin.contacts?.classOf(twinToText(other)) === 'contact',
        autoAccept: kind => kind === 'direct' || kind === 'group'
      }),
      release
    )
    await twin.#boot()
    return twin
  }

  get owner(): Client<typeof contactsProtocol> {
    return createClient(contactsProtocol, this.as('owner'))
  }

  get chat(): Client<typeof chatProtocol> {
    return createClient(chatProtocol, this.as('owner'))
  }

  get kv(): Client<typeof kvProtocol> {
    return createClient(kvProtocol, this.as('owner'))
  }

  get notes(): Client<typeof notesProtocol> {
    return createClient(notesProtocol, this.as('owner'))
  }

  get blobs(): Client<typeof blobsProtocol> {
    return createClient(blobsProtocol, this.as('owner'))
  }

  /** A small file that is stored here */
  putFile(name: string): Promise<BlobReference> {
    return this.blobsHere.put(new Blob([`What is in ${name}`]).stream() as AsyncIterable<Uint8Array>, { name })
  }

  get profile(): Client<typeof profileProtocol> {
    return createClient(profileProtocol, this.as('owner'))
  }

  get devices(): Client<typeof devicesProtocol> {
    return createClient(devicesProtocol, this.as('owner'))
  }

  get pairing(): Client<typeof pairingProtocol> {
    return createClient(pairingProtocol, this.as('owner'))
  }

  get login(): Client<typeof loginProtocol> {
    return createClient(loginProtocol, this.as('owner'))
  }

  /** The capability, not what it is about */
  get spaceList(): Client<typeof spacesProtocol> {
    return createClient(spacesProtocol, this.as('owner'))
  }

  as(caller: CallerClass, twin = this.id): Channel {
    return channelPair(this.server, { class: caller, twin })
  }

  /** Calls as another twin would */
  from(twin: string): Client<typeof contactsProtocol> {
    const known = this.contacts.classOf(twin)
    return createClient(contactsProtocol, this.as(known === 'contact' ? 'contact' : 'stranger', twin))
  }

  /** What hello does: each learns the devices of the other. */
  async greet(other: FixtureTwin): Promise<void> {
    await this.made.init.directory.receive(other.twin, other.made.records)
    await other.made.init.directory.receive(this.twin, this.made.records)
  }

  async setOnline(isOnline: boolean): Promise<void> {
    this.isOnline = isOnline
    this.world.reconnect(this)
    if (!isOnline) return
    for (const other of this.world.twins) {
      if (other === this || !other.isOnline) continue
      await other.contacts.onReachable(this.id)
      await this.contacts.onReachable(other.id)
    }
  }

  setReachable(isReachable: boolean): Promise<void> {
    return this.setOnline(isReachable)
  }

  async restart(): Promise<void> {
    await this.halt()
    await this.#boot()
    this.world.reconnect(this)
  }

  async halt(): Promise<void> {
    this.#stopListening()
    await this.server.stop()
    for (const service of this.#services) await service.stop()
    await this.spaces.stop()
  }

  async #boot(): Promise<void> {
    const { me, crypto, directory } = this.made.init
    const spaces = await createSpaces(this.made.init)
    this.spaces = spaces
    await spaces.start()
    const log = silentLogger
    const { now } = this.world
    const reach = (id: string) => this.#reach(id)
    const card = new Profile({ spaces })
    const init = { now, firstTryMs: 1000 }
    this.contacts = new Contacts(
      { me, spaces, crypto, reach, name: async () => (await card.get()).name || this.name, clock: this.clock, log },
      init
    )
    this.blobsHere = new Blobs({ store: this.blobStore, crypto, spaces, kinds: ['chat', 'kv'], clock: now })
    const common = { me, spaces, directory, contacts: this.contacts, crypto, blobs: this.blobsHere, reach, log }
    this.#services = [
      profile()({ spaces }),
      contacts()({ contacts: this.contacts }),
      chat({ now })(common),
      kv({ offerMs: 300 })(common),
      notes()(common),
      blobs({ clock: this.clock })(common),
      devices({ now })(common),
      pairing({ now, clock: this.clock })(common),
      login({ now })(common),
      spaceList()(common)
    ]
    for (const service of this.#services) await service.start()
    this.server = createServer({ services: this.#services.map(this.#offer), log })
    this.#stopListening = this.contacts.onChange(({ record }) => {
      const other = this.world.find(record.id)
      // After both sides have written it down
      if (other !== undefined) setTimeout(() => this.world.twins.includes(this) && this.world.reconnect(this))
    })
  }

  async #reach(id: string): Promise<Channel> {
    await this.lookup?.()
    const other = this.world.find(id)
    if (other === undefined || !other.isOnline || !this.isOnline) {
      throw new ProtocolError('Unavailable', 'The twin is not reached')
    }
    if (other.knowsNobody) return channelPair(other.server, { class: 'stranger' })
    return channelPair(other.server, {
      class: other.contacts.classOf(this.id) === 'contact' ? 'contact' : 'stranger',
      twin: this.id
    })
  }
}

/** Makes two twins contacts, under the names they have, who can talk at once: the lower twin id makes the conversation. */
export async function meet(one: FixtureTwin, other: FixtureTwin): Promise<void> {
  const { link } = await other.owner.invite({})
  await one.owner.add({ who: link, name: other.name })
  await other.owner.rename({ who: one.id, name: one.name })
  for (const [twin, peer] of [
    [one, other],
    [other, one]
  ] as const) {
    while ((await twin.spaces.direct(peer.twin))?.state !== 'open') await new Promise(setImmediate)
  }
}
