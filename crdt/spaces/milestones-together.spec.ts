import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { bytesToHex } from '../log/index.ts'
import { decodeWrap } from '../membership/index.ts'
import { encodeMilestone } from '../milestone/index.ts'
import type { LocalSpace } from './local-space.ts'
import { createSpaces } from './local-spaces.ts'
import { paper, read, spaceOf, tell, type } from './paper.fixture.ts'
import {
  addDevice,
  exchange,
  give,
  openTwins,
  readText,
  sharedSpace,
  type TestReplica,
  text
} from './replicas.fixture.ts'
import type { Space } from './space.ts'

const put = (space: Space, key: string, value: string) => keyValue(space, 'n').put(key, text(value))

async function values(space: Space): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {}
  for await (const { key, value } of keyValue(space, 'n').list()) found[key] = readText(value)
  return found
}

/** A device of the twin that knows the space and its key, and nothing that was written in it. */
async function bare(of: TestReplica, number: number, space: Space, others: readonly TestReplica[]) {
  const device = await addDevice(of, number, [of, ...others])
  const { replica } = of.spaces
  const wrapped = () => replica.records(space.id, undefined, device.twin).wraps
  while (!wrapped().some(wrap => decodeWrap(wrap).device === number)) await new Promise(setImmediate)
  const { records, wraps } = replica.records(space.id, undefined, device.twin)
  await device.spaces.replica.receiveRecords(space.id, records, wraps, replica.self)
  return device
}

async function claims(from: TestReplica, to: TestReplica, { id }: Space): Promise<void> {
  await to.spaces.replica.receiveDurable(id, from.spaces.replica.durable(id), from.spaces.replica.self)
}

/** Hands over the milestones that one has. */
async function hand(from: TestReplica, to: TestReplica, { id, ...space }: Space): Promise<void> {
  const { replica } = to.spaces
  for (const { milestone } of (from.spaces.get(id) as LocalSpace).milestones) {
    expect(await replica.receiveMilestone(id, encodeMilestone(milestone))).to.deep.equal({})
    for (const [hash] of milestone.parts) {
      await replica.receivePart(id, (await from.db.get(`c/${space.text}/p/${bytesToHex(hash)}`))!)
    }
    expect(await replica.completeMilestone(id)).to.deep.equal({})
  }
}

/** Two devices of one twin that made milestones, of which neither covers the other. */
async function scene() {
  const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
  const [space, theirs] = (await sharedSpace([one, other])) as [Space, Space]
  const second = await bare(one, 2, space, [other])
  await put(space, 'k', 'first')
  await type(space, 'a')
  for (let round = 0; round < 2; round++) await exchange(one, other, second)
  await put(space, 'of one', '1')
  await type(space, 'b')
  expect((await space.compact()).reason).to.equal(undefined)
  await put(theirs, 'of the other', '2')
  await type(theirs, 'c')
  await give(other, one)
  await give(other, second)
  await claims(one, second, space)
  const there = spaceOf(second, space)
  expect((await there.compact()).reason).to.equal(undefined)
  await give(one, other)
  return { one, other, second, space, theirs }
}

describe('two milestones of which neither covers the other', function () {
  this.timeout(60_000)

  it('are taken together: a reader has what either has, in either order, also after a crash', async () => {
    const { one, other, second, space, theirs } = await scene()
    const expected = { k: 'first', 'of one': '1', 'of the other': '2' }
    expect(await values(theirs)).to.deep.equal(expected)
    const papers: string[] = []
    for (const [number, order] of [[3, [one, second]] as const, [4, [second, one]] as const]) {
      const reader = await bare(one, number, space, [other])
      for (const from of order) await hand(from, reader, space)
      const crashed = (await createSpaces(reader.init)).get(space.id)!
      for (const replica of [spaceOf(reader, space), crashed]) {
        expect(await values(replica)).to.deep.equal(expected)
        papers.push(await read(replica))
      }
      // What it writes next builds on both
      await put(crashed, 'k', 'again')
      expect(await values(crashed)).to.deep.equal({ ...expected, k: 'again' })
    }
    expect(new Set(papers)).to.deep.equal(new Set([await read(theirs)]))
  })

  it('go on together to the next device, and make one when the reader compacts', async () => {
    const { one, other, second, space } = await scene()
    const reader = await bare(one, 3, space, [other])
    for (const from of [one, second]) await hand(from, reader, space)
    const offers = reader.spaces.replica.milestonesFor(space.id, [], one.twin)
    expect(offers).to.have.length(2)
    const next = await bare(one, 4, space, [other, reader])
    await tell(reader, next)
    await hand(reader, next, space)
    expect(await values(spaceOf(next, space))).to.deep.equal(await values(spaceOf(reader, space)))
    for (let round = 0; round < 2; round++) await exchange(one, other, second, reader, next)
    const here = spaceOf(reader, space) as LocalSpace
    expect((await here.compact()).reason).to.equal(undefined)
    expect([...here.milestones]).to.have.length(1)
    expect((await createSpaces(reader.init)).get(space.id)).to.not.equal(undefined)
    expect((await (await createSpaces(reader.init)).get(space.id)!.doc(paper)).getText('text').toString()).to.equal(
      await read(space)
    )
  })
})
