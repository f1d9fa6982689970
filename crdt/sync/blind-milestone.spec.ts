import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import type { Space } from '../spaces/index.ts'
import type { LocalSpace } from '../spaces/local-space.ts'
import { createSpaces } from '../spaces/local-spaces.ts'
import { spaceOf } from '../spaces/paper.fixture.ts'
import {
  exchange,
  newTwin,
  openTwins,
  readText,
  sharedSpace,
  type TestReplica,
  text
} from '../spaces/replicas.fixture.ts'
import { Link } from './link.fixture.ts'

const get = async (space: Space, key: string) => readText((await keyValue(space, 'n').get(key))?.value)

async function newcomer(knows: readonly TestReplica[]): Promise<TestReplica> {
  const twin = await newTwin()
  const replica = { ...twin, spaces: await createSpaces(twin.init) }
  for (const other of knows) {
    await replica.init.directory.receive(other.twin, other.records)
    await other.init.directory.receive(replica.twin, replica.records)
  }
  return replica
}

/** Until the second holds what the first does. */
async function bring(from: TestReplica, to: TestReplica, { id }: Space): Promise<void> {
  const link = new Link(from.spaces.replica, to.spaces.replica).start()
  const has = ({ spaces }: TestReplica) =>
    JSON.stringify(
      (spaces.replica.space(id)?.frontier() ?? []).map(([twin, device, seq]) => `${twin}/${device}/${seq}`).sort()
    )
  while (has(from) !== has(to)) {
    expect(link.errors()).to.deep.equal([])
    await new Promise(setImmediate)
  }
  link.cut()
}

describe('a replica without keys that joins after a compaction', function () {
  this.timeout(60_000)

  it('holds the milestone sealed, over a restart too, and a third catches up from it alone', async () => {
    const twins = await openTwins(2)
    const [keeper, other] = twins as [TestReplica, TestReplica]
    const [space] = (await sharedSpace(twins)) as [Space, Space]
    for (let round = 0; round < 20; round++) await keyValue(space, 'n').put('k', text(`value ${round}`))
    for (let round = 0; round < 2; round++) await exchange(...twins)
    expect((await space.compact()).dropped).to.be.greaterThan(19)
    await keyValue(space, 'n').put('late', text('1'))
    await exchange(...twins)
    const blind = await newcomer(twins)
    await keeper.spaces.addMember(space, blind.twin, 'replica')
    await bring(keeper, blind, space)
    expect((spaceOf(blind, space) as LocalSpace).hasKey).to.equal(false)
    const again = { ...blind, spaces: await createSpaces(blind.init) }
    const third = await newcomer([keeper, other, blind])
    await keeper.spaces.addMember(space, third.twin)
    await bring(keeper, again, space)
    const { replica } = keeper.spaces
    const { records, wraps } = replica.records(space.id, undefined, third.twin)
    await third.spaces.replica.receiveRecords(space.id, records, wraps, replica.self)
    await again.spaces.replica.receiveRecords(space.id, records, [], replica.self)
    await bring(again, third, space)
    const arrived = spaceOf(third, space)
    expect([await get(arrived, 'k'), await get(arrived, 'late')]).to.deep.equal(['value 19', '1'])
    const sealed = await again.db.values({ gt: `c/${space.text}/p/`, lt: `c/${space.text}/p0` }).all()
    expect(sealed).to.have.length.greaterThan(0)
    for (const part of sealed) expect(new TextDecoder().decode(part)).to.not.include('value ')
  })
})
