import { BrowserLevel } from 'browser-level'
import type { Database } from '../crdt/store/index.ts'

/** In IndexedDB, which syncs when the browser likes: what is kept in a browser is a copy of what the twin has. */
export async function keptDatabase(name: string): Promise<Database> {
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
  const db = new BrowserLevel<string, Uint8Array>(name, { ...encodings, prefix: 'twinmesh-' })
  await db.open()
  return db
}
