import type { Database } from '../crdt/store/index.ts'

const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

/** In IndexedDB, which syncs when the browser likes: what is kept in a browser is a copy of what the twin has. */
export async function keptDatabase(name: string): Promise<Database> {
  const { BrowserLevel } = await import('browser-level')
  const db = new BrowserLevel<string, Uint8Array>(name, { ...encodings, prefix: 'twinmesh-' })
  await db.open()
  return db
}

export async function memoryDatabase(): Promise<Database> {
  const { MemoryLevel } = await import('memory-level')
  const db = new MemoryLevel<string, Uint8Array>({ ...encodings, storeEncoding: 'view' })
  await db.open()
  return db
}
