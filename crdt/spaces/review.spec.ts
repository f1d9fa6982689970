import { expect } from 'chai'
import { StoreError } from '../store/index.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import {
  diaryKind,
  give,
  indexRows,
  newTwin,
  openTwins,
  sharedSpace,
  type TestReplica,
  textKind
} from './replicas.fixture.ts'

describe('probe()', () => {
  it('resolves when the store takes writes, and leaves nothing in it', async () => {
    const { db, init } = await newTwin()
    const spaces = await createSpaces(init)
    const before = [await db.keys().all(), await indexRows(db)]
    await spaces.probe()
    expect([await db.keys().all(), await indexRows(db)]).to.deep.equal(before)
  })

  it('rejects with a sentence for the owner while writes fail, and resolves when they do not any more', async () => {
    const { db, failAt } = failingDatabase()
    const spaces = await createSpaces((await newTwin({ db })).init)
    failAt(1, true)
    const error = await spaces.probe().catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(StoreError)
    expect((error as Error).message).to.match(/disk is full/)
    failAt(Number.POSITIVE_INFINITY)
    await spaces.probe()
  })

  it('resolves when one write failed and the store was opened again', async () => {
    const { db, failAt, writes } = failingDatabase()
    const spaces = await createSpaces((await newTwin({ db })).init)
    const before = writes()
    failAt(1)
    await spaces.probe()
    expect(writes() - before).to.equal(2)
  })

  it('rejects when the spaces were stopped', async () => {
    const spaces = await createSpaces((await newTwin()).init)
    await spaces.stop()
    expect(await spaces.probe().catch((thrown: unknown) => thrown)).to.be.instanceOf(Error)
  })
})

describe('review()', () => {
  it('is empty while all that came is shown', async () => {
    const [one] = await sharedSpace(await openTwins(2))
    await one!.write('text/paper', doc => doc.getText('text').insert(0, 'a'))
    expect(one!.review()).to.deep.equal({ logs: [], unread: [], unshown: 0, behind: 0 })
  })

  it('counts runs that wait for what they build on, until it came', async () => {
    const twins = await openTwins(2)
    const [one, other] = await sharedSpace(twins)
    const log = { twin: twins[0]!.twin, device: 1 }
    for (const value of ['a', 'b']) await one!.write('text/paper', doc => doc.getText('text').insert(0, value))
    const runs: { log: typeof log; run: Uint8Array }[] = []
    for await (const run of twins[0]!.spaces.replica.runs(one!.id, log, 0)) runs.push({ log, run })
    const receive = (index: number) => twins[1]!.spaces.replica.receiveRuns(one!.id, [runs[index]!], log)
    await receive(1)
    const waiting = { log, rejected: 0, held: 0, overQuota: 0, cut: 0, waiting: 1, isFrozen: false }
    expect(other!.review()).to.deep.equal({ logs: [waiting], unread: [], unshown: 0, behind: 0 })
    await receive(0)
    expect(other!.review()).to.deep.equal({ logs: [], unread: [], unshown: 0, behind: 0 })
  })

  it('counts entries that break a rule, also after a restart', async () => {
    const [honest] = await openTwins(1)
    const changed = await newTwin({ kinds: [{ ...diaryKind, writer: () => 'members' }] })
    const spaces = await createSpaces(changed.init)
    await meet(honest!, { ...changed, spaces })
    const theirs = await spaces.create({ kind: 'shared', name: 'diaries', members: [honest!.twin] })
    const { ref } = await theirs.write('diary/2', doc => doc.getArray('lines').push(['in the name of another']))
    await give({ ...changed, spaces }, honest!)
    const rejected = {
      logs: [
        { log: { twin: ref.twin, device: 1 }, rejected: 1, held: 0, overQuota: 0, cut: 0, waiting: 0, isFrozen: false }
      ],
      unread: [],
      unshown: 0,
      behind: 0
    }
    expect(honest!.spaces.get(theirs.id)!.review()).to.deep.equal(rejected)
    await honest!.spaces.stop()
    const again = await createSpaces(honest!.init)
    expect(again.get(theirs.id)!.review()).to.deep.equal(rejected)
  })

  it('names documents of kinds that are not known here', async () => {
    const [author] = await openTwins(1)
    const old = await newTwin({ kinds: [] })
    const spaces = await createSpaces(old.init)
    await meet(author!, { ...old, spaces })
    const space = await author!.spaces.create({ kind: 'shared', name: 'notes', members: [old.twin] })
    await space.write(`${textKind.kind}/paper`, doc => doc.getText('text').insert(0, 'a'))
    await give(author!, { ...old, spaces })
    expect(spaces.get(space.id)!.review()).to.deep.equal({ logs: [], unread: ['text/paper'], unshown: 0, behind: 0 })
  })
})

async function meet(one: TestReplica, other: TestReplica): Promise<void> {
  await one.init.directory.receive(other.twin, other.records)
  await other.init.directory.receive(one.twin, one.records)
}
