import { expect } from 'chai'
import { createSpaces, keyValue, type LogId, type Space, type Spaces } from '../../crdt/index.ts'
import { sealNodeHead } from '../../crdt/identity/index.ts'
import { crypto, newTwin, readText, text } from '../../crdt/spaces/replicas.fixture.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import { Collector } from './collector.ts'
import type { Mailbox } from './mailbox.ts'
import { mailboxToBytes } from './mailbox-address.ts'
import { TestMailbox } from './mailboxes.fixture.ts'
import { OwnBoxes } from './own-boxes.ts'
import { Sender } from './sender.ts'
import { ToldBoxes } from './told-boxes.ts'
import { Unpacker } from './unpacker.ts'

type Twin = Awaited<ReturnType<typeof newTwin>>

/** Ann writes, Ben is off and has boxes; both know each other's devices. */
class World {
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

  private constructor(init: Omit<World, 'clock' | 'held' | 'start' | 'collect' | 'stop' | 'head' | 'sender' | 'channelTo' | 'read' | 'write' | 'tell'>) {
    this.mailboxes = init.mailboxes
    this.ann = init.ann
    this.ben = init.ben
    this.annSpaces = init.annSpaces
    this.benSpaces = init.benSpaces
    this.space = init.space
    this.own = init.own
    this.told = init.told
  }

  static async make(mailboxes: TestMailbox[]): Promise<World> {
    const holder: { world?: World } = {}
    const inMailbox = (space: Uint8Array, log: LogId, twin: Uint8Array) => holder.world?.sender?.heldFor(space, log, twin) ?? 0
    const [ann, ben] = [await newTwin({ inMailbox }), await newTwin()]
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

  /** Ben opens his boxes, or empties them when they are open. */
  async collect(): Promise<Collector> {
    const { ben, benSpaces } = this
    const { directory } = ben.init
    const unpacker = new Unpacker({
      me: { twin: ben.twin, unsealer: ben.keys.encryption },
      box: ben.keys.transport.publicKey,
      replica: benSpaces.replica,
      directory,
      crypto,
      isContact: () => true,
      onKnock: async () => {},
      log: console
    })
    const collector = new Collector({
      own: this.own,
      unpacker,
      transport: ben.keys.transport,
      crypto,
      contacts: () => [this.ann.twin],
      describe: async () => ({ records: ben.records, head: await this.head() }),
      channelTo: address => this.channelTo(address, ben.keys.transport.publicKey),
      clock: this.clock
    })
    await Promise.all(this.own.all().map(box => collector.add(box)))
    await collector.stop()
    return collector
  }

  start(now = () => Date.now()): Sender {
    const { ann, annSpaces, told, clock } = this
    const { signer } = ann.init.me
    const sender = new Sender(
      {
        me: { twin: ann.twin, device: 1, signer },
        db: ann.db,
        replica: annSpaces.replica,
        crypto,
        told,
        isReachable: () => false,
        isContact: () => true,
        channelTo: address => this.channelTo(address, ann.keys.transport.publicKey),
        onHeld: (space, log) => annSpaces.noteDelivery(space, log),
        clock
      },
      { now }
    )
    this.sender = sender
    sender.start()
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

/** A mailbox some of whose methods are others. */
function lying(mailbox: Mailbox, lies: Partial<Mailbox>): Mailbox {
  return new Proxy(mailbox, {
    get: (honest, name) => {
      const value = Reflect.get(name in lies ? lies : honest, name)
      return typeof value === 'function' ? value.bind(honest) : value
    }
  })
}

describe('delivery by mailbox', () => {
  let world: World
  afterEach(() => world.stop())

  /** Waits until the mailboxes say they hold the newest entry of Ann. */
  async function untilHeld(): Promise<void> {
    const { twin } = world.ann
    const seq = world.annSpaces.replica.space(world.space.id)!.frontier()[0]![2]
    const isHeld = () => world.space.delivery({ twin, device: 1, seq }).state === 'mailbox'
    const changed = new Promise<void>(resolve => {
      world.space.on('delivery', () => isHeld() && resolve())
    })
    await world.clock.advance(2000)
    await world.clock.advance(10_000)
    if (!isHeld()) await changed
  }

  it('what a twin wrote arrives though the two were never on together, each entry once', async () => {
    world = await World.make([await TestMailbox.make()])
    await world.collect()
    await world.tell()
    world.start()
    await world.write('colour', 'red')
    await untilHeld()
    await world.collect()
    expect(await world.read('colour')).to.equal('red')
    const count = () => world.benSpaces.replica.space(world.space.id)!.frontier()[0]![2]
    const before = count()
    // The box is empty, and what came is not left again by a sender that starts anew
    await world.sender!.stop()
    const again = world.start()
    await again.load()
    await world.collect()
    expect(count()).to.equal(before)
    const reached = world.mailboxes[0]!
    expect(await reached.db.keys({ gt: 'box/p/', lt: 'box/p/~' }).all()).to.deep.equal([])
  })

  it('of two mailboxes one gives receipts and drops everything: all arrives by the other', async () => {
    const liar = await TestMailbox.make(undefined, mailbox =>
      lying(mailbox, { collect: async function* () {} as unknown as Mailbox['collect'] })
    )
    world = await World.make([liar, await TestMailbox.make()])
    await world.collect()
    await world.tell()
    world.start()
    for (let round = 0; round < 3; round++) {
      await world.write(`key${round}`, `value${round}`)
      await untilHeld()
    }
    await untilHeld()
    await world.collect()
    await world.collect()
    expect(await Promise.all([0, 1, 2].map(round => world.read(`key${round}`)))).to.deep.equal(['value0', 'value1', 'value2'])
  })

  it('a mailbox that alters, repeats and reorders parcels changes nothing but what it withholds', async () => {
    const liar = await TestMailbox.make(undefined, mailbox =>
      lying(mailbox, {
        collect: async function* (this: Mailbox, request: { after?: number }, context: Parameters<Mailbox['collect']>[1]) {
          const items: { place: number; parcel: Uint8Array }[] = []
          for await (const item of mailbox.collect(request, context)) items.push(item)
          for (const { place, parcel } of items.reverse()) {
            const changed = parcel.slice()
            changed[100]! ^= 1
            yield { place, parcel: changed }
            yield { place, parcel }
            yield { place, parcel }
          }
        } as unknown as Mailbox['collect']
      })
    )
    world = await World.make([liar])
    await world.collect()
    await world.tell()
    world.start()
    for (let round = 0; round < 3; round++) {
      await world.write(`key${round}`, `value${round}`)
      await untilHeld()
    }
    await world.collect()
    expect(await Promise.all([0, 1, 2].map(round => world.read(`key${round}`)))).to.deep.equal(['value0', 'value1', 'value2'])
    const { logs } = world.benSpaces.get(world.space.id)!.review()
    expect(logs).to.deep.equal([])
  })

  it('a receipt that is not signed by the mailbox for this parcel counts for nothing', async () => {
    const forger = crypto.signer(crypto.randomBytes(32))
    let asked = 0
    const other = await TestMailbox.make(undefined, mailbox =>
      lying(mailbox, {
        deposit: async () => {
          asked++
          const { sealReceipt } = await import('./receipt.ts')
          const receipt = { mailbox: forger.publicKey, box: forger.publicKey, hash: forger.publicKey, size: 256, expires: 8e15 }
          return { receipt: await sealReceipt(receipt, forger) }
        }
      })
    )
    world = await World.make([other])
    await world.collect()
    await world.tell()
    world.start()
    await world.write('colour', 'red')
    await world.clock.advance(2000)
    await world.clock.advance(10_000)
    await world.sender!.stop()
    const { twin } = world.ann
    expect(asked).to.be.above(0)
    expect(world.space.delivery({ twin, device: 1, seq: 1 }).state).to.equal('saved')
  })

  it('mailboxes count only as an admin device signed them, and never go back', async () => {
    world = await World.make([await TestMailbox.make()])
    const { ann, ben, told } = world
    const box = ben.keys.transport.publicKey
    const tokens = world.own.tokensFor(ann.twin)
    const newer = Date.now()
    await told.keep(ben.twin, box, { head: await world.head(newer), tokens })
    const failure = async (head: Uint8Array, twin = ben.twin) =>
      await told.keep(twin, box, { head, tokens }).then(
        () => 'kept',
        (error: Error) => error.message
      )
    expect(await failure(await world.head(newer - 1))).to.contain('older')
    expect(await failure(await world.head(), ann.twin)).to.contain('another twin')
    const forger = crypto.signer(crypto.randomBytes(32))
    const list = ben.init.directory.get(ben.twin)!.head!
    const forged = { twin: ben.twin, list, inbox: ben.keys.encryption.publicKey, mailboxes: [], at: newer + 1 }
    expect(await failure(await sealNodeHead(forged, forger))).to.contain('admin')
    expect(told.of(ben.twin)).to.have.length(1)
  })
})
