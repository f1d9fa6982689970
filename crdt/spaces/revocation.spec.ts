import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import type { LocalSpace } from './local-space.ts'
import { read, spaceOf, tell, type } from './paper.fixture.ts'
import { addDevice, exchange, give, indexRows, openTwins, type TestReplica, text } from './replicas.fixture.ts'
import type { Space } from './space.ts'

/** Waits for what a change of a device list sets off. */
const settled = (replica: TestReplica, space: Space, epochs: number) =>
  new Promise<void>(resolve => {
    const { membership } = (spaceOf(replica, space) as LocalSpace).context
    const look = (): boolean => (membership.view?.epochs.length ?? 0) >= epochs
    if (look()) return resolve()
    const stop = replica.spaces.on('change', () => {
      if (!look()) return
      stop()
      resolve()
    })
  })

describe('revoking a device', function () {
  this.timeout(60_000)
  let home: TestReplica
  let phone: TestReplica
  let friend: TestReplica
  let space: Space
  let all: TestReplica[]

  beforeEach(async () => {
    ;[home, friend] = (await openTwins(2)) as [TestReplica, TestReplica]
    phone = await addDevice(home, 2, [home, friend], { scopes: [] })
    await exchange(home, phone)
    all = [home, phone, friend]
    space = await home.spaces.create({ kind: 'shared', name: 'shared', members: [friend.twin] })
    await exchange(...all)
    await type(space, 'a')
    await exchange(...all)
    await type(spaceOf(phone, space), 'b')
    await exchange(...all)
  })

  const revoke = async () => {
    expect(await home.spaces.revokeDevice(2)).to.equal('recorded')
    await settled(home, space, 2)
    await tell(home, friend)
  }
  const texts = () => Promise.all([home, friend].map(replica => read(spaceOf(replica, space))))
  const rowsOf = async ({ db }: TestReplica) =>
    [...(await indexRows(db))].filter(([key]) => key.startsWith(`i/${space.text}/`))

  it('keeps what the twin had of it, and takes out what it had not and what was built on that', async () => {
    await type(spaceOf(phone, space), 'X')
    await keyValue(spaceOf(phone, space), 'k').put('from', text('phone'))
    await give(phone, friend)
    await type(spaceOf(friend, space), 'c')
    await keyValue(spaceOf(friend, space), 'k').put('by', text('friend'))
    expect(await read(spaceOf(friend, space))).to.equal('abXc')
    await revoke()
    await exchange(home, friend)
    expect(await texts()).to.deep.equal(['abc', 'abc'])
    expect(await rowsOf(friend)).to.deep.equal(await rowsOf(home))
    expect((await keyValue(space, 'k').get('by'))?.value).to.deep.equal(text('friend'))
    expect(await keyValue(space, 'k').get('from')).to.equal(undefined)
  })

  it('an author names the cut once it knows of it, so that all agree on what it wrote before and after', async () => {
    await type(spaceOf(phone, space), 'X')
    await give(phone, friend)
    await type(spaceOf(friend, space), 'c')
    await revoke()
    await type(spaceOf(friend, space), 'd')
    // A device that sees all of it for the first time, and none of what was taken out
    const late = await addDevice(home, 3, [home, friend])
    await exchange(home, friend, late)
    expect(await read(spaceOf(late, space))).to.equal('abcd')
    expect(await texts()).to.deep.equal(['abcd', 'abcd'])
    expect(await rowsOf(late)).to.deep.equal(await rowsOf(home))
  })

  it('what is written once it is known is sealed with a key that the device has not', async () => {
    await revoke()
    await exchange(home, friend)
    await type(spaceOf(friend, space), 'secret')
    const { replica } = friend.spaces
    const { records, wraps } = replica.records(space.id, undefined, phone.twin)
    await phone.spaces.replica.receiveRecords(space.id, records, wraps, replica.self)
    const runs = []
    for await (const run of replica.runs(space.id, replica.self, 0)) runs.push({ log: replica.self, run })
    await phone.spaces.replica.receiveRuns(space.id, runs, replica.self)
    expect((spaceOf(phone, space) as LocalSpace).context.keyRing.missing()).to.deep.equal([2])
    expect(await read(spaceOf(phone, space))).to.equal('ab')
    // Nor the keys of the private space, in which all others are
    expect(home.spaces.self.members()).to.have.length(1)
    expect((home.spaces.self as LocalSpace).context.membership.view?.epochs).to.have.length(2)
  })

  it('its writes are refused by all who know of it', async () => {
    await type(spaceOf(phone, space), 'X')
    await revoke()
    for (const target of [home, friend]) {
      expect(target.spaces.replica.isRevoked(phone.spaces.replica.self)).to.equal(true)
      await give(phone, target)
    }
    expect(await texts()).to.deep.equal(['ab', 'ab'])
    await tell(home, phone)
    const refused = await type(spaceOf(phone, space), 'Y').catch(error => error)
    expect(refused).to.include({ name: 'SpaceError', code: 'not-open' })
  })

  it('acts on the word of any admin device, until the keeper of the list has recorded it', async () => {
    const tablet = await addDevice(home, 3, [home, friend, phone])
    await exchange(home, tablet, friend)
    await type(spaceOf(phone, space), 'X')
    await give(phone, home)
    expect(await tablet.spaces.revokeDevice(2)).to.equal('on-sight')
    await tell(tablet, friend)
    expect(friend.spaces.replica.isRevoked(phone.spaces.replica.self)).to.equal(true)
    await tell(tablet, home)
    await settled(home, space, 2)
    await tell(home, friend, tablet)
    await exchange(home, friend, tablet)
    // The keeper had it in time
    expect(await texts()).to.deep.equal(['abX', 'abX'])
    expect(home.init.directory.get(home.twin)?.device(2)?.revoked?.cuts).to.not.equal(undefined)
  })

  it('a keeper that was stolen is replaced with the phrase, in its list and in its spaces', async () => {
    const tablet = await addDevice(home, 3, [home, friend, phone])
    await exchange(home, tablet, friend)
    const at = await tablet.spaces.revokeDevice(1, tablet.owner)
    expect(at).to.equal('recorded')
    await settled(tablet, space, 2)
    await tell(tablet, friend, phone)
    await exchange(tablet, friend, phone)
    const { membership } = (spaceOf(friend, space) as LocalSpace).context
    expect(membership.keeper).to.deep.equal(tablet.init.me.signer.publicKey)
    await type(space, 'Z')
    await give(home, friend)
    await type(spaceOf(friend, space), 'c')
    await exchange(tablet, friend, phone)
    expect(await read(spaceOf(phone, space))).to.equal('abc')
    expect(await read(spaceOf(friend, space))).to.equal('abc')
  })

  it('refuses what cannot be, with a reason', async () => {
    for (const number of [1, 9]) {
      expect(await home.spaces.revokeDevice(number).catch(error => error)).to.be.instanceOf(RangeError)
    }
    await revoke()
    expect(await home.spaces.revokeDevice(2).catch(error => error)).to.be.instanceOf(RangeError)
    expect(await phone.spaces.revokeDevice(1).catch(error => error)).to.be.instanceOf(Error)
  })
})
