import { expect } from 'chai'
import { bytesToHex } from '../log/index.ts'
import { decodeWrap } from '../membership/index.ts'
import {
  decodeMilestone,
  encodeMilestone,
  type ListedDocument,
  type Milestone,
  sealParts,
  signMilestone
} from '../milestone/index.ts'
import type { Snapshot } from '../spaces/held-milestone.ts'
import type { Space } from '../spaces/index.ts'
import type { LocalSpace } from '../spaces/local-space.ts'
import { createSpaces } from '../spaces/local-spaces.ts'
import { spaceOf } from '../spaces/paper.fixture.ts'
import { addDevice, crypto, newTwin, openTwins, type TestReplica } from '../spaces/replicas.fixture.ts'
import { said, say, talkKind } from '../spaces/talk.fixture.ts'
import { Link } from './link.fixture.ts'

const kinds = [talkKind]

/** Entries that the store has of all logs. */
const entriesIn = (space: Space): number =>
  [...(space as LocalSpace).context.logs].reduce((sum, { seq, base }) => sum + seq - base.seq, 0)

function headsOf({ spaces }: TestReplica, { id }: Space): string {
  const heads = spaces.replica.space(id)?.frontier() ?? []
  return JSON.stringify(heads.map(([twin, device, seq]) => `${twin}/${device}/${seq}`).sort())
}

/** Whether one holds what the other has sealed, or a newer milestone in its place. */
function holds(one: TestReplica, other: TestReplica, { id }: Space): boolean {
  const [mine, theirs] = [one, other].map(({ spaces }) => (spaces.get(id) as LocalSpace | undefined)?.milestones)
  return [...(theirs ?? [])].every(({ milestone }) => mine?.covers(milestone) === true)
}

/** Until both have the same of the space, milestones too. */
async function sync(one: TestReplica, other: TestReplica, space: Space): Promise<void> {
  const link = new Link(one.spaces.replica, other.spaces.replica).start()
  const isEven = () =>
    headsOf(one, space) === headsOf(other, space) && holds(one, other, space) && holds(other, one, space)
  // A few turns more: what both say to hold is told last
  for (let quiet = 0; quiet < 50; quiet = link.inFlight === 0 && isEven() ? quiet + 1 : 0) {
    expect(link.errors()).to.deep.equal([])
    await new Promise(setImmediate)
  }
  link.cut()
}

/** Members of a group who have all that each of them said. */
async function group(count: number): Promise<{ readonly twins: TestReplica[]; readonly spaces: Space[] }> {
  const twins = await openTwins(count, { kinds })
  const [first, ...others] = twins as [TestReplica, ...TestReplica[]]
  const space = await first.spaces.create({ kind: 'group', name: 'g', members: others.map(({ twin }) => twin) })
  await say(space, 'welcome')
  for (const other of others) await sync(first, other, space)
  const spaces = twins.map(twin => spaceOf(twin, space))
  for (let round = 0; round < 20; round++) {
    for (const [at, here] of spaces.entries())
      await say(here, ...[`${round}`, `and ${round}`].slice(0, 1 + ((round + at) % 2)))
  }
  for (let round = 0; round < 2; round++) {
    for (const one of twins) for (const other of twins) if (one !== other) await sync(one, other, space)
  }
  return { twins, spaces }
}

/** Every member seals what it said, and all hold that. */
async function seal(twins: readonly TestReplica[], spaces: readonly Space[]): Promise<void> {
  for (const space of spaces) expect((await space.compact()).reason).to.equal(undefined)
  for (const one of twins) for (const other of twins) if (one !== other) await sync(one, other, spaces[0]!)
  for (const space of spaces) expect((await space.compact()).reason).to.equal(undefined)
}

/** A twin that nobody has met, and is made a member. */
async function newcomer(twins: readonly TestReplica[], space: Space): Promise<TestReplica> {
  const made = await newTwin({ kinds })
  const third = { ...made, spaces: await createSpaces(made.init) }
  for (const other of twins) {
    await third.init.directory.receive(other.twin, other.records)
    await other.init.directory.receive(third.twin, third.records)
  }
  await twins[0]!.spaces.addMember(space, third.twin)
  return third
}

/** A milestone that a member signs of what it said, with one line changed. */
async function forgeLines(by: TestReplica, { id, milestones }: LocalSpace) {
  const { twin, device } = by.spaces.replica.self
  const self = { twin, device }
  const { milestone, documents } = milestones.by(self)!
  const [[document, snapshot]] = [...documents] as [[string, Snapshot]]
  const state = (await milestones.state(snapshot))!.slice()
  // "and 7" becomes "AND 7"
  const at = Buffer.from(state).indexOf('and 7')
  state.set(new TextEncoder().encode('AND 7'), at)
  const key = milestones.key(self, 1)!
  const parts = await sealParts(state, { space: id, by: self, epoch: 1, document }, key, crypto)
  const of = parts.map(({ hash, sealed }) => [hash, sealed.length] as const)
  const bytes = await resign(by, milestone, { parts: of, number: 9 }, [snapshot.listed], key)
  return { milestone: bytes, parts: parts.map(({ sealed }) => sealed) }
}

async function resign(
  by: TestReplica,
  milestone: Milestone,
  changed: Partial<Milestone>,
  listed: readonly ListedDocument[] = [],
  key: Uint8Array = new Uint8Array(32)
): Promise<Uint8Array> {
  return encodeMilestone(await signMilestone({ ...milestone, ...changed }, listed, key, by.init.me.signer, crypto))
}

describe('compaction of conversations', function () {
  this.timeout(60_000)

  it('drops what all members hold sealed by who said it, and every line reads the same, after a crash too', async () => {
    const { twins, spaces } = await group(3)
    const before = await said(spaces[0]!)
    expect(before).to.have.length(91)
    await seal(twins, spaces)
    for (const [at, twin] of twins.entries()) {
      expect(entriesIn(spaces[at]!)).to.equal(0)
      expect(await said(spaces[at]!)).to.deep.equal(before)
      const again = await createSpaces({ ...twin.init, rebuildIndex: true })
      expect(await said(again.get(spaces[0]!.id)!)).to.deep.equal(before)
    }
    const crashed = { ...twins[1]!, spaces: await createSpaces(twins[1]!.init) }
    await say(spaceOf(crashed, spaces[0]!), 'later')
    await sync(crashed, twins[0]!, spaces[0]!)
    expect(await said(spaces[0]!)).to.deep.equal(await said(spaceOf(crashed, spaces[0]!)))
    expect(await said(spaces[0]!)).to.have.length(92)
  })

  it('goes on: what is said later is sealed with what was before', async () => {
    const { twins, spaces } = await group(2)
    await seal(twins, spaces)
    for (let round = 0; round < 5; round++) for (const space of spaces) await say(space, `later ${round}`)
    for (let round = 0; round < 2; round++) await sync(twins[0]!, twins[1]!, spaces[0]!)
    await seal(twins, spaces)
    for (const [at, twin] of twins.entries()) {
      expect(entriesIn(spaces[at]!)).to.equal(0)
      expect(await said((await createSpaces({ ...twin.init, rebuildIndex: true })).get(spaces[0]!.id)!)).to.deep.equal(
        await said(spaces[at]!)
      )
      expect([...(spaces[at] as LocalSpace).milestones]).to.have.length(2)
    }
  })

  it('keeps what a member said until that member has sealed it', async () => {
    const { spaces } = await group(2)
    const entries = entriesIn(spaces[0]!)
    expect((await spaces[0]!.compact()).dropped).to.equal(21)
    expect(entriesIn(spaces[0]!)).to.equal(entries - 21)
    expect((await spaces[0]!.compact()).dropped).to.equal(0)
  })

  it('brings a newcomer what others said, from a member who only holds it', async () => {
    const { twins, spaces } = await group(3)
    const before = await said(spaces[0]!)
    await seal(twins, spaces)
    const third = await newcomer(twins, spaces[0]!)
    const { records, wraps } = twins[0]!.spaces.replica.records(spaces[0]!.id, undefined, third.twin)
    for (const to of [twins[1]!, third]) {
      await to.spaces.replica.receiveRecords(
        spaces[0]!.id,
        records,
        to === third ? wraps : [],
        twins[0]!.spaces.replica.self
      )
    }
    await sync(twins[1]!, third, spaces[0]!)
    const arrived = spaceOf(third, spaces[0]!)
    expect(await said(arrived)).to.deep.equal(before)
    const again = await createSpaces(third.init)
    await say(again.get(spaces[0]!.id)!, 'hello')
    expect(await said(again.get(spaces[0]!.id)!)).to.have.length(before.length + 1)
  })

  it('brings a new device of a member everything, and both devices go on sealing', async () => {
    const { twins, spaces } = await group(2)
    await seal(twins, spaces)
    const [one, other] = twins as [TestReplica, TestReplica]
    const second = await addDevice(one, 2, [one, other], { spaces: { kinds } })
    const { replica } = one.spaces
    const wrapped = () => replica.records(spaces[0]!.id, undefined, second.twin).wraps
    while (!wrapped().some(wrap => decodeWrap(wrap).device === 2)) await new Promise(setImmediate)
    const { records, wraps } = replica.records(spaces[0]!.id, undefined, second.twin)
    await second.spaces.replica.receiveRecords(spaces[0]!.id, records, wraps, replica.self)
    await sync(one, second, spaces[0]!)
    const there = spaceOf(second, spaces[0]!)
    expect(await said(there)).to.deep.equal(await said(spaces[0]!))
    await say(there, 'from the second')
    await say(spaces[0]!, 'from the first')
    for (let round = 0; round < 2; round++) {
      for (const [from, to] of [
        [one, second],
        [one, other],
        [second, other]
      ] as const)
        await sync(from, to, spaces[0]!)
    }
    expect((await there.compact()).reason).to.equal(undefined)
    await sync(second, other, spaces[0]!)
    await sync(second, one, spaces[0]!)
    for (const twin of [one, second, other]) {
      const again = (await createSpaces({ ...twin.init, rebuildIndex: true })).get(spaces[0]!.id)!
      expect(await said(again)).to.deep.equal(await said(spaces[1]!))
      const authors = [...(again as LocalSpace).milestones].map(({ milestone: { by } }) => by.device).sort()
      expect(authors).to.deep.equal([1, 2])
    }
  })

  it('holds no milestone that says other things than the log, and nobody may seal for another', async () => {
    const { twins, spaces } = await group(2)
    const [liar, other] = twins as [TestReplica, TestReplica]
    const before = await said(spaces[1]!)
    // Another twin of the same keys that said other things: its milestone is signed and sound
    const { milestones } = spaces[0] as LocalSpace
    await spaces[0]!.compact()
    const honest = milestones.by(liar.spaces.replica.self)!.milestone
    const forged = await forgeLines(liar, spaces[0] as LocalSpace)
    const { replica } = other.spaces
    expect((await replica.receiveMilestone(spaces[0]!.id, forged.milestone)).answer).to.deep.include({ wants: true })
    for (const part of forged.parts) await replica.receivePart(spaces[0]!.id, part)
    expect((await replica.completeMilestone(spaces[0]!.id)).refused).to.deep.equal({
      code: 'chain',
      reason: 'The milestone says other things than the logs here'
    })
    expect([...(spaces[1] as LocalSpace).milestones]).to.deep.equal([])
    expect(await said(spaces[1]!)).to.deep.equal(before)
    const logs = [...honest.logs, ...other.spaces.replica.space(spaces[0]!.id)!.frontier()]
    const greedy = await resign(liar, honest, { logs, number: 10 })
    expect((await replica.receiveMilestone(spaces[0]!.id, greedy)).refused).to.deep.equal({
      code: 'membership',
      reason: 'The milestone covers what is not of its writer'
    })
    expect(decodeMilestone(encodeMilestone(honest)).version).to.equal(2)
    expect(bytesToHex(honest.by.twin)).to.equal(bytesToHex(liar.twin))
  })
})
