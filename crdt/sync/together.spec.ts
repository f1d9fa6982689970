import { expect } from 'chai'
import { keyValue } from '../key-value/index.ts'
import { clientId } from '../log/index.ts'
import { forge, type logOf } from '../spaces/forge.fixture.ts'
import type { LocalSpace } from '../spaces/local-space.ts'
import { read, tell, type } from '../spaces/paper.fixture.ts'
import {
  addDevice,
  exchange,
  give,
  openTwins,
  reopen,
  sharedSpace,
  type TestReplica,
  text
} from '../spaces/replicas.fixture.ts'
import type { Space } from '../spaces/space.ts'
import { Link, until } from './link.fixture.ts'

async function overwrite(space: Space, rounds: number): Promise<void> {
  const table = keyValue(space, 'n')
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: 8 }, (_, key) => table.put(`k${key}`, text(`${round}/${key}`))))
  }
}

const headsOf = ({ spaces }: TestReplica, { id }: Space) =>
  JSON.stringify(
    (spaces.replica.space(id)?.frontier() ?? []).map(([twin, device, seq]) => [`${twin}`, device, seq]).sort()
  )

/** A session until both have the same. */
async function meet(one: TestReplica, other: TestReplica, space: Space): Promise<void> {
  const link = new Link(one.spaces.replica, other.spaces.replica).start()
  await until(() => headsOf(one, space) === headsOf(other, space))
  link.cut()
}

const rotated = (space: Space) => until(() => ((space as LocalSpace).context.membership.view?.epochs.length ?? 0) >= 2)

/** A Yjs update of one letter behind an item that may not be there. */
function behind(client: number, clock: number, on: { client: number; clock: number }, letter: string): Uint8Array {
  const bytes = [1, 1, ...uint(client), ...uint(clock), 0x84, ...uint(on.client), ...uint(on.clock), 1]
  return Uint8Array.from([...bytes, letter.charCodeAt(0), 0])
}

function uint(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

describe('milestones, cuts and held entries together', function () {
  this.timeout(60_000)

  it('a held entry that a milestone took the place of keeps nobody from writing', async () => {
    let now = Date.now()
    const more = { clock: () => now, absentMs: 1000 }
    const [ada, mallory, away] = (await openTwins(3, more)) as [TestReplica, TestReplica, TestReplica]
    const [space] = (await sharedSpace([ada, mallory, away])) as [Space]
    const at = (who: TestReplica) => who.spaces.get(space.id)!
    const clientOf = (who: TestReplica) => clientId(at(ada).numberOf(who.twin)!, 1)
    const [m, a] = [clientOf(mallory), clientOf(ada)]
    const receive = (who: TestReplica, run: { log: ReturnType<typeof logOf>; run: Uint8Array }) =>
      who.spaces.replica.receiveRuns(space.id, [run], run.log)
    const first = await forge(mallory, at(mallory), { update: behind(m, 0, { client: a, clock: 2 }, 'M') })
    const update = behind(m, 1, { client: m, clock: 0 }, 'N')
    const second = await forge(mallory, at(mallory), { first: 2, prev: first.hash, update })
    await receive(away, first)
    expect(
      at(away)
        .review()
        .logs.map(({ held }) => held)
    ).to.deep.equal([1])
    await type(at(ada), 'abc')
    for (const run of [first, second]) await receive(ada, run)
    for (let round = 0; round < 2; round++) await exchange(ada, mallory)
    await at(ada).compact()
    now += 1000
    expect((await at(ada).compact()).dropped).to.be.greaterThan(0)
    await meet(ada, away, space)
    const again = await reopen(away)
    await type(at(again), 'x')
    await again.spaces.self.write('text/a', doc => doc.getText('text').insert(0, 'x'))
    expect(await read(at(again))).to.equal('abcMNx')
  })

  it('whoever takes a milestone judges what follows it as all others do', async () => {
    let now = Date.now()
    const more = { clock: () => now, absentMs: 1000 }
    const [home, friend, away] = (await openTwins(3, more)) as [TestReplica, TestReplica, TestReplica]
    const phone = await addDevice(home, 2, [home, friend, away], { scopes: [] })
    await exchange(home, phone)
    const space = await home.spaces.create({ kind: 'shared', name: 's', members: [friend.twin, away.twin] })
    const at = (who: TestReplica) => who.spaces.get(space.id)!
    await exchange(home, phone, friend, away)
    await type(space, 'a')
    for (let round = 0; round < 2; round++) await exchange(home, phone, friend, away)
    await type(at(phone), 'X')
    await give(phone, friend)
    await type(at(friend), 'c')
    await give(phone, away)
    await give(friend, away)
    expect(await read(at(away))).to.equal('aXc')
    await home.spaces.revokeDevice(2)
    await rotated(space)
    await tell(home, friend, away)
    await give(home, away)
    await at(away).flush()
    expect(await read(at(away))).to.equal('a')
    await exchange(home, friend)
    await type(at(friend), 'd')
    for (let round = 0; round < 2; round++) await exchange(home, friend)
    await space.compact()
    now += 1000
    expect((await space.compact()).dropped).to.be.greaterThan(0)
    await meet(home, away, space)
    await type(at(friend), 'e')
    await exchange(home, friend)
    await meet(home, away, space)
    expect(await read(space)).to.equal('acde')
    expect(await read(at(away))).to.equal('acde')
    expect(await read(at(await reopen(away)))).to.equal('acde')
  })

  it('an entry beyond a cut keeps nobody from compacting', async () => {
    const all = (await openTwins(3)) as [TestReplica, TestReplica, TestReplica]
    const [keeper, leaver, friend] = all
    const [here, theirs, there] = (await sharedSpace(all)) as [Space, Space, Space]
    await overwrite(here, 20)
    for (let round = 0; round < 2; round++) await exchange(...all)
    await type(theirs, 'late')
    await give(leaver, friend)
    await keeper.spaces.removeMember(here, leaver.twin)
    for (let round = 0; round < 3; round++) await exchange(keeper, friend)
    await overwrite(there, 2)
    for (let round = 0; round < 3; round++) await exchange(keeper, friend)
    expect((await there.compact()).reason).to.equal(undefined)
  })

  it('nothing is compacted while a log is out at its head, and writing goes on', async () => {
    const [home, friend] = (await openTwins(2)) as [TestReplica, TestReplica]
    const phone = await addDevice(home, 2, [home, friend], { scopes: [] })
    await exchange(home, phone)
    const space = await home.spaces.create({ kind: 'shared', name: 's', members: [friend.twin] })
    const at = (who: TestReplica) => who.spaces.get(space.id)!
    await exchange(home, phone, friend)
    await type(at(friend), 'a')
    for (let round = 0; round < 2; round++) await exchange(home, phone, friend)
    await type(at(phone), 'X')
    await give(phone, friend)
    await type(at(friend), 'c')
    await home.spaces.revokeDevice(2)
    await rotated(space)
    await space.flush()
    await give(friend, home)
    expect(await read(space)).to.equal('a')
    expect((await space.compact()).reason).to.match(/know of a removal/)
    const again = await reopen(home)
    await type(at(again), 'z')
    expect(await read(at(again))).to.equal('az')
  })
})
