import { expect } from 'chai'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex, hexToBytes } from '../log/index.ts'
import { SpaceKeys, Store } from '../store/index.ts'
import { EntryMarks } from './entry-marks.ts'
import { LogTable } from './log-table.ts'
import { crypto, memoryDatabase } from './replicas.fixture.ts'

const space = new Uint8Array(32).fill(0xa1)
const twin = new Uint8Array(32).fill(0x0b)
const id = { twin, device: 258 }
const keys = new SpaceKeys(bytesToHex(space))

async function open(rows: Record<string, string> = {}) {
  const db = memoryDatabase()
  const store = new Store(db)
  await store.open()
  for (const [key, value] of Object.entries(rows)) await db.put(key, hexToBytes(value))
  const logs = new LogTable({ space, keys, store, crypto, numberOf: () => 3 })
  await logs.load()
  const log = logs.open(id)!
  const marks = new EntryMarks(store, keys)
  await marks.load(key => (key === log.key ? log.client : undefined))
  return { store, logs, log, marks }
}

async function written(): Promise<Record<string, Uint8Array>> {
  const { store, logs, log, marks } = await open()
  const batch = store.batch()
  marks.reject(batch, log, 7, 'throws')
  marks.hold(batch, log, 70_000, '', '')
  marks.leaveUnread(batch, 'sheet/budget/1')
  logs.freeze(batch, log, 8, [Uint8Array.of(1, 2), Uint8Array.of(1, 3)])
  await store.commit(batch)
  const rows: Record<string, Uint8Array> = {}
  for await (const [key, value] of store.range({ gte: 'g/' })) {
    if (!key.startsWith('meta/')) rows[key] = new Uint8Array(value)
  }
  return rows
}

describe('rows of marked entries and of forks', () => {
  it('have the bytes that were frozen', async () => {
    const vector = await frozen('store-rows', await written())
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('mean the same when they are read from the frozen bytes', async () => {
    const { frozen: kept } = await frozen('store-rows', await written())
    const { log, marks } = await open(kept as Record<string, string>)
    expect([7, 8, 70_000].map(seq => marks.isLeftOut(log.client, seq))).to.deep.equal([true, false, true])
    expect(marks.countOf(log.client)).to.deep.equal({ rejected: 1, held: 1, overQuota: 0 })
    expect(marks.isUnread('sheet/budget/1')).to.equal(true)
    expect(log.isFrozen).to.equal(true)
  })

  it('of held and released entries name the document, in bytes that were frozen', async () => {
    const { store, log, marks } = await open()
    const batch = store.batch()
    marks.hold(batch, log, 9, 'missing', 'text/a b')
    marks.release(batch, log, 10, 'text/a b')
    await store.commit(batch)
    const rows: Record<string, Uint8Array> = {}
    for await (const [key, value] of store.under(keys.marks)) rows[key] = new Uint8Array(value)
    const vector = await frozen('store-held-rows', rows)
    expect(vector.current).to.deep.equal(vector.frozen)
    const again = (await open(vector.frozen as Record<string, string>)).marks
    expect([...again.held()]).to.deep.equal([{ client: log.client, seq: 9, document: 'text/a b' }])
    expect([again.isReleased(log.client, 10), again.isLeftOut(log.client, 10)]).to.deep.equal([true, false])
  })
})
