import { expect } from 'chai'
import { failingDatabase } from '../spaces/failing-database.fixture.ts'
import { type Database, type GatheredRows, renewRows, Store } from './index.ts'

const count = 5000
const name = (index: number) => index.toString().padStart(5, '0')
/** Rows before: every key; after: without every third, others with a new value, and more */
const isGone = (index: number) => index % 3 === 0
const before = new Map(Array.from({ length: count }, (_, index) => [name(index), '1']))
const after = new Map(
  Array.from({ length: 2 * count }, (_, index) => [name(index), index % 2 === 0 ? '2' : '1'] as const).filter(
    (_, index) => !isGone(index)
  )
)
const bytes = (text: string) => new TextEncoder().encode(text)

async function rowsUnder(db: Database, prefix: string): Promise<Map<string, string>> {
  const rows = new Map<string, string>()
  for await (const [key, value] of db.iterator({ gt: prefix, lt: `${prefix.slice(0, -1)}0` })) {
    rows.set(key.slice(prefix.length), new TextDecoder().decode(value))
  }
  return rows
}

async function openStore(db: Database): Promise<Store> {
  const store = new Store(db)
  await store.open()
  return store
}

async function oldStore() {
  const failing = failingDatabase()
  await failing.db.open()
  await failing.db.put('meta/version', Uint8Array.of(1))
  for (const [key, value] of before) await failing.db.put(`i/x/${key}`, bytes(value))
  return failing
}

/** Takes the rows to their new form; how often they were gathered. */
async function renew(db: Database, from = 'heads', isForced = false): Promise<number> {
  let gathered = 0
  const gather = async (rows: GatheredRows) => {
    gathered++
    for (const key of before.keys()) await rows.put(key, bytes('0'))
    for (const key of before.keys()) if (!after.has(key)) await rows.del(key)
    for (const [key, value] of after) await rows.put(key, bytes(value))
  }
  const renewal = { rows: 'i/x/', gathered: 'j/x/', progress: 'meta/renewing/x', from: bytes(from), gather }
  const done = (batch: { put(key: string, value: Uint8Array): void }) => batch.put('meta/form', Uint8Array.of(2))
  await renewRows(await openStore(db), { ...renewal, done }, isForced)
  return gathered
}

const isDone = async (db: Database) => (await db.get('meta/form')) !== undefined

describe('rows that are written anew', function () {
  this.timeout(60_000)

  it('are the new ones in the end, and nothing else is left', async () => {
    const { db, writes } = await oldStore()
    await renew(db)
    expect(writes()).to.be.greaterThan(8)
    expect(await rowsUnder(db, 'i/x/')).to.deep.equal(after)
    expect(await db.keys().all()).to.have.length(after.size + 2)
  })

  it('survive the end of the process at every write: until the new ones count no old row is gone, and it goes on there', async () => {
    let [wentOn, begunAgain] = [0, 0]
    for (let write = 1; ; write++) {
      const { db, failAt } = await oldStore()
      failAt(write, true)
      const died = await renew(db).then(
        () => false,
        () => true
      )
      failAt(Number.POSITIVE_INFINITY)
      const rows = await rowsUnder(db, 'i/x/')
      const expected = (await isDone(db)) ? after : before
      const lost = [...expected].filter(([key, value]) => ![value, after.get(key)].includes(rows.get(key)))
      expect(lost, `${write}`).to.deep.equal([])
      const gathered = died ? await renew(db) : 0
      if (gathered === 0) wentOn++
      else begunAgain++
      expect(await rowsUnder(db, 'i/x/'), `${write}`).to.deep.equal(after)
      expect(await db.keys().all(), `${write}`).to.have.length(after.size + 2)
      if (!died) break
    }
    expect(wentOn).to.be.greaterThan(3)
    expect(begunAgain).to.be.greaterThan(3)
  })

  it('are gathered again when what they follow from has changed since, and when that is asked for', async () => {
    const whole = await oldStore()
    await renew(whole.db)
    for (const [from, isForced] of [
      ['other heads', false],
      ['heads', true]
    ] as const) {
      const { db, failAt } = await oldStore()
      // The last write of the way takes the progress away
      failAt(whole.writes(), true)
      expect(await renew(db).catch(error => error.code)).to.equal('failed')
      failAt(Number.POSITIVE_INFINITY)
      expect(await db.get('meta/renewing/x')).not.to.equal(undefined)
      // Somebody else's row among the gathered ones
      await db.put('j/x/stale', bytes('9'))
      expect(await renew(db, from, isForced)).to.equal(1)
      expect(await rowsUnder(db, 'i/x/')).to.deep.equal(after)
    }
  })
})
