import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import type { LocalSpace } from './local-space.ts'
import { createSpaces } from './local-spaces.ts'
import { paper, read, spaceOf, type } from './paper.fixture.ts'
import {
  diaryKind,
  exchange,
  give,
  indexRows,
  memoryDatabase,
  newTwin,
  openTwins,
  reopen,
  sharedSpace,
  type TestReplica,
  text
} from './replicas.fixture.ts'
import type { Space } from './space.ts'

const noteIn = (space: Space, line: string) =>
  space.write(`${diaryKind.kind}/${space.myNumber}`, doc => doc.getArray('lines').push([line]))

describe('removing a member', function () {
  this.timeout(60_000)
  let keeper: TestReplica
  let leaver: TestReplica
  let friend: TestReplica
  let space: Space
  let all: TestReplica[]

  beforeEach(async () => {
    all = await openTwins(3)
    ;[keeper, leaver, friend] = all as [TestReplica, TestReplica, TestReplica]
    space = (await sharedSpace(all))[0]!
    await type(space, 'a')
    await exchange(...all)
    await type(spaceOf(leaver, space), 'b')
    await exchange(...all)
  })

  const remove = () => keeper.spaces.removeMember(space, leaver.twin)
  const texts = () => Promise.all([keeper, friend].map(replica => read(spaceOf(replica, space))))
  const meet = () => exchange(keeper, friend)
  const rowsOf = async ({ db }: TestReplica) =>
    [...(await indexRows(db))].filter(([key]) => key.startsWith(`i/${space.text}/`))

  it('keeps what the keeper had, and takes out what it had not and what was built on that, alike everywhere', async () => {
    await noteIn(spaceOf(leaver, space), 'kept')
    await exchange(...all)
    await type(spaceOf(leaver, space), 'X')
    await noteIn(spaceOf(leaver, space), 'late')
    await give(leaver, friend)
    expect(await read(spaceOf(friend, space))).to.equal('abX')
    await type(spaceOf(friend, space), 'c')
    await remove()
    await meet()
    expect(
      spaceOf(friend, space)
        .review()
        .logs.map(({ cut }) => cut)
    ).to.have.members([2, 1])
    expect(await texts()).to.deep.equal(['abc', 'abc'])
    expect(await rowsOf(friend)).to.deep.equal(await rowsOf(keeper))
    expect((await rowsOf(keeper)).filter(([key]) => key.includes('/diary/'))).to.have.length(1)
  })

  it('an author writes again what it built on something that was taken out', async () => {
    const shared = keyValue(spaceOf(friend, space), 'colours')
    await keyValue(spaceOf(leaver, space), 'colours').put('sky', text('grey'))
    await give(leaver, friend)
    await shared.put('sky', text('blue'))
    await shared.put('sea', text('green'))
    await noteIn(spaceOf(friend, space), 'hello')
    await remove()
    await meet()
    for (const replica of [keeper, friend]) {
      const values = keyValue(spaceOf(replica, space), 'colours')
      expect((await values.get('sky'))?.value).to.deep.equal(text('blue'))
      expect((await values.get('sea'))?.value).to.deep.equal(text('green'))
    }
    expect(await rowsOf(friend)).to.deep.equal(await rowsOf(keeper))
  })

  it('an honest writer who was away loses nothing', async () => {
    await remove()
    await type(spaceOf(friend, space), 'c')
    await noteIn(spaceOf(friend, space), 'away')
    await meet()
    expect(await texts()).to.deep.equal(['abc', 'abc'])
    expect(spaceOf(friend, space).review().logs).to.deep.equal([])
  })

  it('what is written afterwards is sealed with a key that the former member has not', async () => {
    await remove()
    await meet()
    const { keyRing } = (spaceOf(friend, space) as LocalSpace).context
    expect(keyRing.get(2)).to.have.length(32)
    await type(spaceOf(friend, space), 'secret')
    // Even if everything gets there: records, wraps and runs
    const { replica } = friend.spaces
    const { records, wraps } = replica.records(space.id, undefined, keeper.twin)
    await leaver.spaces.replica.receiveRecords(space.id, records, wraps, replica.self)
    const runs = []
    for await (const run of replica.runs(space.id, replica.self, 0)) runs.push({ log: replica.self, run })
    await leaver.spaces.replica.receiveRuns(space.id, runs, replica.self)
    const { context } = spaceOf(leaver, space) as LocalSpace
    expect(context.membership.view?.epochs).to.have.length(2)
    expect(context.keyRing.missing()).to.deep.equal([2])
    expect(await read(spaceOf(leaver, space))).to.equal('ab')
  })

  it('refuses what the former member writes, whatever date and head it claims', async () => {
    await type(spaceOf(leaver, space), 'X')
    await remove()
    await meet()
    for (const target of [keeper, friend]) {
      const { replica } = leaver.spaces
      const runs = []
      for await (const run of replica.runs(space.id, replica.self, 0)) runs.push({ log: replica.self, run })
      const result = await target.spaces.replica.receiveRuns(space.id, runs, replica.self)
      expect(result.refused?.code).to.equal('membership')
      expect(result.accepted).to.equal(0)
    }
    expect(await texts()).to.deep.equal(['ab', 'ab'])
    expect(keeper.spaces.replica.spacesWith(leaver.twin)).to.deep.equal([])
  })

  it('the former member is told why it cannot write, and nothing of what is decided afterwards', async () => {
    await remove()
    await keeper.spaces.rename(space, 'without them')
    const { records, wraps } = keeper.spaces.replica.records(space.id, undefined, leaver.twin)
    expect(wraps).to.deep.equal([])
    await leaver.spaces.replica.receiveRecords(space.id, records, [], keeper.spaces.replica.self)
    expect(spaceOf(leaver, space).myNumber).to.equal(undefined)
    expect(spaceOf(leaver, space).name).to.equal('shared')
    expect((spaceOf(leaver, space) as LocalSpace).context.membership.view?.epochs).to.have.length(1)
    const refused = await type(spaceOf(leaver, space), 'X').catch(error => error)
    expect(refused).to.include({ name: 'SpaceError', code: 'not-writer' })
  })

  it('a member that comes back has its number, goes on with its log and writes again what was taken out', async () => {
    await type(spaceOf(leaver, space), 'X')
    await give(leaver, friend)
    await remove()
    await meet()
    expect(await texts()).to.deep.equal(['ab', 'ab'])
    await keeper.spaces.addMember(space, leaver.twin)
    await exchange(...all)
    expect(spaceOf(leaver, space).myNumber).to.equal(2)
    await type(spaceOf(leaver, space), 'Y')
    await exchange(...all)
    expect(await texts()).to.deep.equal(['abXY', 'abXY'])
    expect(await read(spaceOf(leaver, space))).to.equal('abXY')
  })

  it('holds over a restart, before and after', async () => {
    await type(spaceOf(leaver, space), 'X')
    await give(leaver, friend)
    await type(spaceOf(friend, space), 'c')
    friend = await reopen(friend)
    await remove()
    await meet()
    friend = await reopen(friend)
    keeper = await reopen(keeper)
    expect(await texts()).to.deep.equal(['abc', 'abc'])
    await type(spaceOf(friend, space), 'd')
    await meet()
    expect(await texts()).to.deep.equal(['abcd', 'abcd'])
  })

  it('is done or not done after a disk that failed at any write, and is finished by the next start', async () => {
    await type(spaceOf(leaver, space), 'X')
    for (let at = 1; at <= 6; at++) {
      const { db, failAt } = failingDatabase()
      const late = await newTwin({ db })
      for (const other of all) {
        await late.init.directory.receive(other.twin, other.records)
        await other.init.directory.receive(late.twin, late.records)
      }
      let fourth: TestReplica = { ...late, spaces: await createSpaces(late.init) }
      const shared = await keeper.spaces.create({ kind: 'shared', name: 's', members: [leaver.twin, late.twin] })
      await exchange(keeper, leaver, fourth)
      await type(spaceOf(leaver, shared), 'X')
      await give(leaver, fourth)
      await type(spaceOf(fourth, shared), 'c')
      await keeper.spaces.removeMember(shared, leaver.twin)
      failAt(at, true)
      await exchange(keeper, fourth).catch(() => {})
      // As after a power cut: what was written by then, and another process
      await fourth.spaces.stop()
      if (db.status !== 'open') await db.open()
      const kept = memoryDatabase()
      await kept.open()
      for await (const [key, value] of db.iterator()) await kept.put(key, value)
      const init = { ...late.init, db: kept }
      fourth = { ...late, init, db: kept, spaces: await createSpaces(init) }
      await fourth.spaces.start()
      await type(spaceOf(fourth, shared), 'd')
      await exchange(keeper, fourth)
      await type(spaceOf(fourth, shared), 'e')
      await exchange(keeper, fourth)
      const [here, there] = await Promise.all([keeper, fourth].map(replica => read(spaceOf(replica, shared))))
      expect(here, `write ${at}`).to.equal(there)
      expect([...here!].sort().join(''), `write ${at}`).to.equal('cde')
    }
  })

  it('what an editor typed into the live document meanwhile is not lost', async () => {
    await type(spaceOf(leaver, space), 'X')
    await give(leaver, friend)
    const doc = await spaceOf(friend, space).doc(paper)
    await remove()
    const met = meet()
    doc.getText('text').insert(3, 'live')
    await met
    await meet()
    expect(await texts()).to.deep.equal(['ablive', 'ablive'])
  })

  it('a writer who becomes a reader is cut, and reads on', async () => {
    await type(spaceOf(leaver, space), 'X')
    await keeper.spaces.addMember(space, leaver.twin, 'reader')
    await type(space, 'c')
    await exchange(...all)
    expect(await texts()).to.deep.equal(['abc', 'abc'])
    expect(await read(spaceOf(leaver, space))).to.equal('abc')
    expect(spaceOf(leaver, space).mayWrite(paper)).to.equal(false)
  })

  it('a replica stays one: what it took without a key it has never judged', async () => {
    await keeper.spaces.removeMember(space, leaver.twin)
    await keeper.spaces.addMember(space, friend.twin, 'replica')
    const refused = await keeper.spaces.addMember(space, friend.twin, 'writer').catch(error => error)
    expect(refused).to.be.instanceOf(RangeError)
    expect(space.members().find(({ number }) => number === 3)?.role).to.equal('replica')
  })

  it('only the keeper removes, and not from a space of two', async () => {
    const refused = await friend.spaces.removeMember(spaceOf(friend, space), leaver.twin).catch(error => error)
    expect(refused).to.include({ name: 'SpaceError', code: 'not-keeper' })
    const stranger = await keeper.spaces.removeMember(space, new Uint8Array(32)).catch(error => error)
    expect(stranger).to.be.instanceOf(RangeError)
  })
})
