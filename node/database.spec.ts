import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDatabase } from './database.ts'

describe('the database', () => {
  it('is made beside its folder and moved there whole, also after a making that was broken off', async () => {
    const home = await mkdtemp(join(tmpdir(), 'twinmesh-'))
    try {
      const folder = join(home, 'store')
      await mkdir(`${folder}.new`)
      // What a power cut leaves: the name of a manifest that never reached the disk
      await writeFile(join(`${folder}.new`, 'CURRENT'), 'MANIFEST-000001\n')
      const db = await openDatabase(folder)
      expect(await readdir(home)).deep.equal(['store'])
      await db.put('k', Uint8Array.of(1))
      await db.close()
      const again = await openDatabase(folder)
      expect(await again.get('k')).deep.equal(Uint8Array.of(1))
      await again.close()
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })
})
