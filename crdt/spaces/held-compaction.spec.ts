import { expect } from 'chai'
import { keyValue, keyValueKind } from '../key-value/index.ts'
import { clientId } from '../log/index.ts'
import { encodeMilestone } from '../milestone/index.ts'
import { forge } from './forge.fixture.ts'
import type { LocalSpace } from './local-space.ts'
import { createSpaces } from './local-spaces.ts'
import { exchange, newTwin, openTwins, readText, sharedSpace, type TestReplica, text } from './replicas.fixture.ts'
import type { Space } from './space.ts'

const paper = 'text/paper'
const mallory = clientId(1, 1)

/** A letter of Mallory's beside the third that a member is yet to write. */
const early = (member: number, clock = 2) =>
  Uint8Array.from([1, 1, ...uint(mallory), 0, 0x84, ...uint(clientId(member, 1)), clock, 1, 'M'.charCodeAt(0), 0])

function uint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...uint(value >>> 7)]
}

const put = (space: Space, key: string, value: string) => keyValue(space, 'n').put(key, text(value))
const get = async (space: Space, key: string) => readText((await keyValue(space, 'n').get(key))?.value)
const read = async (space: Space) => (await space.doc(paper)).getText('text').toString()

/** Entries that the store has of all logs. */
const entriesIn = (space: Space): number =>
  [...(space as LocalSpace).context.logs].reduce((sum, { seq, base }) => sum + seq - base.seq, 0)

/** A twin that comes in by the milestone of the keeper, and then the logs. */
async function taker(keeper: TestReplica, here: Space, others: readonly TestReplica[]): Promise<TestReplica> {
  const made = await newTwin()
  const third = { ...made, spaces: await createSpaces(made.init) }
  for (const one of [keeper, ...others]) {
    await third.init.directory.receive(one.twin, one.records)
    await one.init.directory.receive(third.twin, third.records)
  }
  await keeper.spaces.addMember(here, third.twin)
  const { replica } = keeper.spaces
  const { records, wraps } = replica.records(here.id, undefined, third.twin)
  await third.spaces.replica.receiveRecords(here.id, records, wraps, replica.self)
  const { milestone } = (here as LocalSpace).milestones.by(replica.self)!
  await third.spaces.replica.receiveMilestone(here.id, encodeMilestone(milestone))
  for (const [hash] of milestone.parts) {
    const name = Array.from(hash, byte => byte.toString(16).padStart(2, '0')).join('')
    await third.spaces.replica.receivePart(here.id, (await keeper.db.get(`c/${here.text}/p/${name}`))!)
  }
  expect(await third.spaces.replica.completeMilestone(here.id)).to.deep.equal({})
  await exchange(keeper, third)
  return third
}

describe('compaction of a space in which something is held', function () {
  this.timeout(60_000)

  it('drops what was applied, keeps what is held and all behind it, and takes that in once it fits', async () => {
    const twins = await openTwins(3)
    const [, other, third] = twins as [TestReplica, TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space, Space]
    for (let round = 0; round < 20; round++) await put(there, 'k', `${round}`)
    await exchange(...twins)
    const late = await forge(twins[0]!, here, { document: paper, update: early(3) })
    await twins[0]!.spaces.replica.receiveRuns(here.id, [late], other.spaces.replica.self)
    for (let round = 0; round < 20; round++) await put(here, 'j', `${round}`)
    for (let round = 0; round < 2; round++) await exchange(...twins)
    expect(there.review().logs.map(({ held }) => held)).to.deep.equal([1])
    const before = entriesIn(there)
    expect((await here.compact()).reason).to.equal(undefined)
    const { dropped, reason } = await there.compact()
    expect(reason).to.equal(undefined)
    expect(dropped).to.be.greaterThan(19)
    expect(entriesIn(there)).to.be.greaterThan(19).and.lessThan(before)
    // As it is after a crash, and for who takes the milestone
    const crashed = { ...other, spaces: await createSpaces(other.init) }
    const again = crashed.spaces.get(here.id)!
    expect([await get(again, 'k'), await get(again, 'j'), await read(again)]).to.deep.equal(['19', '19', ''])
    expect(again.review().logs.map(({ held }) => held)).to.deep.equal([1])
    await third.spaces.get(here.id)!.write(paper, doc => doc.getText('text').insert(0, 'abc'))
    for (let round = 0; round < 2; round++) await exchange(twins[0]!, crashed, third)
    expect(await read(again)).to.equal('abcM')
    for (const replica of [crashed, twins[0]!, third]) {
      const fresh = (await createSpaces({ ...replica.init, rebuildIndex: true })).get(here.id)!
      expect(await read(fresh)).to.equal('abcM')
      expect([await get(fresh, 'k'), await get(fresh, 'j')]).to.deep.equal(['19', '19'])
    }
    const { dropped: rest } = await again.compact()
    expect(rest).to.be.greaterThan(19)
    expect(await read((await createSpaces(other.init)).get(here.id)!)).to.equal('abcM')
  })

  /** Who takes a milestone that was made while an entry was held. */
  const takerBehindHeld = async (keeper: TestReplica, other: TestReplica, here: Space, update: Uint8Array) => {
    const late = await forge(keeper, here, { document: paper, update })
    await keeper.spaces.replica.receiveRuns(here.id, [late], other.spaces.replica.self)
    for (let round = 0; round < 3; round++) await put(here, 'j', `${round}`)
    for (let round = 0; round < 2; round++) await exchange(keeper, other)
    expect((await here.compact()).reason).to.equal(undefined)
    return await taker(keeper, here, [other])
  }

  it('a taker of that milestone gets what is held from the log, and nothing twice', async () => {
    const twins = await openTwins(2)
    const [keeper, other] = twins as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space]
    await put(there, 'k', '1')
    await exchange(...twins)
    const third = await takerBehindHeld(keeper, other, here, early(2))
    const arrived = third.spaces.get(here.id)!
    expect(arrived.review().logs.map(({ held, rejected }) => [held, rejected])).to.deep.equal([[1, 0]])
    expect(await get(arrived, 'j')).to.equal('2')
    await there.write(paper, doc => doc.getText('text').insert(0, 'abc'))
    await exchange(keeper, other, third)
    expect(await read(arrived)).to.equal('abcM')
  })

  it('a taker of a document with something held in it gets that too, and so does who made the milestone', async () => {
    const twins = await openTwins(2)
    const [keeper, other] = twins as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space]
    await there.write(paper, doc => doc.getText('text').insert(0, 'z'))
    await exchange(...twins)
    const third = await takerBehindHeld(keeper, other, here, early(2, 3))
    const arrived = third.spaces.get(here.id)!
    expect([await read(arrived), await get(arrived, 'j')]).to.deep.equal(['z', '2'])
    expect(
      arrived
        .review()
        .logs.map(({ held }) => held)
        .filter(held => held > 0)
    ).to.deep.equal([1])
    await keeper.spaces.stop()
    await keeper.db.open()
    const again = { ...keeper, spaces: await createSpaces(keeper.init) }
    await there.write(paper, doc => doc.getText('text').insert(0, 'abc'))
    await exchange(again, other, third)
    for (const { spaces } of [again, third]) expect(await read(spaces.get(here.id)!)).to.equal('abcMz')
  })

  it('keeps entries of a kind that is not known until it is, and then they are sealed too', async () => {
    const twins = await openTwins(2)
    const [keeper, other] = twins as [TestReplica, TestReplica]
    const [here, there] = (await sharedSpace(twins)) as [Space, Space]
    for (let round = 0; round < 20; round++) await put(here, 'k', `${round}`)
    for (let round = 0; round < 2; round++) await exchange(...twins)
    await other.spaces.stop()
    await other.db.open()
    const older = { ...other, spaces: await createSpaces({ ...other.init, kinds: [keyValueKind] }) }
    await here.write(paper, doc => doc.getText('text').insert(0, 'new'))
    for (let round = 0; round < 20; round++) await put(here, 'j', `${round}`)
    for (let round = 0; round < 2; round++) await exchange(keeper, older)
    const old = older.spaces.get(there.id)!
    expect(old.review().unread).to.deep.equal([paper])
    const { dropped, reason } = await old.compact()
    expect(reason).to.equal(undefined)
    expect(dropped).to.be.greaterThan(19)
    expect(await get(old, 'j')).to.equal('19')
    expect(entriesIn(old)).to.be.greaterThan(19)
    await older.spaces.stop()
    await older.db.open()
    const newer = { ...other, spaces: await createSpaces(other.init) }
    const now = newer.spaces.get(there.id)!
    expect(await read(now)).to.equal('new')
    expect((await now.compact()).dropped).to.be.greaterThan(19)
    expect(entriesIn(now)).to.equal(0)
    const last = (await createSpaces(other.init)).get(there.id)!
    expect([await read(last), await get(last, 'k'), await get(last, 'j')]).to.deep.equal(['new', '19', '19'])
    expect(last.review().unread).to.deep.equal([])
  })
})
