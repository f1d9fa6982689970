import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import type { Database } from '../store/index.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import {
  diaryKind,
  exchange,
  give,
  indexRows,
  newTwin,
  openTwins,
  readText,
  sharedSpace,
  type TestReplica,
  text
} from './replicas.fixture.ts'
import type { Space } from './space.ts'

async function runsIn(db: Database, space: Space): Promise<number> {
  let count = 0
  for await (const _ of db.keys({ gt: `r/${space.text}/`, lt: `r/${space.text}0` })) count++
  return count
}

async function overwrite(space: Space, rounds: number, keys = 8): Promise<void> {
  const table = keyValue(space, 'n')
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: keys }, (_, key) => table.put(`k${key}`, text(`${round}/${key}`))))
  }
}

async function values(space: Space): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {}
  for await (const { key, value } of keyValue(space, 'n').list()) found[key] = readText(value)
  return found
}

/** Devices that lack nothing of each other, by their own word. */
async function settle(...replicas: readonly TestReplica[]): Promise<void> {
  await exchange(...replicas)
  await exchange(...replicas)
}

describe('compaction', function () {
  this.timeout(60_000)

  it('drops what nobody lacks and leaves every document as it was, live, after a crash, a stop and more writes', async () => {
    const twin = await newTwin()
    const spaces = await createSpaces(twin.init)
    await overwrite(spaces.self, 30)
    await spaces.self.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
    const [rows, before] = [await indexRows(twin.db), await runsIn(twin.db, spaces.self)]
    const { dropped, reason } = await spaces.self.compact()
    expect(reason).to.equal(undefined)
    expect(dropped).to.be.greaterThan(30)
    expect(await runsIn(twin.db, spaces.self))
      .to.equal(0)
      .and.lessThan(before)
    expect(await indexRows(twin.db)).to.deep.equal(rows)
    const crashed = await createSpaces(twin.init)
    expect((await crashed.self.doc('text/a')).getText('text').toString()).to.equal('abc')
    await overwrite(crashed.self, 2)
    await crashed.self.write('text/a', doc => doc.getText('text').insert(3, 'def'))
    await crashed.stop()
    const stopped = await createSpaces(twin.init)
    expect(await values(stopped.self)).to.deep.equal(
      Object.fromEntries(Array.from({ length: 8 }, (_, key) => [`k${key}`, `1/${key}`]))
    )
    expect((await stopped.self.doc('text/a')).getText('text').toString()).to.equal('abcdef')
  })

  it('done again drops nothing and changes nothing', async () => {
    const twin = await newTwin()
    const spaces = await createSpaces(twin.init)
    const { self } = spaces
    await overwrite(self, 10)
    await self.compact()
    const rows = await indexRows(twin.db)
    expect((await self.compact()).dropped).to.equal(0)
    expect(await indexRows(twin.db)).to.deep.equal(rows)
    await overwrite(self, 10)
    expect((await self.compact()).dropped).to.be.greaterThan(9)
    // One copy of each document: the stop has nothing to write
    await spaces.stop()
    const copies = await twin.db.keys({ gt: `s/${self.text}/`, lt: `s/${self.text}0` }).all()
    expect(copies.filter(key => key !== `s/${self.text}/`)).to.deep.equal([])
    const again = await createSpaces(twin.init)
    expect(await values(again.self)).to.deep.equal(await values(self))
  })

  it('never drops what a listed device has not, and drops it once that device says that it has', async () => {
    const twins = await openTwins(3)
    const [space, theirs] = await sharedSpace(twins)
    await settle(...twins)
    await overwrite(space!, 20)
    await exchange(twins[0]!, twins[1]!)
    const runs = await runsIn(twins[0]!.db, space!)
    expect((await space!.compact()).dropped).to.equal(0)
    expect(await runsIn(twins[0]!.db, space!)).to.equal(runs)
    await settle(...twins)
    expect((await space!.compact()).dropped).to.be.greaterThan(19)
    expect((await theirs!.compact()).dropped).to.be.greaterThan(19)
    await overwrite(theirs!, 1)
    await settle(...twins)
    for (const replica of twins) {
      expect(await values(replica.spaces.get(space!.id)!)).to.deep.equal(await values(space!))
    }
  })

  it('counts a device as away after it has lacked something for the time that is set, by this device alone', async () => {
    let now = Date.now()
    const twins = await openTwins(3, { clock: () => now, absentMs: 1000 })
    const [space] = await sharedSpace(twins)
    await overwrite(space!, 20)
    await settle(twins[0]!, twins[1]!)
    expect((await space!.compact()).dropped).to.equal(0)
    now += 999
    expect((await space!.compact()).dropped).to.equal(0)
    now += 1
    expect((await space!.compact()).dropped).to.be.greaterThan(19)
  })

  it('never counts the keeper of the space as away: cuts cover what it holds', async () => {
    let now = Date.now()
    const twins = await openTwins(3, { clock: () => now, absentMs: 1000 })
    const [, theirs] = await sharedSpace(twins)
    await overwrite(theirs!, 20)
    await settle(twins[1]!, twins[2]!)
    await theirs!.compact()
    now += 5000
    expect((await theirs!.compact()).dropped).to.equal(0)
    await settle(...twins)
    expect((await theirs!.compact()).dropped).to.be.greaterThan(19)
  })

  it('waits for a second holder when there are other devices', async () => {
    let now = Date.now()
    const twins = await openTwins(2, { clock: () => now, absentMs: 1000 })
    const [space] = await sharedSpace(twins)
    await overwrite(space!, 20)
    await space!.compact()
    now += 5000
    expect((await space!.compact()).dropped).to.equal(0)
    await settle(...twins)
    expect((await space!.compact()).dropped).to.be.greaterThan(19)
  })

  it('leaves spaces alone whose documents have one writer', async () => {
    const twin = await newTwin({ kinds: [diaryKind] })
    const spaces = await createSpaces(twin.init)
    const space = await spaces.create({ kind: 'group', name: 'x', members: [] })
    await space.write('diary/1', doc => doc.getArray('lines').push(['a']))
    const { dropped, reason } = await space.compact()
    expect(dropped).to.equal(0)
    expect(reason).to.contain('kept whole')
  })

  it('leaves replicas equal to each other, some of which compact and some never do', async () => {
    const twins = await openTwins(3)
    const spaces = await sharedSpace(twins)
    for (let round = 0; round < 24; round++) {
      const at = (round * 7) % 3
      await overwrite(spaces[at]!, 1, 1 + (round % 8))
      await keyValue(spaces[at]!, 'n').delete(`k${round % 5}`)
      await spaces[at]!.write('text/a', doc => doc.getText('text').insert(0, `${round} `))
      if (round % 3 === 0) await exchange(twins[round % 2]!, twins[2]!)
      if (round % 4 === 0) await settle(...twins)
      // The third never does
      if (round % 4 === 1) for (const space of spaces.slice(0, 2)) await space.compact()
    }
    await settle(...twins)
    expect(await runsIn(twins[2]!.db, spaces[2]!)).to.be.greaterThan(await runsIn(twins[0]!.db, spaces[0]!))
    const words = async (space: Space) => (await space.doc('text/a')).getText('text').toString()
    for (const [index, space] of spaces.entries()) {
      expect(await values(space)).to.deep.equal(await values(spaces[2]!))
      expect(await words(space)).to.equal(await words(spaces[2]!))
      const again = (await createSpaces(twins[index]!.init)).get(space.id)!
      expect(await words(again)).to.equal(await words(spaces[2]!))
      expect(await values(again)).to.deep.equal(await values(spaces[2]!))
    }
  })

  it('loses nothing whichever of its writes fails, and is finished by the next one', async () => {
    for (let write = 1; ; write++) {
      const { db, failAt, writes } = failingDatabase()
      const twin = await newTwin({ db })
      const spaces = await createSpaces(twin.init)
      await overwrite(spaces.self, 6)
      await spaces.self.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
      const expected = await values(spaces.self)
      const before = writes()
      failAt(write, true)
      await spaces.self.compact()
      const used = writes() - before
      failAt(Number.POSITIVE_INFINITY)
      const again = await createSpaces(twin.init)
      expect(await values(again.self), `${write}`).to.deep.equal(expected)
      expect((await again.self.doc('text/a')).getText('text').toString()).to.equal('abc')
      await overwrite(again.self, 1)
      await again.self.compact()
      expect(await runsIn(db, again.self)).to.equal(0)
      expect((await (await createSpaces(twin.init)).self.doc('text/a')).getText('text').toString()).to.equal('abc')
      if (used < write) return expect(write).to.be.greaterThan(4)
    }
  })

  it('a removal after it takes out what it takes out elsewhere, though the beginning of the logs is gone', async () => {
    const all = await openTwins(3)
    const [keeper, leaver, friend] = all as [TestReplica, TestReplica, TestReplica]
    const [here, theirs, there] = (await sharedSpace(all)) as [Space, Space, Space]
    await overwrite(here, 20)
    await there.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
    await settle(...all)
    expect((await there.compact()).reason).to.equal(undefined)
    expect((await here.compact()).reason).to.equal(undefined)
    // The former value of k0 is in the milestone only
    await keyValue(theirs, 'n').put('k0', text('late'))
    await theirs.write('text/a', doc => doc.getText('text').insert(3, 'X'))
    await give(leaver, friend)
    await there.write('text/a', doc => doc.getText('text').insert(4, 'd'))
    expect((await values(there)).k0).to.equal('late')
    await keeper.spaces.removeMember(here, leaver.twin)
    await exchange(keeper, friend)
    expect((await values(there)).k0).to.equal('19/0')
    for (const space of [here, there]) {
      expect((await space.doc('text/a')).getText('text').toString()).to.equal('abcd')
    }
    const rows = async ({ db }: TestReplica) =>
      [...(await indexRows(db))].filter(([key]) => key.startsWith(`i/${here.text}/`))
    expect(await rows(friend)).to.deep.equal(await rows(keeper))
  })

  it('waits while a device that decides about removals has not got all of it: later nothing could be taken out', async () => {
    const all = await openTwins(3)
    const [keeper, leaver, friend] = all as [TestReplica, TestReplica, TestReplica]
    const [here, theirs, there] = (await sharedSpace(all)) as [Space, Space, Space]
    await overwrite(here, 20)
    await settle(...all)
    await theirs.write('text/a', doc => doc.getText('text').insert(0, 'X'))
    await give(leaver, friend)
    expect((await there.compact()).reason).to.match(/have not got all of it/)
    await keeper.spaces.removeMember(here, leaver.twin)
    await settle(keeper, friend)
    expect((await there.doc('text/a')).getText('text').toString()).to.equal('')
  })
})
