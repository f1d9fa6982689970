import { expect } from 'chai'
import { copyOf, holdReading } from './database.fixture.ts'
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
})
