import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import type { Space } from '../spaces/index.ts'
import { createSpaces } from '../spaces/local-spaces.ts'
import {
  exchange,
  indexRows,
  newTwin,
  openTwins,
  readText,
  sharedSpace,
  type TestReplica,
  text
} from '../spaces/replicas.fixture.ts'
import { Link } from './link.fixture.ts'

async function overwrite(space: Space, rounds: number, by = ''): Promise<void> {
  const table = keyValue(space, 'n')
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: 8 }, (_, key) => table.put(`k${key}`, text(`${by}${round}/${key}`))))
  }
}

async function values(space: Space): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {}
  for await (const { key, value } of keyValue(space, 'n').list()) found[key] = readText(value)
  return found
}

/** Until both have the same of the space. */
async function sync(one: TestReplica, other: TestReplica, { id }: Space): Promise<Link> {
  const link = new Link(one.spaces.replica, other.spaces.replica).start()
  const has = ({ spaces }: TestReplica): string => {
    const heads = spaces.replica.space(id)?.frontier() ?? []
    return JSON.stringify(heads.map(([twin, device, seq]) => `${twin}/${device}/${seq}`).sort())
  }
  while (has(one) !== has(other)) {
    expect(link.errors()).to.deep.equal([])
    await new Promise(setImmediate)
  }
  link.cut()
  return link
}

/** A twin that is made a member later. */
async function newcomer(knows: readonly TestReplica[]): Promise<TestReplica> {
  const twin = await newTwin()
  const replica = { ...twin, spaces: await createSpaces(twin.init) }
  for (const other of knows) {
    await replica.init.directory.receive(other.twin, other.records)
    await other.init.directory.receive(replica.twin, replica.records)
  }
  return replica
}

async function rowsOf(replica: TestReplica, space: Space): Promise<Record<string, string>> {
  const rows = [...(await indexRows(replica.db))]
  return Object.fromEntries(rows.filter(([key]) => key.startsWith(`i/${space.text}/`)))
}

describe('a milestone', function () {
  this.timeout(60_000)

  it('brings a new member what the logs no longer have, and the member brings it to the next one', async () => {
    const twins = await openTwins(2)
    const [space, theirs] = await sharedSpace(twins)
    await overwrite(space!, 20)
    await space!.write('text/a', doc => doc.getText('text').insert(0, 'abc'))
    await exchange(...twins)
    await overwrite(theirs!, 3, 'theirs ')
    await exchange(...twins)
    await exchange(...twins)
    expect((await space!.compact()).dropped).to.be.greaterThan(20)
    expect((await theirs!.compact()).dropped).to.be.greaterThan(20)
    await overwrite(theirs!, 1, 'late ')
    await exchange(...twins)
    const third = await newcomer(twins)
    await twins[0]!.spaces.addMember(space!, third.twin)
    await sync(twins[0]!, third, space!)
    const arrived = third.spaces.get(space!.id)!
    expect(await values(arrived)).to.deep.equal(await values(space!))
    expect(await rowsOf(third, space!)).to.deep.equal(await rowsOf(twins[0]!, space!))
    expect((await arrived.doc('text/a')).getText('text').toString()).to.equal('abc')
    // It reads the same after a crash, writes, and serves others
    const crashed = { ...third, spaces: await createSpaces(third.init) }
    const reopened = crashed.spaces.get(space!.id)!
    expect((await reopened.doc('text/a')).getText('text').toString()).to.equal('abc')
    await overwrite(reopened, 1, 'third ')
    const fourth = await newcomer([...twins, third])
    await twins[0]!.spaces.addMember(space!, fourth.twin)
    await sync(twins[0]!, crashed, space!)
    // Only the keeper wraps keys to members
    const { replica } = twins[0]!.spaces
    const { records, wraps } = replica.records(space!.id, undefined, fourth.twin)
    await fourth.spaces.replica.receiveRecords(space!.id, records, wraps, replica.self)
    await sync(crashed, fourth, space!)
    expect(await values(fourth.spaces.get(space!.id)!)).to.deep.equal(await values(reopened))
    await exchange(...twins, crashed, fourth)
    for (const replica of [...twins, fourth]) {
      expect(await rowsOf(replica, space!)).to.deep.equal(await rowsOf(crashed, space!))
    }
  })

  it('made while others write covers what its snapshots have, and nothing is applied twice', async () => {
    const twins = await openTwins(2)
    const [space, theirs] = await sharedSpace(twins)
    await overwrite(space!, 5)
    await exchange(...twins)
    await exchange(...twins)
    const compaction = space!.compact()
    let isRunning = true
    void compaction.finally(() => {
      isRunning = false
    })
    for (let round = 0; isRunning; round++) await overwrite(space!, 1, `meanwhile ${round} `)
    expect((await compaction).dropped).to.be.greaterThan(4)
    await exchange(...twins)
    const third = await newcomer(twins)
    await twins[0]!.spaces.addMember(space!, third.twin)
    await sync(twins[0]!, third, space!)
    const arrived = third.spaces.get(space!.id)!
    expect(arrived.review().logs).to.deep.equal([])
    expect(await rowsOf(third, space!)).to.deep.equal(await rowsOf(twins[0]!, space!))
    await overwrite(arrived, 1, 'third ')
    await sync(twins[0]!, third, space!)
    expect(await values(space!)).to.deep.equal(await values(arrived))
    expect(await values(theirs!)).to.have.all.keys(await values(space!))
    const crashed = await createSpaces(third.init)
    await overwrite(crashed.get(space!.id)!, 1, 'again ')
    expect(await values(crashed.get(space!.id)!)).to.deep.include({ k0: 'again 0/0' })
  })

  it('brings a device that was away what others dropped, and keeps what that device wrote meanwhile', async () => {
    let now = Date.now()
    const twins = await openTwins(3, { clock: () => now, absentMs: 1000 })
    const [space, theirs, away] = await sharedSpace(twins)
    await overwrite(space!, 3)
    await exchange(...twins)
    await exchange(...twins)
    await keyValue(away!, 'n').put('mine', text('written while away'))
    await overwrite(space!, 20, 'later ')
    await exchange(twins[0]!, twins[1]!)
    await exchange(twins[0]!, twins[1]!)
    await space!.compact()
    now += 1000
    expect((await space!.compact()).dropped).to.be.greaterThan(10)
    await sync(twins[0]!, twins[2]!, space!)
    expect(await values(away!)).to.deep.include({ mine: 'written while away', k0: 'later 19/0' })
    await sync(twins[0]!, twins[2]!, space!)
    await sync(twins[0]!, twins[1]!, space!)
    for (const other of [space!, theirs!]) expect(await values(other)).to.deep.equal(await values(away!))
    await twins[2]!.spaces.stop()
    const again = await createSpaces(twins[2]!.init)
    await overwrite(again.get(space!.id)!, 1, 'again ')
    expect(await values(again.get(space!.id)!)).to.deep.include({ mine: 'written while away', k0: 'again 0/0' })
  })
})
