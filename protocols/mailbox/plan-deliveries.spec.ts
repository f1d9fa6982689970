import { expect } from 'chai'
import { keyValue } from '../../crdt/key-value/index.ts'
import {
  exchange,
  newTwin,
  openTwins,
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

  it('is nothing of a log whose beginning was dropped: it would not be taken, and seem delivered', async () => {
    expect(await shortened(true)).to.deep.equal([])
  })
})
