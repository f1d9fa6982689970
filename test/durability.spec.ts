import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { keyValue } from '../crdt/index.ts'
import { openBenchSpaces } from './bench/bench-space.ts'
import { interceptWrites } from './rigs/controls.ts'

describe('durability', () => {
  it('every batch of a space asks the disk to sync before the write is acknowledged', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'twinmesh-'))
    const { db, spaces, close } = await openBenchSpaces(dir)
    const syncs: unknown[] = []
    interceptWrites(db, options => {
      syncs.push((options as { sync?: unknown } | undefined)?.sync)
      return options
    })
    try {
      await keyValue(spaces.self, 'test').put('colour', new Uint8Array([1]))
      const atAcknowledgement = [...syncs]
      expect(atAcknowledgement).not.empty
      expect(atAcknowledgement.every(sync => sync === true)).equal(true)
    } finally {
      await close()
      await rm(dir, { recursive: true, force: true })
    }
  })
})
