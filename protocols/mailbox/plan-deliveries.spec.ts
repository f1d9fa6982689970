import { expect } from 'chai'
import { keyValue } from '../../crdt/key-value/index.ts'
import {
  addDevice,
  exchange,
  give,
  newTwin,
  openTwins,
  readText,
  sharedSpace,
  type TestReplica,
  text
} from '../../crdt/spaces/replicas.fixture.ts'
import type { Space } from '../../crdt/spaces/space.ts'
import { planDeliveries } from './plan-deliveries.ts'

describe('what is left for somebody', () => {
  const reached = async ({ spaces }: TestReplica, twin: Uint8Array) => {
    const seqs: number[] = []
    for await (const planned of planDeliveries({ replica: spaces.replica, twin, held: () => 0 })) {
      seqs.push(...planned.reached.map(({ seq }) => seq))
    }
    return seqs
  }

  async function shortened(isCompacted: boolean): Promise<number[]> {
    const twins = (await openTwins(2)) as [TestReplica, TestReplica]
    const [space] = (await sharedSpace(twins)) as [Space]
    for (let round = 0; round < 20; round++) await keyValue(space, 'n').put('k', text(`${round}`))
    for (let round = 0; round < 2; round++) await exchange(...twins)
    if (isCompacted) expect((await space.compact()).dropped).to.be.greaterThan(0)
    const fresh = await newTwin()
    await twins[0].init.directory.receive(fresh.twin, fresh.records)
    await twins[0].spaces.addMember(space, fresh.twin)
    await keyValue(space, 'n').put('k', text('last'))
    return reached(twins[0], fresh.twin)
  }

  it('begins where they are', async () => {
    expect(await shortened(false)).to.deep.equal([21])
  })

  it('tells of a revocation with the first entry after it, so that nothing of the device is taken from anybody', async () => {
    const [ada, ben] = (await openTwins(2)) as [TestReplica, TestReplica]
    const stolen = await addDevice(ada, 2, [ada, ben])
    const [here] = (await sharedSpace([ada, ben])) as [Space]
    await exchange(ada, stolen)
    await keyValue(here, 'n').put('k', text('before'))
    await exchange(ada, stolen, ben)
    await exchange(ada, stolen, ben)
    await ada.spaces.revokeDevice(2)
    await keyValue(here, 'n').put('k', text('after'))
    await here.flush()
    // All that Ben hears, as it is taken out of a parcel
    const { replica } = ben.spaces
    for await (const { delivery } of planDeliveries({ replica: ada.spaces.replica, twin: ben.twin, held: () => 0 })) {
      for (const { twin, records } of delivery.devices) await replica.receiveDevices(twin, records, replica.self)
      for (const { space, records, wraps, runs } of delivery.spaces) {
        await replica.receiveRecords(space, records, wraps, ada.spaces.replica.self)
        await replica.receiveRuns(space, runs, ada.spaces.replica.self)
      }
    }
    expect(ben.init.directory.get(ada.twin)!.isRevoked(2)).to.equal(true)
    const there = keyValue(ben.spaces.get(here.id)!, 'n')
    expect(readText((await there.get('k'))?.value)).to.equal('after')
    await keyValue(stolen.spaces.get(here.id)!, 'n').put('k', text('stolen'))
    await give(stolen, ben)
    expect(readText((await there.get('k'))?.value)).to.equal('after')
  })

  it('is nothing of a log whose beginning was dropped: it would not be taken, and seem delivered', async () => {
    expect(await shortened(true)).to.deep.equal([])
  })
})
