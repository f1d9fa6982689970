import { expect } from 'chai'
import { type Change, keyValue } from '../key-value/index.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { newTwin, readText, text } from './replicas.fixture.ts'

describe('rows of a group that was reported as failed', () => {
  /** A table in which `a` and `gone` stand, and the changes that were told since. */
  async function begin(isWritten: boolean) {
    const failing = failingDatabase(isWritten)
    const { self } = await createSpaces((await newTwin({ db: failing.db })).init)
    const table = keyValue(self, 'n')
    for (const key of ['a', 'gone']) await table.put(key, text('before'))
    const told: string[] = []
    self.on('rows', ({ rows }) => {
      for (const { key, value } of rows) told.push(`${key} ${value === undefined ? 'deleted' : 'put'}`)
    })
    const change = () => Promise.allSettled([table.put('a', text('after')), table.delete('gone')])
    return { ...failing, self, table, told, change }
  }

  it('are told when they are on the disk all the same, and may be watched', async () => {
    const { failAt, self, table, told, change } = await begin(true)
    const stop = new AbortController()
    const watched: Change[] = []
    const watching = (async () => {
      for await (const one of table.watch({}, stop)) watched.push(one)
    })()
    failAt(1)
    expect((await change()).map(({ status }) => status)).deep.equal(['rejected', 'rejected'])
    await self.flush()
    stop.abort()
    await watching
    expect(told).to.have.members(['n/a put', 'n/gone deleted'])
    const put = watched.find(({ key }) => key === 'a')
    expect([watched.length, readText(put?.entry?.value)]).deep.equal([2, 'after'])
    await table.put('more', text('more'))
    expect(told).to.have.length(3)
  })

  it('are told once the store opens, if that takes a while', async () => {
    const { db, failAt, self, told, change } = await begin(true)
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    failAt(1)
    await change()
    await self.flush()
    expect(told).deep.equal([])
    db.open = open
    await self.write('text/paper', doc => doc.getText('text').insert(0, 'a')).catch(() => {})
    await self.flush()
    expect(told).to.have.members(['n/a put', 'n/gone deleted'])
  })

  it('are told to nobody when they are not', async () => {
    const { failAt, self, told, change } = await begin(false)
    failAt(1)
    await change()
    await self.flush()
    expect(told).deep.equal([])
  })
})
