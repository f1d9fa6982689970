import { expect } from 'chai'
import { failingDatabase } from './failing-database.fixture.ts'
import { logOf, runsOf } from './forge.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { exchange, newTwin, openTwins, sharedSpace } from './replicas.fixture.ts'

describe('a run that waits for the one before it', () => {
  /** Two runs of an author, of which the second waits with the late one, whose database fails. */
  async function early(isWritten = false) {
    const twins = await openTwins(2)
    const { db, failAt } = failingDatabase(isWritten)
    const made = await newTwin({ db })
    const late = { ...made, spaces: await createSpaces(made.init) }
    for (const { twin, records, init } of twins) {
      await late.init.directory.receive(twin, records)
      await init.directory.receive(late.twin, late.records)
    }
    const [author, teller] = twins
    const [space, , theirs] = await sharedSpace([author!, teller!, late])
    await exchange(author!, teller!, late)
    for (const letter of ['a', 'b']) await space!.write('text/paper', doc => doc.getText('text').insert(0, letter))
    const log = logOf(author!)
    const [first, second] = (await runsOf(author!, space!)).map(run => ({ log, run }))
    const receive = (run: typeof first, from = log) => late.spaces.replica.receiveRuns(space!.id, [run!], from)
    // Of another than the one who sends what is before it, and who will not say it twice
    expect(await receive(second, logOf(teller!))).include({ accepted: 0, held: 1 })
    return { db, failAt, late, theirs: theirs!, receiveFirst: () => receive(first) }
  }

  it('waits on when that one could not be stored, and is taken once it is', async () => {
    const { failAt, theirs, receiveFirst } = await early()
    failAt(1)
    expect((await receiveFirst()).refused?.code).equal('failed')
    await theirs.flush()
    await receiveFirst()
    await theirs.flush()
    expect((await theirs.doc('text/paper')).getText('text').toString()).equal('ba')
  })

  it('waits no more when both are on the disk, though that was reported as failed', async () => {
    const { db, failAt, late, theirs, receiveFirst } = await early(true)
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    failAt(1)
    expect((await receiveFirst()).refused?.code).equal('failed')
    await theirs.flush()
    db.open = open
    const write = () => late.spaces.self.write('text/own', doc => doc.getText('text').insert(0, 'x'))
    await write().catch(write)
    expect((await theirs.doc('text/paper')).getText('text').toString()).equal('ba')
    expect(theirs.review().logs).deep.equal([])
  })
})
