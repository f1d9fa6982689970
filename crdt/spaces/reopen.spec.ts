import { expect } from 'chai'
import { DeviceDirectory, twinToText } from '../identity/index.ts'
import { createSpaces } from './local-spaces.ts'
import { crypto, exchange, openTwins, sharedSpace } from './replicas.fixture.ts'

describe('a store that is opened again', () => {
  it('has the spaces that another twin decides about, though nobody has said who its devices are', async () => {
    const twins = await openTwins(2)
    const [, held] = await sharedSpace(twins)
    await exchange(...twins)
    const [decider, member] = twins
    await member!.spaces.stop()
    const lists = new Map(twins.map(({ twin, records }) => [twinToText(twin), records]))
    const directory = new DeviceDirectory({
      crypto,
      store: { get: twin => lists.get(twinToText(twin)), put: () => {} }
    })
    const again = await createSpaces({ ...member!.init, directory })
    try {
      expect(again.get(held!.id)?.decider).to.deep.equal(decider!.twin)
      expect(again.get(held!.id)?.members()).to.have.length(2)
    } finally {
      await again.stop()
      await decider!.spaces.stop()
    }
  })

  it('has the space that was being made when it stopped', async () => {
    const [twin] = await openTwins(1)
    const making = twin!.spaces.create({ kind: 'shared', name: 'late', members: [] })
    await twin!.spaces.stop()
    await twin!.db.close()
    const made = await making
    const again = await createSpaces(twin!.init)
    expect(again.get(made.id)).to.include({ name: 'late', state: 'open' })
    await again.stop()
  })
})
