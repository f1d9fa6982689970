import { expect } from 'chai'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex, hexToBytes } from '../log/index.ts'
import { failingDatabase } from '../spaces/failing-database.fixture.ts'
import { memoryDatabase } from '../spaces/replicas.fixture.ts'
import { type Database, SpaceKeys, Store } from './index.ts'

const keys = new SpaceKeys(bytesToHex(new Uint8Array(32).fill(0xa1)))
const log = SpaceKeys.log(new Uint8Array(32).fill(0x0b), 258)
const seq = SpaceKeys.seq(7)

/** One row of each sort, with the version that a program has to know to read it */
const sorts: Record<string, readonly [key: string, value: Uint8Array, version: number]> = {
  run: [`${keys.runs}${log}/${seq}`, Uint8Array.of(1), 1],
  rejected: [`${keys.marks}e/${log}/${seq}`, Uint8Array.of(1), 1],
  held: [`${keys.marks}e/${log}/${seq}`, Uint8Array.of(2), 1],
  unread: [`${keys.marks}d/text/3`, Uint8Array.of(3), 1],
  unshown: [`${keys.unshown}${log}`, Uint8Array.of(0x82, 1, 0), 1],
  aside: [`${keys.aside}${log}/${seq}`, Uint8Array.of(1), 1],
  part: [`${keys.parts}${'0c'.repeat(32)}`, Uint8Array.of(1), 1],
  lacking: [keys.waiting, Uint8Array.of(0x80), 1],
  released: [`${keys.marks}e/${log}/${seq}`, Uint8Array.of(3, 0), 2],
  judged: [`${keys.quarantine}m${'0a'.repeat(32)}`, Uint8Array.of(1), 2],
  milestone: [`${keys.milestones}${log}`, Uint8Array.of(1), 2],
  adopted: [keys.incoming, Uint8Array.of(1), 2],
  beginning: [`${keys.bases}${log}`, Uint8Array.of(1), 2]
}

async function openStore(db: Database = memoryDatabase()): Promise<{ db: Database; store: Store }> {
  const store = new Store(db)
  await store.open()
  return { db, store }
}

async function write(store: Store, key: string, value: Uint8Array): Promise<void> {
  const batch = store.batch()
  batch.put(key, value)
  await store.commit(batch)
}

async function meta(db: Database): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  for await (const [key, value] of db.iterator({ gt: 'meta/', lt: 'meta0' })) rows[key] = bytesToHex(value)
  return rows
}

describe('the version of a store', () => {
  it('grows with the first row that programs before could not read, and with no other: as it was frozen', async () => {
    const current: Record<string, unknown> = {}
    for (const [sort, [key, value]] of Object.entries(sorts)) {
      const { db, store } = await openStore()
      await write(store, key, value)
      current[sort] = { key, value, meta: await meta(db) }
    }
    const vector = await frozen('store-versions', current)
    expect(vector.current).to.deep.equal(vector.frozen)
    const known = vector.frozen as Record<string, { meta: Record<string, string> }>
    for (const [sort, [, , version]] of Object.entries(sorts)) {
      expect(known[sort]!.meta['meta/version'], sort).to.equal(bytesToHex(Uint8Array.of(version)))
    }
  })

  it('opens from each frozen set of rows', async () => {
    const { frozen: known } = await frozen('store-versions', {})
    for (const { meta: rows } of Object.values(known as Record<string, { meta: Record<string, string> }>)) {
      const db = memoryDatabase()
      for (const [key, value] of Object.entries(rows)) await db.put(key, hexToBytes(value))
      await openStore(db)
      expect(await meta(db)).to.deep.equal(rows)
    }
  })

  it('is in the batch of that row: neither is there without the other', async () => {
    const { db, failAt } = failingDatabase()
    const { store } = await openStore(db)
    const [key, value] = sorts.beginning!
    failAt(1)
    expect(await write(store, key, value).catch(error => error.code)).to.equal('failed')
    expect(await meta(db)).to.deep.equal({ 'meta/version': '01' })
    await store.reopen()
    await write(store, key, value)
    expect((await meta(db))['meta/version']).to.equal('02')
  })

  it('stays when rows of the first version follow, live and after a start', async () => {
    const { db, store } = await openStore()
    await write(store, sorts.beginning![0], sorts.beginning![1])
    await write(store, sorts.run![0], sorts.run![1])
    const { store: again } = await openStore(db)
    await write(again, sorts.run![0], sorts.run![1])
    expect((await meta(db))['meta/version']).to.equal('02')
  })
})
