/** Two twins that are never on together, for the specs of this folder. */
import { sealNodeHead } from '../../crdt/identity/index.ts'
import { createSpaces, type Database, keyValue, type LogId, type Space, type Spaces } from '../../crdt/index.ts'
import { crypto, memoryDatabase, newTwin, readText, text } from '../../crdt/spaces/replicas.fixture.ts'
import { silentLogger } from '../core/index.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import { Collector } from './collector.ts'
import { mailboxToBytes } from './mailbox-address.ts'
import type { TestMailbox } from './mailboxes.fixture.ts'
import { OwnBoxes } from './own-boxes.ts'
import { Sender } from './sender.ts'
import { ToldBoxes } from './told-boxes.ts'
import { Unpacker, type UnpackerComponents } from './unpacker.ts'

type Twin = Awaited<ReturnType<typeof newTwin>>

/** Ann writes, Ben is off and has boxes; both know each other's devices. */
export class World {
  readonly clock = new ManualClock()
  readonly mailboxes: TestMailbox[]
  readonly ann: Twin
  readonly ben: Twin
  readonly annSpaces: Spaces
  readonly benSpaces: Spaces
  readonly space: Space
  readonly held: LogId[] = []
  readonly own: OwnBoxes
  readonly told: ToldBoxes
  sender: Sender | undefined
  /** What Ben's box shows of his device list */
  shown: readonly Uint8Array[] | undefined
  /** Looks of Ben into his boxes after which no note of his is there */
  emptied = 0
  /** Another device of Ben than the one with the boxes is connected */
  isBenHere = false

  private constructor(
    init: Omit<
      World,
      | 'clock'
      | 'held'
      | 'start'
      | 'prepare'
      | 'collect'
      | 'collector'
      | 'emptied'
      | 'unpacker'
      | 'stop'
      | 'head'
      | 'sender'
      | 'isBenHere'
      | 'shown'
      | 'channelTo'
      | 'read'
      | 'write'
      | 'tell'
    >
  ) {
    this.mailboxes = init.mailboxes
    this.ann = init.ann
    this.ben = init.ben
    this.annSpaces = init.annSpaces
    this.benSpaces = init.benSpaces
    this.space = init.space
    this.own = init.own
    this.told = init.told
  }

  static async make(mailboxes: TestMailbox[], benDb: Database = memoryDatabase()): Promise<World> {
    const holder: { world?: World } = {}
    const inMailbox = (space: Uint8Array, log: LogId, twin: Uint8Array) =>
      holder.world?.sender?.heldFor(space, log, twin) ?? 0
    const [ann, ben] = [await newTwin({ inMailbox }), await newTwin({ db: benDb })]
    const [annSpaces, benSpaces] = [await createSpaces(ann.init), await createSpaces(ben.init)]
    await annSpaces.start()
    await benSpaces.start()
    await ann.init.directory.receive(ben.twin, ben.records)
    await ben.init.directory.receive(ann.twin, ann.records)
    const space = await annSpaces.create({ kind: 'shared', name: 'house', members: [ben.twin] })
    const own = new OwnBoxes(ben.db, crypto)
    const told = new ToldBoxes({ db: ann.db, directory: ann.init.directory, crypto })
    for (const { key } of mailboxes) await own.add({ key, addresses: [] })
    const world = new World({ mailboxes, ann, ben, annSpaces, benSpaces, space, own, told })
    holder.world = world
    return world
  }

  readonly channelTo = async ({ key }: { key: Uint8Array }, peer: Uint8Array) => {
    const found = this.mailboxes.find(mailbox => mailbox.key.every((byte, index) => byte === key[index]))!
    return found.channel(peer)
  }

  head(at = Date.now()): Promise<Uint8Array> {
    const { twin, keys, init } = this.ben
    const mailboxes = this.own.all().map(mailboxToBytes)
    const list = init.directory.get(twin)!.head!
    return sealNodeHead({ twin, list, inbox: keys.encryption.publicKey, mailboxes, at }, keys.signing)
  }

  async tell(): Promise<void> {
    const tokens = this.own.tokensFor(this.ann.twin)
    await this.told.keep(this.ben.twin, this.ben.keys.transport.publicKey, { head: await this.head(), tokens })
  }

  /** What Ben has his parcels opened by. */
  unpacker(others: Partial<UnpackerComponents> = {}): Unpacker {
    const { ben, benSpaces } = this
    return new Unpacker({
      me: { ...ben.init.me, unsealer: ben.keys.encryption },
      box: ben.keys.transport.publicKey,
      replica: benSpaces.replica,
      directory: ben.init.directory,
      crypto,
      isContact: () => true,
      onKnock: async () => {},
      log: silentLogger,
      ...others
    })
  }

  /** Ben opens his boxes, or empties them when they are open. */
  async collect(): Promise<void> {
    const collector = await this.collector()
    await collector.stop()
  }

  /** The same, and he looks again when his clock says so. */
  async collector(unpacker = this.unpacker()): Promise<Collector> {
    const { ben } = this
    const collector = new Collector({
      own: this.own,
      unpacker,
      witness: { taken: () => {}, emptied: async () => void this.emptied++ },
      transport: ben.keys.transport,
      crypto,
      contacts: () => [this.ann.twin],
      describe: async () => ({ records: this.shown ?? ben.records, head: await this.head() }),
      channelTo: address => this.channelTo(address, ben.keys.transport.publicKey),
      clock: this.clock
    })
    await Promise.all(this.own.all().map(box => collector.add(box)))
    return collector
  }

  start(): Sender {
    const sender = this.prepare()
    sender.start()
    return sender
  }

  /** A sender that has not begun. */
  prepare(): Sender {
    const { ann, annSpaces, told, clock } = this
    const { signer } = ann.init.me
    const sender = new Sender({
      me: { twin: ann.twin, device: 1, signer },
      db: ann.db,
      replica: annSpaces.replica,
      crypto,
      told,
      directory: ann.init.directory,
      isReachable: () => this.isBenHere,
      isHere: () => false,
      isContact: () => true,
      channelTo: address => this.channelTo(address, ann.keys.transport.publicKey),
      onHeld: (space, log) => annSpaces.noteDelivery(space, log),
      clock
    })
    this.sender = sender
    return sender
  }

  async write(key: string, value: string): Promise<void> {
    await keyValue(this.space, 'default').put(key, text(value))
  }

  async read(key: string): Promise<string | undefined> {
    const held = this.benSpaces.get(this.space.id)
    return held && readText((await keyValue(held, 'default').get(key))?.value)
  }

  async stop(): Promise<void> {
    await this.sender?.stop()
    await this.annSpaces.stop()
    await this.benSpaces.stop()
    for (const mailbox of this.mailboxes) await mailbox.stop()
  }
}
