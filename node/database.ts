import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Level } from 'level'
import type { Database } from '../crdt/index.ts'

/**
 * Bytes of what was written last that LevelDB keeps in memory before it makes a table of it, twice as many at most. With its own 4 MiB it
 * makes and merges tables so often that the tenth of the groups in a burst that wait for that take half of all waiting.
 */
const writeBufferSize = 16 * 1024 * 1024

/**
 * Opens the database in a folder. A new one is made beside it and moved there when all of it is on the disk: LevelDB names its
 * first manifest before that is synced, so that a power cut soon after would leave a database that does not open.
 */
export async function openDatabase(folder: string): Promise<Database> {
  const names = await readdir(folder).catch(() => [])
  if (names.length === 0) await createDatabase(folder)
  const db = levelAt(folder)
  await db.open()
  return db
}

async function createDatabase(folder: string): Promise<void> {
  const fresh = `${folder}.new`
  await rm(fresh, { recursive: true, force: true })
  const db = levelAt(fresh)
  await db.open()
  await db.close()
  for (const name of await readdir(fresh)) await syncFile(join(fresh, name))
  await syncFile(fresh)
  await rename(fresh, folder)
  await syncFile(dirname(folder))
}

/** A file, or the names in a folder. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function levelAt(folder: string): Database {
  return new Level<string, Uint8Array>(folder, { keyEncoding: 'utf8', valueEncoding: 'view', writeBufferSize })
}
