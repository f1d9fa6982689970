import { MemoryLevel } from 'memory-level'
import type { Database } from '../crdt/store/index.ts'

/** Gone with the page. */
export async function memoryDatabase(): Promise<Database> {
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'view', storeEncoding: 'view' } as const
  const db = new MemoryLevel<string, Uint8Array>(encodings)
  await db.open()
  return db
}
