import { expect } from 'chai'
import { keptDatabase } from '../../browser-peer/kept-database.ts'

/** What the store relies on, of the database of a page. */
export default function keptDatabaseSuite(): void {
  describe('a database in IndexedDB', () => {
    const one = Uint8Array.of(1)
    let made = 0
    const open = () => keptDatabase(`kept-${made++}`)

    it('takes a batch of many rows whole, the later of two operations on a row last', async () => {
      const db = await open()
      const keys = Array.from({ length: 1000 }, (_, n) => String(n).padStart(4, '0'))
      await db.batch([
        ...keys.map(key => ({ type: 'put' as const, key, value: new TextEncoder().encode(key) })),
        { type: 'del', key: '0300' },
        { type: 'put', key: '0301', value: one }
      ])
      expect(await db.keys().all()).deep.equal(keys.filter(key => key !== '0300'))
      expect(await db.get('0301')).deep.equal(one)
      expect(await db.get('0999')).deep.equal(new TextEncoder().encode('0999'))
      await db.close()
    })

    it('takes a batch of no rows', async () => {
      const db = await open()
      await db.batch([])
      await db.batch().write()
      expect(await db.keys().all()).deep.equal([])
      await db.close()
    })

    it('keeps nothing of a batch of which a row is refused, and takes the next', async () => {
      const db = await open()
      const rows = Array.from({ length: 600 }, (_, n) => ({ type: 'put' as const, key: String(n), value: one }))
      // Memory that was given away cannot be copied to the other process
      const gone = new Uint8Array(8)
      structuredClone(gone, { transfer: [gone.buffer] })
      const failed = await db
        .batch([...rows, { type: 'put', key: 'refused', value: gone }])
        .catch((error: unknown) => error)
      expect(failed).instanceOf(Error)
      expect(await db.keys().all()).deep.equal([])
      await db.batch([{ type: 'put', key: 'next', value: one }])
      expect(await db.keys().all()).deep.equal(['next'])
      await db.close()
    })
  })
}
