import { expect } from 'chai'
import { sealNodeHead } from '../../crdt/identity/index.ts'
import { crypto } from '../../crdt/spaces/replicas.fixture.ts'
import { World } from './away.fixture.ts'
import type { Mailbox } from './mailbox.ts'
import { TestMailbox } from './mailboxes.fixture.ts'

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
    while (!isHeld()) await world.clock.advance(2000)
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

  it('a box is opened though the device list is longer than what strangers may be shown', async () => {
    world = await World.make([await TestMailbox.make()])
    world.shown = Array.from({ length: 65 }, () => new Uint8Array(300))
    await world.collect()
    await world.tell()
    world.start()
    await world.write('colour', 'red')
    await untilHeld()
    await world.collect()
    expect(await world.read('colour')).to.equal('red')
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
    expect(await Promise.all([0, 1, 2].map(round => world.read(`key${round}`)))).to.deep.equal([
      'value0',
      'value1',
      'value2'
    ])
  })

  it('a mailbox that alters, repeats and reorders parcels changes nothing but what it withholds', async () => {
    const liar = await TestMailbox.make(undefined, mailbox =>
      lying(mailbox, {
        collect: async function* (
          this: Mailbox,
          request: { after?: number },
          context: Parameters<Mailbox['collect']>[1]
        ) {
          const items: { place: number; parcel: Uint8Array }[] = []
          for await (const item of mailbox.collect(request, context)) items.push(item)
          for (const { place, parcel } of items.reverse()) {
            const changed = Uint8Array.from(parcel)
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
    expect(await Promise.all([0, 1, 2].map(round => world.read(`key${round}`)))).to.deep.equal([
      'value0',
      'value1',
      'value2'
    ])
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
          const receipt = {
            mailbox: forger.publicKey,
            box: forger.publicKey,
            hash: forger.publicKey,
            size: 256,
            expires: 8e15
          }
          return { receipt: await sealReceipt(receipt, forger) }
        }
      })
    )
    world = await World.make([other])
    await world.collect()
    await world.tell()
    world.start()
    await world.write('colour', 'red')
    while (asked < 2) await world.clock.advance(2000)
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
    // A device that is revoked later gets nothing more, without a start
    await ann.init.directory.decide(ben.twin, kept => kept.revokeOnSight(1, ben.owner, Date.now()))
    expect(told.of(ben.twin)).to.deep.equal([])
  })

  it('what came too early to be kept is taken in the same visit, once more has come', async () => {
    world = await World.make([await TestMailbox.make()])
    await world.collect()
    await world.tell()
    world.start()
    await world.write('colour', 'red')
    await untilHeld()
    await world.write('colour', 'blue')
    await untilHeld()
    const unpacker = world.unpacker()
    const unpack = unpacker.unpack.bind(unpacker)
    const log = { twin: world.ann.twin, device: 1 }
    let parcels = 0
    unpacker.unpack = async parcel =>
      ++parcels === 1 ? { needs: [{ space: world.space.id, log, seq: 99 }], isEarly: true } : unpack(parcel)
    const collector = await world.collector(unpacker)
    const [box] = world.own.all()
    await collector.add(box!)
    expect(await world.read('colour')).to.equal('blue')
    await collector.stop()
    expect(await world.mailboxes[0]!.db.keys({ gt: 'box/p/', lt: 'box/p/~' }).all()).to.deep.equal([])
  })
})
