import { Level } from 'level'
import type { DeviceList, PhraseKeys } from '../../crdt/identity/index.ts'
import type { Database, Me } from '../../crdt/index.ts'
import { restoreBlobs } from './backup-blobs.ts'
import { BackupError, isSame } from './backup-format.ts'
import { type OpenedBackup, openAsNew, type RestoredSum } from './open-as-new.ts'
import { type BackupFile, checkBackup, readRows } from './read-backup.ts'

/** Rows that each part says anew */
const small = ['c', 'dl', 'f', 'g', 'h', 'meta', 'ml', 'mw', 'q', 'x']

/** Checks a backup, whole. @param blobs where the attached files are to be @throws {BackupError} when it is damaged, or of another twin than the phrase */
export async function openBackup(folder: string, keys: PhraseKeys, blobs?: string): Promise<OpenedBackup> {
  const files = await checkBackup(folder)
  const last = files.at(-1)!
  if (!isSame(last.header.twin, keys.twin)) {
    throw new BackupError(
      'The phrase is not that of the twin in the backup',
      'Use the phrase of the twin it is a backup of'
    )
  }
  return {
    list: last.list,
    fill: async (store, me, list) => {
      const restored = await fill(files, keys, store, me, list)
      return { ...restored, files: blobs === undefined ? 0 : await restoreBlobs(folder, blobs) }
    }
  }
}

async function fill(
  files: readonly BackupFile[],
  keys: PhraseKeys,
  store: string,
  me: Me,
  list: DeviceList
): Promise<RestoredSum> {
  const db: Database = new Level<string, Uint8Array>(store, { keyEncoding: 'utf8', valueEncoding: 'view' })
  await db.open()
  try {
    for (const file of files) await addFile(db, file, keys)
    return await openAsNew({ db, keys, me, list, at: files.at(-1)!.header.at })
  } finally {
    await db.close()
  }
}

async function addFile(db: Database, file: BackupFile, keys: PhraseKeys): Promise<void> {
  for (const prefix of small) await db.clear({ gte: `${prefix}/`, lt: `${prefix}0` })
  let isWhole = false
  for await (const { rows, sum } of readRows(file, keys.recovery)) {
    const batch = db.batch()
    for (const [key, value] of rows) batch.put(key, value)
    await batch.write({ sync: true } as object)
    isWhole = sum !== null
  }
  if (!isWhole) throw new BackupError('The backup is cut off')
}
