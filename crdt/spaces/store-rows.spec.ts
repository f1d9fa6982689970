import { expect } from 'chai'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex, clientId, hexToBytes } from '../log/index.ts'
import { SpaceKeys, Store } from '../store/index.ts'
import { EntryMarks } from './entry-marks.ts'
import { LogTable } from './log-table.ts'
import { Quarantine } from './quarantine.ts'
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
  const me = { twin: new Uint8Array(32), device: 1 }
  const logs = new LogTable({ space, keys, store, crypto, me, numberOf: () => 3 })
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

describe('rows of what cuts took out', () => {
  const cut = { seq: 2, hash: new Uint8Array(32).fill(9) }
  const [log, author] = [clientId(3, 258), clientId(1, 1)]
  const removal = {
    key: `m${'0a'.repeat(32)}`,
    record: 5,
    cutOf: (client: number) => (client === log ? cut : undefined)
  }
  const revocation = { ...removal, key: `d${'0b'.repeat(32)}-258`, record: undefined }
  const mhead = [0, 4, new Uint8Array(32)] as const
  const beyond = [3, 258, 3, cut.hash] as const

  async function openQuarantine(rows: Record<string, string> = {}) {
    const db = memoryDatabase()
    const store = new Store(db)
    await store.open()
    for (const [key, value] of Object.entries(rows)) await db.put(key, hexToBytes(value))
    const quarantine = new Quarantine(store, keys)
    await quarantine.load()
    const rules = [removal, revocation]
    quarantine.use({ rules, revocations: [revocation], newest: 5, members: new Set([1]), head: mhead })
    return { store, quarantine }
  }

  async function rowsOf(): Promise<Record<string, Uint8Array>> {
    const { store, quarantine } = await openQuarantine()
    const batch = store.batch()
    quarantine.restart()
    quarantine.judge({ client: log, seq: 3, mhead, deps: [] })
    quarantine.judge({ client: author, seq: 7, mhead, deps: [beyond] })
    quarantine.judge({ client: author, seq: 8, mhead, deps: [] })
    quarantine.judge({ client: author, seq: 9, mhead: [0, 5, mhead[2]], deps: [[3, 258, 2, cut.hash]] })
    quarantine.reissued(batch, author, 8)
    await store.commit(batch)
    const rows: Record<string, Uint8Array> = {}
    for await (const [key, value] of store.range({ gte: 'q/', lt: 'q0' })) rows[key] = new Uint8Array(value)
    return rows
  }

  it('have the bytes that were frozen', async () => {
    const vector = await frozen('quarantine-rows', await rowsOf())
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('mean the same when they are read from the frozen bytes', async () => {
    const { frozen: kept } = await frozen('quarantine-rows', await rowsOf())
    const { quarantine } = await openQuarantine(kept as Record<string, string>)
    expect(quarantine.isBehind).to.equal(false)
    expect([2, 3, 4].map(seq => quarantine.has(log, seq))).to.deep.equal([false, true, true])
    expect([6, 7, 8, 9].map(seq => quarantine.has(author, seq))).to.deep.equal([false, true, true, false])
    expect(quarantine.owes(author, 9)).to.equal(false)
    expect(quarantine.lastIn(author, 8)).to.equal(6)
    expect(quarantine.countOf(author, 9)).to.equal(2)
  })
})
