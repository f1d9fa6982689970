import { expect } from 'chai'
import { DeviceDirectory } from '../../crdt/identity/index.ts'
import type { Database } from '../../crdt/index.ts'
import { failingDatabase } from '../../crdt/spaces/failing-database.fixture.ts'
import { crypto, memoryDatabase } from '../../crdt/spaces/replicas.fixture.ts'
import { deviceListStore } from '../../crdt/store/index.ts'
import { type ErrorCode, ProtocolError } from '../core/index.ts'
import { World } from './away.fixture.ts'
import { deliveryToContent } from './delivery.ts'
import { knockToContent } from './knock.ts'
import { TestMailbox } from './mailboxes.fixture.ts'
import { sealParcel } from './sealed-parcel.ts'

describe('a parcel that meets a store that takes nothing', () => {
  let world: World
  afterEach(() => world.stop())

  const sealed = (content: Uint8Array) => {
    const { keys } = world.ben
    return sealParcel(content, { box: keys.transport.publicKey, key: keys.encryption.publicKey }, crypto)
  }
  const codeOf = (unpacking: Promise<unknown>) =>
    unpacking.then(
      () => 'taken',
      error => error.code ?? error.message
    )

  /** Ann may leave parcels for Ben. */
  const begin = async (benDb: Database) => {
    world = await World.make([await TestMailbox.make()], benDb)
    await world.collect()
    await world.tell()
    world.start()
  }
  const leave = async (value: string) => {
    await world.write('colour', value)
    const { twin } = world.ann
    const seq = world.annSpaces.replica.space(world.space.id)!.frontier()[0]![2]
    while (world.space.delivery({ twin, device: 1, seq }).state !== 'mailbox') await world.clock.advance(2000)
  }

  it('is tried again when it is a knock, and forgotten only when the answer is final', async () => {
    world = await World.make([])
    const { ann, ben } = world
    const knock = { twin: ann.twin, name: 'Ann' }
    const parcel = await sealed(await knockToContent(knock, ann.init.me.signer, ben.twin, ann.records))
    const answered = (code: ErrorCode) => {
      const onKnock = async () => {
        throw new ProtocolError(code, 'An answer')
      }
      return codeOf(world.unpacker({ onKnock }).unpack(parcel))
    }
    for (const code of ['Internal', 'Unavailable', 'ResourceExhausted'] as const)
      expect(await answered(code)).to.equal(code)
    for (const code of ['PermissionDenied', 'InvalidArgument'] as const) expect(await answered(code)).to.equal('taken')
  })

  it('is tried again when the device list of who brings it cannot be read', async () => {
    world = await World.make([])
    const { ann, ben } = world
    const db = memoryDatabase()
    const store = deviceListStore(db)
    await new DeviceDirectory({ crypto, store }).receive(ann.twin, ann.records)
    const from = { twin: ann.twin, device: 1, signer: ann.init.me.signer }
    const nothing = { devices: [], spaces: [] }
    const parcel = await sealed(await deliveryToContent(nothing, from, ben.keys.transport.publicKey, crypto))
    const unpacker = world.unpacker({ directory: new DeviceDirectory({ crypto, store }) })
    await db.close()
    expect(await codeOf(unpacker.unpack(parcel))).to.equal('LEVEL_DATABASE_NOT_OPEN')
    await db.open()
    expect(await codeOf(unpacker.unpack(parcel))).to.equal('taken')
  })

  it('is taken at the next look when its entries were not', async () => {
    const { db, failAt } = failingDatabase()
    await begin(db)
    await leave('red')
    await world.collect()
    await leave('blue')
    failAt(1)
    const collector = await world.collector()
    expect(await world.read('colour')).to.equal('red')
    const [box] = world.own.all()
    await collector.add(box!)
    expect(await world.read('colour')).to.equal('blue')
    await collector.stop()
    const [mailbox] = world.mailboxes
    expect(await mailbox!.db.keys({ gt: 'box/p/', lt: 'box/p/~' }).all()).to.deep.equal([])
  })

  it('does not keep the note of the device in the box', async () => {
    await begin(memoryDatabase())
    await leave('red')
    const before = world.emptied
    const unpacker = world.unpacker()
    unpacker.unpack = () => Promise.reject(new Error('The store takes nothing'))
    const collector = await world.collector(unpacker)
    expect(world.emptied).to.equal(before + 1)
    await collector.stop()
  })
})
