import { expect } from 'chai'
import { copyOf, holdReading } from './database.fixture.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import type { LocalSpace } from './local-space.ts'
import { createSpaces } from './local-spaces.ts'
import { newTwin } from './replicas.fixture.ts'
import type { Space } from './space.ts'

/** What a document has after the next start, when something is done while it is loaded for the first time since the last one. */
async function textAfter(what: (space: Space) => Promise<unknown>): Promise<string> {
  const twin = await newTwin()
  const { self } = await createSpaces(twin.init)
  for (const letter of 'abc') await self.write('text/a', doc => doc.getText('text').insert(0, letter))
  // As after a crash: the document is in the log alone
  const db = await copyOf(twin.db)
  const again = (await createSpaces({ ...twin.init, db })).self
  const { release } = holdReading(db, `r/${self.text}/`)
  const reading = again.doc('text/a')
  const done = what(again)
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  release()
  await Promise.all([reading, done])
  const last = await createSpaces({ ...twin.init, db: await copyOf(db) })
  return (await last.self.doc('text/a')).getText('text').toString()
}

describe('a document that is being loaded', () => {
  it('is in the milestone that is made meanwhile', async () => {
    expect(await textAfter(space => space.compact())).equal('cba')
  })

  it('is in the snapshots that are written meanwhile', async () => {
    expect(await textAfter(space => (space as LocalSpace).checkpoint())).equal('cba')
  })

  it('is read again, and nothing is wrong with its snapshot, when the store is closed under it after a failed write', async () => {
    const { db, failAt } = failingDatabase()
    const { init } = await newTwin({ db })
    const before = await createSpaces(init)
    await before.self.write('text/a', doc => doc.getText('text').insert(0, 'a'))
    const { id } = await before.create({ kind: 'shared', name: 'other', members: [] })
    const warnings: unknown[] = []
    const log = { debug: () => {}, info: () => {}, warn: (...of: unknown[]) => warnings.push(of), error: () => {} }
    const spaces = await createSpaces({ ...init, log })
    const { self } = spaces
    const { reached, release } = holdReading(db, `r/${self.text}/`)
    const close = db.close.bind(db)
    db.close = async () => {
      await close()
      release()
      // Nobody was told yet
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    }
    const reading = self.doc('text/a')
    await reached
    failAt(1)
    const other = spaces.get(id)!
    const refusal = await other.write('text/b', doc => doc.getText('text').insert(0, 'b')).catch(error => error.code)
    expect([refusal, (await reading).getText('text').toString()]).deep.equal(['fenced', 'a'])
    expect(warnings).deep.equal([])
  })
})
