import { expect } from 'chai'
import { referenceToBytes } from '../blobs/index.ts'
import type { DocumentKind } from '../documents/index.ts'
import { keyValue, keyValueKind } from '../key-value/index.ts'
import { failingDatabase } from './failing-database.fixture.ts'
import { createSpaces } from './local-spaces.ts'
import { indexRows, newTwin, readText, type TestTwin, text, textKind } from './replicas.fixture.ts'
import type { Spaces } from './spaces.ts'

/** As a release wrote it that knew nothing of blobs */
const firstKeyValueKind: DocumentKind = {
  ...keyValueKind,
  projection: 1,
  project: (doc, document) => {
    const projection = keyValueKind.project!(doc, document)
    return (transaction, entry) => [...projection(transaction, entry)].filter(({ key }) => !key.startsWith('/b/'))
  }
}
const photo = { address: '07'.repeat(32), size: 9, key: new Uint8Array(32).fill(8), type: '', name: 'p.jpg' }

const open = (twin: TestTwin, kind: DocumentKind) => createSpaces({ ...twin.init, kinds: [textKind, kind] })
const isReferred = (rows: ReadonlyMap<string, string>) => [...rows.keys()].some(key => key.includes('/kv//b/'))

/** Values of the release before, one of them a blob that it passed on without counting it. */
async function oldStore(values = 40) {
  const failing = failingDatabase()
  const twin = await newTwin({ db: failing.db })
  const spaces = await open(twin, firstKeyValueKind)
  const notes = keyValue(spaces.self, 'notes')
  await notes.put('photo', referenceToBytes(photo), { kind: 'blob' })
  for (let index = 0; index < values; index++) await notes.put(`k${index % 7}`, text(`${index}`))
  await notes.delete('k3')
  await spaces.stop()
  return { ...failing, twin }
}

async function valuesOf(spaces: Spaces): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {}
  for await (const { key, kind, value } of keyValue(spaces.self, 'notes').list()) {
    found[key] = kind === 'blob' ? 'blob' : readText(value)
  }
  return found
}

const expected = { k0: '35', k1: '36', k2: '37', k4: '39', k5: '33', k6: '34', photo: 'blob' }

describe('an index that another release wrote', function () {
  this.timeout(60_000)

  it('has the rows of this one after the next start, written once', async () => {
    const { db, twin, writes } = await oldStore()
    const before = await indexRows(db)
    expect(isReferred(before)).to.equal(false)
    expect(await valuesOf(await open(twin, keyValueKind))).to.deep.equal(expected)
    const rows = await indexRows(db)
    expect(isReferred(rows)).to.equal(true)
    expect([...rows].filter(([key]) => !key.includes('/b/'))).to.deep.equal([...before])
    const written = writes()
    await open(twin, keyValueKind)
    expect(writes()).to.equal(written)
  })

  it('loses nothing whichever write fails: the release before goes on, then this one finishes', async () => {
    for (let write = 1; ; write++) {
      const { db, twin, failAt } = await oldStore()
      const before = await indexRows(db)
      failAt(write, true)
      const died = await open(twin, keyValueKind).then(
        () => false,
        () => true
      )
      failAt(Number.POSITIVE_INFINITY)
      // As the first release finds it, which knows nothing of this
      const rows = await indexRows(db)
      for (const [key, value] of before) expect(rows.get(key), `${key} after ${write}`).to.equal(value)
      const back = await open(twin, firstKeyValueKind)
      expect(await valuesOf(back), `${write}`).to.deep.equal(expected)
      expect(await indexRows(db), `${write}`).to.deep.equal(before)
      await keyValue(back.self, 'notes').put('k3', text('back'))
      await keyValue(back.self, 'notes').delete('k0')
      await back.stop()
      const again = await open(twin, keyValueKind)
      const { k0: _, ...rest } = expected
      expect(await valuesOf(again), `${write}`).to.deep.equal({ ...rest, k3: 'back' })
      expect(isReferred(await indexRows(db))).to.equal(true)
      expect(await db.keys({ gte: 'j/', lt: 'j0' }).all()).to.deep.equal([])
      await again.stop()
      if (!died) return expect(write).to.be.greaterThan(4)
    }
  })

  it('is finished by the next start whichever write fails, and leaves nothing behind', async () => {
    const whole = await oldStore()
    await open(whole.twin, keyValueKind)
    const rows = [...(await indexRows(whole.db)).keys()].map(key => key.split('/').slice(2).join('/'))
    for (let write = 1; ; write++) {
      const { db, twin, failAt } = await oldStore()
      failAt(write, true)
      const died = await open(twin, keyValueKind).then(
        () => false,
        () => true
      )
      failAt(Number.POSITIVE_INFINITY)
      const again = await open(twin, keyValueKind)
      expect(await valuesOf(again), `${write}`).to.deep.equal(expected)
      const keys = [...(await indexRows(db)).keys()].map(key => key.split('/').slice(2).join('/'))
      expect(keys, `${write}`).to.deep.equal(rows)
      for (const prefix of ['j/', 'meta/renewing/']) {
        const left = await db.keys({ gt: prefix, lt: `${prefix.slice(0, -1)}0` }).all()
        expect(left, `${write}`).to.deep.equal([])
      }
      if (!died) return expect(write).to.be.greaterThan(4)
    }
  })

  it('is taken back by the release before, which then has rows of its own only', async () => {
    const { db, twin } = await oldStore()
    const before = await indexRows(db)
    await (await open(twin, keyValueKind)).stop()
    await (await open(twin, firstKeyValueKind)).stop()
    expect(await indexRows(db)).to.deep.equal(before)
  })

  it('of a new space says so at once: the next start has nothing to do', async () => {
    const { db, writes } = failingDatabase()
    const twin = await newTwin({ db })
    const spaces = await open(twin, keyValueKind)
    await keyValue(spaces.self, 'notes').put('a', text('b'))
    await spaces.stop()
    const written = writes()
    await open(twin, keyValueKind)
    expect(writes()).to.equal(written)
  })
})
