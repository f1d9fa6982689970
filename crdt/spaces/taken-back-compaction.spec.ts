import { expect } from 'chai'
import { pairingToScopes } from '../identity/index.ts'
import { keyValue } from '../key-value/index.ts'
import { deliver, take } from './milestone.fixture.ts'
import { addDevice, exchange, give, openTwins, readText, reopen, type TestReplica, text } from './replicas.fixture.ts'

const dayMs = 86_400_000
const inTwoWeeks = () => Date.now() + 15 * dayMs

describe('compaction while a new device may be taken back', function () {
  this.timeout(60_000)
  let home: TestReplica
  let thief: TestReplica

  beforeEach(async () => {
    ;[home] = (await openTwins(1)) as [TestReplica]
    for (let round = 0; round < 5; round++) await put(home, 'mine')
    const scopes = pairingToScopes({ level: 'normal', at: Date.now(), by: 1 })
    // Its own clock is what its thief says
    thief = await addDevice(home, 2, [home], { scopes, spaces: { clock: inTwoWeeks } })
    await exchange(home, thief)
  })

  const put = ({ spaces }: TestReplica, value: string) => keyValue(spaces.self, 'k').put('door', text(value))
  const value = async ({ spaces }: TestReplica) => readText((await keyValue(spaces.self, 'k').get('door'))?.value)

  it('drops nothing of a space in which it wrote, and all once that is taken back', async () => {
    for (let round = 0; round < 5; round++) await put(thief, 'theirs')
    await exchange(home, thief)
    await put(home, 'theirs too')
    await exchange(home, thief)
    expect(await home.spaces.self.compact()).to.deep.equal({ dropped: 0, reason: 'A new device wrote here' })
    await home.spaces.takeBackDevice(2)
    const again = await reopen(home)
    expect(await value(again)).to.equal('theirs too')
    const { dropped, reason } = await again.spaces.self.compact()
    expect(reason).to.equal(undefined)
    expect(dropped).to.be.above(5)
    expect(await value(await reopen(again))).to.equal('theirs too')
  })

  it('stops when it begins to write, and what it overwrote comes back', async () => {
    await put(thief, 'theirs')
    const compacting = home.spaces.self.compact()
    await give(thief, home)
    expect((await compacting).reason).to.equal('A new device wrote here')
    expect(await value(home)).to.equal('theirs')
    await home.spaces.takeBackDevice(2)
    expect(await value(await reopen(home))).to.equal('mine')
  })

  it('does not hold it up for longer than two weeks, nor when the device has written nothing', async () => {
    expect((await home.spaces.self.compact()).dropped).to.be.above(0)
    await put(thief, 'theirs')
    await exchange(home, thief)
    const later = await reopen({ ...home, init: { ...home.init, clock: inTwoWeeks } })
    await exchange(later, thief)
    await exchange(later, thief)
    expect((await later.spaces.self.compact()).reason).to.equal(undefined)
  })

  it('takes no milestone of it, nor one that has what it wrote', async () => {
    const tablet = await addDevice(home, 3, [home, thief], { spaces: { clock: inTwoWeeks } })
    const { self, replica } = home.spaces
    for (const from of [thief, tablet]) {
      // What the one signs has nothing of its own
      if (from === tablet) for (let round = 0; round < 5; round++) await put(thief, 'theirs')
      await exchange(home, thief, tablet)
      await exchange(home, thief, tablet)
      expect((await from.spaces.self.compact()).reason).to.equal(undefined)
      const fresh = await addDevice(home, from === thief ? 4 : 5, [home])
      const { records, wraps } = replica.records(self.id, undefined, home.twin)
      await fresh.spaces.replica.receiveRecords(self.id, records, wraps, replica.self)
      const sent = await take(from, from.spaces.self, home.twin)
      expect(await deliver(fresh, self, sent)).to.equal('later: The milestone has what a new device wrote')
    }
  })
})
