import { expect } from 'chai'
import {
  addDevice,
  crypto,
  exchange,
  newTwin,
  openTwins,
  sharedSpace,
  type TestReplica
} from '../../crdt/spaces/replicas.fixture.ts'
import type { Space } from '../../crdt/spaces/space.ts'
import { World } from './away.fixture.ts'
import { openDelivery } from './delivery.ts'
import { TestMailbox } from './mailboxes.fixture.ts'
import { newsFor } from './news.ts'
import { openContent } from './open-content.ts'
import { type PlanInit, planDeliveries } from './plan-deliveries.ts'
import { openParcel } from './sealed-parcel.ts'

/** All that somebody hears who takes it out of parcels; answers how many there were. */
async function hear(from: TestReplica, to: TestReplica, more: Partial<PlanInit> = {}): Promise<number> {
  const { replica } = to.spaces
  const news = newsFor(to.twin, { ...from.init, replica: from.spaces.replica })
  let count = 0
  const plan = { replica: from.spaces.replica, twin: to.twin, held: () => 1e9, news, ...more }
  for await (const { delivery } of planDeliveries(plan)) {
    count++
    for (const { twin, records } of delivery.devices) await replica.receiveDevices(twin, records, replica.self)
    for (const { space, records, wraps, runs } of delivery.spaces) {
      await replica.receiveRecords(space, records, wraps, from.spaces.replica.self)
      await replica.receiveRuns(space, runs, from.spaces.replica.self)
    }
  }
  return count
}

describe('what has to be heard though nothing is said after it', () => {
  it('a revocation is, from who revoked and from whoever knows, and not before there is one', async () => {
    const [ada, ben, carl] = (await openTwins(3)) as [TestReplica, TestReplica, TestReplica]
    await addDevice(ada, 2, [ada, ben, carl])
    const away = await addDevice(ada, 3, [ada, ben, carl])
    await sharedSpace([ada, ben, carl])
    expect(await hear(ada, ben)).to.equal(0)
    await ada.spaces.revokeDevice(2)
    expect(await hear(ada, carl)).to.equal(1)
    expect(carl.init.directory.get(ada.twin)!.isRevoked(2)).to.equal(true)
    for (const other of [ben, away]) {
      expect(await hear(carl, other)).to.equal(1)
      expect(other.init.directory.get(ada.twin)!.isRevoked(2)).to.equal(true)
    }
  })

  it('a member who was taken out of a space is', async () => {
    const [ada, ben, carl] = (await openTwins(3)) as [TestReplica, TestReplica, TestReplica]
    const [here, there] = (await sharedSpace([ada, ben, carl])) as [Space, Space, Space]
    await exchange(ada, ben, carl)
    const members = () => ben.spaces.replica.space(there.id)!
    await ada.spaces.removeMember(here, carl.twin)
    expect(members().isMember(carl.twin)).to.equal(true)
    expect(await hear(ada, ben)).to.equal(1)
    expect(members().isMember(carl.twin)).to.equal(false)
  })

  it('a list that is longer than a parcel goes in several, each within a class that costs little', async () => {
    const [ada, ben] = (await openTwins(2)) as [TestReplica, TestReplica]
    await addDevice(ada, 2, [ada, ben])
    await sharedSpace([ada, ben])
    const cuts = Array.from({ length: 6000 }, (_, n) => ({
      space: new Uint8Array(32).fill(n & 255).fill(n >> 8, 16),
      seq: 1,
      hash: new Uint8Array(32).fill(1)
    }))
    await ada.init.directory.decide(ada.twin, list => list.revoke(2, cuts, ada.init.me.signer, Date.now()))
    expect(await hear(ada, ben)).to.be.above(1)
    expect(ben.init.directory.get(ada.twin)!.head).to.deep.equal(ada.init.directory.get(ada.twin)!.head)
    expect(ben.init.directory.get(ada.twin)!.device(2)!.revoked?.cuts.length).to.equal(6000)
  })
})

describe('news by mailbox', () => {
  let world: World
  afterEach(() => world.stop())

  /** What is in the parcels that wait, as Ben would read it. */
  async function waiting() {
    const { keys } = world.ben
    const box = keys.transport.publicKey
    const parcels = await world.mailboxes[0]!.db.values({ gt: 'box/p/', lt: 'box/p/~' }).all()
    const opened = parcels.map(async parcel => {
      const { envelope, body } = openContent(await openParcel(parcel, box, keys.encryption))
      const { delivery } = await openDelivery(envelope, body, { box, directory: world.ann.init.directory, crypto })
      const [lists, spaces] = [delivery.devices.length, delivery.spaces]
      return { lists, members: spaces[0]?.records.length ?? 0, runs: spaces[0]?.runs.length ?? 0 }
    })
    return await Promise.all(opened)
  }

  async function untilWaiting(count: number) {
    for (;;) {
      const parcels = await waiting()
      if (parcels.length >= count) return parcels
      await world.clock.advance(2000)
    }
  }

  /** Something else that is news, so that it shows what else is left with it. */
  async function removeSomebody(): Promise<void> {
    const { ann, annSpaces, space } = world
    const other = await newTwin()
    await ann.init.directory.receive(other.twin, other.records)
    await annSpaces.addMember(space, other.twin)
    await annSpaces.removeMember(space, other.twin)
  }

  /** Ann has a second device, and Ben took what she wrote. */
  beforeEach(async () => {
    world = await World.make([await TestMailbox.make()])
    const { ann, ben, annSpaces } = world
    await addDevice({ ...ann, spaces: annSpaces }, 2)
    await ben.init.directory.receive(ann.twin, ann.init.directory.get(ann.twin)!.all())
    await world.collect()
    await world.tell()
    await world.write('colour', 'red')
    world.start()
    await untilWaiting(1)
    await world.collect()
    expect([await world.read('colour'), await waiting()]).to.deep.equal(['red', []])
    await world.annSpaces.replica.receiveDurable(
      world.space.id,
      world.benSpaces.replica.durable(world.space.id),
      world.benSpaces.replica.self
    )
  })

  const knows = () => world.ben.init.directory.get(world.ann.twin)!.isRevoked(2)

  it('a revocation waits at once, and once, also for a sender that starts again; who comes back takes it', async () => {
    await world.annSpaces.revokeDevice(2)
    expect(await untilWaiting(1)).to.deep.equal([{ lists: 1, members: 0, runs: 0 }])
    await world.sender!.stop()
    const again = world.prepare()
    await again.load()
    again.start()
    await removeSomebody()
    const [, second] = await untilWaiting(2)
    expect(second).to.include({ lists: 0, runs: 0 })
    expect(second!.members).to.be.above(1)
    expect(knows()).to.equal(false)
    await world.collect()
    expect([knows(), await waiting()]).to.deep.equal([true, []])
  })

  it('a device is told though another one of its twin is here, and nothing else is left for it then', async () => {
    world.isBenHere = true
    await world.write('colour', 'blue')
    await world.annSpaces.revokeDevice(2)
    expect(await untilWaiting(1)).to.deep.equal([{ lists: 1, members: 0, runs: 0 }])
    await world.collect()
    expect([knows(), await world.read('colour')]).to.deep.equal([true, 'red'])
  })

  it('a list that changes again and again fills no box: four times an hour, and the rest at the end of it', async () => {
    const { ann, annSpaces } = world
    const { signer } = ann.init.me
    const directory = ann.init.directory
    for (let number = 3; number < 9; number++) await addDevice({ ...ann, spaces: annSpaces }, number)
    const revoke = (number: number) =>
      directory.decide(ann.twin, list => list.revoke(number, [], signer, world.clock.now()))
    for (let number = 2; number < 6; number++) {
      await revoke(number)
      await untilWaiting(number - 1)
    }
    await revoke(6)
    await removeSomebody()
    // What is news of a space goes out, and nothing more of the list
    expect((await untilWaiting(5)).map(({ lists }) => lists)).to.deep.equal([1, 1, 1, 1, 0])
    await world.clock.advance(3_600_000)
    expect((await untilWaiting(6)).at(-1)).to.deep.equal({ lists: 1, members: 0, runs: 0 })
    await world.collect()
    expect(world.ben.init.directory.get(ann.twin)!.isRevoked(6)).to.equal(true)
  })

  it('a device that was met and lacked nothing is left nothing', async () => {
    const { ann, ben, annSpaces } = world
    await annSpaces.revokeDevice(2)
    // As a session says it when the heads are the same
    annSpaces.replica.knows!({ twin: ben.twin, device: 1 }, { kind: 'devices', id: ann.twin })
    await removeSomebody()
    expect(await untilWaiting(1)).to.have.nested.property('[0].lists', 0)
  })
})
