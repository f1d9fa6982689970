import { expect } from 'chai'
import type { Space } from '../../crdt/index.ts'
import { createSpaces } from '../../crdt/spaces/local-spaces.ts'
import {
  diaryKind,
  give,
  memoryDatabase,
  newTwin,
  openTwins,
  reopen,
  sharedSpace,
  type TestReplica,
  textKind
} from '../../crdt/spaces/replicas.fixture.ts'
import type { NodeCheck } from '../control/index.ts'
import { componentsOfReplica, examine } from './doctor.fixture.ts'

const write = (space: Space, value: string) => space.write('text/paper', doc => doc.getText('text').insert(0, value))

/** What the doctor of one says about what it received from the other. */
async function received(me: TestReplica, other: TestReplica): Promise<NodeCheck[]> {
  return (await examine(componentsOfReplica(me, [other]))).filter(({ step }) => step === 'received')
}

describe('diagnose() about what was received', () => {
  it('says nothing while all of it is shown', async () => {
    const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    const [, there] = await sharedSpace([one, other])
    await write(there!, 'a')
    await give(other, one)
    expect(await received(one, other)).to.deep.equal([])
  })

  it('a run that waits for an earlier one is a wait, until that came', async () => {
    const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    const [, there] = await sharedSpace([one, other])
    for (const value of ['a', 'b']) await write(there!, value)
    const log = { twin: other.twin, device: 1 }
    const runs = []
    for await (const run of other.spaces.replica.runs(there!.id, log, 0)) runs.push({ log, run })
    await one.spaces.replica.receiveRuns(there!.id, [runs[1]!], log)
    const [check] = await received(one, other)
    expect(check).to.include({ about: 'Contact 1', result: 'wait' })
    expect(check!.detail).to.match(/Namespace shared: one run waits/)
    await one.spaces.replica.receiveRuns(there!.id, [runs[0]!], log)
    expect(await received(one, other)).to.deep.equal([])
  })

  it('what nobody was shown yet after a start is a wait, until a member has answered', async () => {
    const [one, other] = (await openTwins(2, { asksFirst: true })) as [TestReplica, TestReplica]
    const [here] = await sharedSpace([one, other])
    await write(here!, 'a')
    const again = await reopen(one)
    await write(again.spaces.get(here!.id)!, 'b')
    const unshown = async () =>
      (await examine(componentsOfReplica(again, [other]))).filter(({ detail }) => /shown to nobody/.test(detail))
    expect(await unshown()).to.have.length(1)
    again.spaces.replica.heard!(here!.id, other.spaces.replica.self, 'done')
    expect(await unshown()).to.deep.equal([])
  })

  it('a key that has not arrived is a wait that names who can bring it', async () => {
    const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    const { id } = await one.spaces.create({ kind: 'shared', name: 'house', members: [other.twin] })
    const { records, wraps } = one.spaces.replica.records(id, undefined, other.twin)
    await other.spaces.replica.receiveRecords(id, records, [], one.spaces.replica.self)
    const keyless = async () =>
      (await examine(componentsOfReplica(other, [one]))).filter(({ detail }) => /the key of what/.test(detail))
    const [check] = await keyless()
    expect(check).to.include({ step: 'space', result: 'wait' })
    expect(check!.next).to.match(/device that decides/)
    await other.spaces.replica.receiveRecords(id, [], wraps, one.spaces.replica.self)
    expect(await keyless()).to.deep.equal([])
  })

  it('entries that break a rule are a problem', async () => {
    const [one] = (await openTwins(1)) as [TestReplica]
    const other = await join(one, await newTwin({ kinds: [{ ...diaryKind, writer: () => 'members' }] }))
    const space = await other.spaces.create({ kind: 'shared', name: 'diaries', members: [one.twin] })
    await space.write('diary/2', doc => doc.getArray('lines').push(['in the name of another']))
    await give(other, one)
    const [check] = await received(one, other)
    expect(check).to.include({ about: 'Contact 1', result: 'problem' })
    expect(check!.detail).to.match(/Namespace diaries: one entry was received, but left out/)
    expect(check!.next).to.match(/newest version/)
  })

  it('entries that could not be read yet are a wait', async () => {
    const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    const [here] = await sharedSpace([one, other])
    const log = { twin: other.twin, device: 1 }
    here!.review = () => ({
      logs: [{ log, rejected: 0, held: 3, overQuota: 0, cut: 0, waiting: 0, isFrozen: false }],
      unread: [],
      unshown: 0,
      behind: 0
    })
    const [check] = await received(one, other)
    expect(check).to.include({ result: 'wait' })
    expect(check!.detail).to.match(/3 entries were stored, but could not be read/)
  })

  it('entries beyond the quota of their author are a problem that names whose they are', async () => {
    const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    const [here] = await sharedSpace([one, other])
    const log = { twin: other.twin, device: 1 }
    here!.review = () => ({
      logs: [{ log, rejected: 0, held: 5, overQuota: 2, cut: 0, waiting: 0, isFrozen: false }],
      unread: [],
      unshown: 0,
      behind: 0
    })
    const checks = await received(one, other)
    expect(checks.map(({ result, about }) => [result, about])).to.deep.equal([
      ['problem', 'Contact 1'],
      ['wait', 'Contact 1']
    ])
    expect(checks[0]!.detail).to.match(/2 entries were stored, but not shown, .*more than their share/)
    expect(checks[1]!.detail).to.match(/3 entries were stored/)
  })

  it('a log that was written twice is a problem that names the device', async () => {
    const [one] = (await openTwins(1)) as [TestReplica]
    const made = await newTwin()
    const other = await join(one, made)
    const copy = await join(one, { ...made, init: { ...made.init, db: memoryDatabase() } })
    const space = await other.spaces.create({ kind: 'shared', name: 'notes', members: [one.twin] })
    await give(other, copy)
    await write(space, 'one story')
    await write(copy.spaces.get(space.id)!, 'another')
    await give(other, one)
    const run = { log: { twin: other.twin, device: 1 }, run: await firstRun(copy, space) }
    await one.spaces.replica.receiveRuns(space.id, [run], run.log)
    const [check] = await received(one, other)
    expect(check).to.include({ about: 'Contact 1', result: 'problem' })
    expect(check!.detail).to.match(/device 1 wrote two different things/)
  })

  it('documents of a kind that is not known here are a wait with the update as the next step', async () => {
    const [author] = (await openTwins(1)) as [TestReplica]
    const old = await join(author, await newTwin({ kinds: [diaryKind] }))
    const space = await author.spaces.create({ kind: 'shared', name: 'notes', members: [old.twin] })
    await space.write(`${textKind.kind}/paper`, doc => doc.getText('text').insert(0, 'a'))
    await give(author, old)
    const [check] = await received(old, author)
    expect(check).to.include({ about: 'this twin', result: 'wait' })
    expect(check!.detail).to.match(/Namespace notes: one document is of a kind not known here/)
    expect(check!.next).to.match(/Update/)
  })
})

async function join(known: TestReplica, made: Omit<TestReplica, 'spaces'>): Promise<TestReplica> {
  const spaces = await createSpaces(made.init)
  await made.init.directory.receive(known.twin, known.records)
  await known.init.directory.receive(made.twin, made.records)
  return { ...made, spaces }
}

async function firstRun({ twin, spaces }: TestReplica, { id }: Space): Promise<Uint8Array> {
  for await (const run of spaces.replica.runs(id, { twin, device: 1 }, 0)) return run
  throw new Error('Nothing was written')
}
