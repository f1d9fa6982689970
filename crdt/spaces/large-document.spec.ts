import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { shardNumber } from '../key-value/key-value.ts'
import { failNextWrite, holdWriting } from './database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { exchange, indexRows, newTwin, openTwins, sharedSpace, type TestReplica, text } from './replicas.fixture.ts'
import type { Space } from './space.ts'

/** More rows than are written at once, all of one document. */
const count = 5000

interface Scene {
  readonly keeper: TestReplica
  readonly third: TestReplica
  readonly space: Space
}

/** A space with a milestone, and a new member that has nothing of it. */
async function scene(): Promise<Scene> {
  const twins = await openTwins(2)
  const [space] = await sharedSpace(twins)
  const keys: string[] = []
  for (let n = 0; keys.length < count; n++) if (shardNumber(`k${n}`) === 3) keys.push(`k${n}`)
  await Promise.all(keys.map(key => keyValue(space!, 'n').put(key, text(key))))
  for (let round = 0; round < 3; round++) await exchange(...twins)
  await space!.compact()
  const made = await newTwin()
  const third = { ...made, spaces: await createSpaces(made.init) }
  for (const other of twins) {
    await third.init.directory.receive(other.twin, other.records)
    await other.init.directory.receive(third.twin, third.records)
  }
  const [keeper] = twins as [TestReplica]
  await keeper.spaces.addMember(space!, third.twin)
  const { replica } = keeper.spaces
  const { records, wraps } = replica.records(space!.id, undefined, third.twin)
  await third.spaces.replica.receiveRecords(space!.id, records, wraps, replica.self)
  return { keeper, third, space: space! }
}

/** All parts of the milestone, and not yet that these are all. */
async function bring({ keeper, third, space }: Scene): Promise<void> {
  const [offer] = keeper.spaces.replica.milestonesFor(space.id, [], third.twin)
  await third.spaces.replica.receiveMilestone(space.id, offer!.milestone)
  for await (const part of offer!.parts()) await third.spaces.replica.receivePart(space.id, part)
}

async function rowsOf({ db }: TestReplica, space: Space): Promise<Record<string, string>> {
  return Object.fromEntries([...(await indexRows(db))].filter(([key]) => key.startsWith(`i/${space.text}/`)))
}

describe('a large document of a milestone', () => {
  it('is written in pieces, each of its rows told once', async () => {
    const { keeper, third, space } = await bringing()
    const pieces: number[] = []
    third.spaces.get(space.id)!.on('rows', ({ rows }) => pieces.push(rows.length))
    await third.spaces.replica.completeMilestone(space.id)
    expect(pieces.reduce((sum, length) => sum + length, 0)).to.equal(count)
    expect(Math.max(...pieces)).to.be.lessThan(count / 2)
    expect(await rowsOf(third, space)).to.deep.equal(await rowsOf(keeper, space))
  })

  it('is written whole when the disk takes some of its pieces only', async () => {
    const { keeper, third, space } = await bringing()
    // That it is to be taken, and its first piece
    failNextWrite(third.db, 3)
    await third.spaces.replica.completeMilestone(space.id)
    expect(Object.keys(await rowsOf(third, space)).length).to.be.lessThan(count)
    const has = () => third.spaces.replica.space(space.id)?.frontier().length ?? 0
    while (has() === 0) await new Promise(setImmediate)
    expect(await rowsOf(third, space)).to.deep.equal(await rowsOf(keeper, space))
  })

  it('that two sessions bring at once is taken from one, and the other is not kept waiting', async () => {
    const { keeper, third, space } = await bringing()
    const { replica } = third.spaces
    const [offer] = keeper.spaces.replica.milestonesFor(space.id, [], third.twin)
    const release = holdWriting(third.db, `c/${space.text}/n`)
    const one = replica.completeMilestone(space.id)
    await replica.receiveMilestone(space.id, offer!.milestone)
    const other = replica.completeMilestone(space.id)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    release()
    expect((await Promise.all([one, other])).map(({ refused }) => refused)).to.deep.equal([undefined, undefined])
    expect(await rowsOf(third, space)).to.deep.equal(await rowsOf(keeper, space))
  })

  async function bringing(): Promise<Scene> {
    const made = await scene()
    await bring(made)
    return made
  }
})
