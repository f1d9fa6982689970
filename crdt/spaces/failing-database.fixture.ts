import type { AbstractChainedBatch } from 'abstract-level'
import type { Database } from '../store/index.ts'
import { memoryDatabase } from './replicas.fixture.ts'

type Chain = AbstractChainedBatch<unknown, string, Uint8Array>

/**
 * A database in memory of which one batch write fails, once or from then on, as a full disk makes it; `isWritten`: nothing but the
 * answer is lost.
 */
export function failingDatabase(isWritten = false): {
  db: Database
  failAt(write: number, lasts?: boolean): void
  writes(): number
} {
  const db = memoryDatabase()
  let writes = 0
  let failing = Number.POSITIVE_INFINITY
  let isLasting = false
  const open = db.batch.bind(db) as () => Chain
  const batch = () => {
    const chain = open()
    const write = chain.write.bind(chain)
    chain.write = async (options?: object) => {
      writes++
      if (writes === failing || (isLasting && writes > failing)) {
        await (isWritten ? write(options as never) : chain.close())
        throw new Error('IO error: no space left on device')
      }
      await write(options as never)
    }
    return chain
  }
  // The array form is not used here
  db.batch = batch as unknown as Database['batch']
  return {
    db,
    failAt: (write, lasts = false) => {
      failing = writes + write
      isLasting = lasts
    },
    writes: () => writes
  }
}
