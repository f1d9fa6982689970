import { expect } from 'chai'
import { createSpaces, type KeyValue, keyValue } from '../../crdt/index.ts'
import { failingDatabase } from '../../crdt/spaces/failing-database.fixture.ts'
import { newTwin } from '../../crdt/spaces/replicas.fixture.ts'
import { settle } from '../core/manual-clock.fixture.ts'
import { ContactBook } from './contact-book.ts'
import { type ContactRecord, recordToBytes } from './contact-record.ts'

describe('the contact book on a store that fails', () => {
  const record = (id: string): ContactRecord => ({ id, name: id, state: 'contact', verified: false, addedAt: 1 })

  it('shows what was reported as failed and is on the disk all the same', async () => {
    const { db, failAt } = failingDatabase(true)
    const { self } = await createSpaces((await newTwin({ db })).init)
    const book = new ContactBook(keyValue(self, 'contacts'))
    await book.start()
    failAt(1)
    expect(await book.put(record('ben')).catch(error => error.code)).to.equal('fenced')
    expect(book.get('ben')).to.equal(undefined)
    await self.flush()
    await settle()
    expect(book.get('ben')).to.deep.equal(record('ben'))
    await book.stop()
  })

  it('goes on when it could not be read, and shows with the next change what it missed', async () => {
    const { self } = await createSpaces((await newTwin()).init)
    const table = keyValue(self, 'contacts')
    let isOpen = true
    const closed = () => new Error('The store is closed')
    const failing: KeyValue = Object.assign(Object.create(table), {
      watch: table.watch.bind(table),
      get: (key: string) => (isOpen ? table.get(key) : Promise.reject(closed())),
      list: (options: object) => {
        if (!isOpen) throw closed()
        return table.list(options)
      }
    })
    const write = (id: string) => table.put(id, recordToBytes(record(id)), { kind: 'bytes' })
    const book = new ContactBook(failing)
    await write('ann')
    await book.start()
    isOpen = false
    await write('ben')
    await table.delete('ann')
    await settle()
    isOpen = true
    await write('cleo')
    for (let turn = 0; turn < 20; turn++) await settle()
    expect(book.sorted(undefined).map(({ id }) => id)).to.deep.equal(['ben', 'cleo'])
    await book.stop()
  })
})
