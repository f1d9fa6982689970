import { Level } from 'level'
import { DeviceDirectory, type DeviceList, type PhraseKeys } from '../../crdt/identity/index.ts'
import { createSpaces, type Database, deviceListStore, keyValueKind, loadLists, type Me } from '../../crdt/index.ts'
import { chatKind } from '../../protocols/chat/index.ts'
import { noteKind } from '../../protocols/notes/index.ts'
import { nodeCrypto } from '../crypto.ts'
import { BackupError, isSame } from './backup-format.ts'
import { type BackupFile, checkBackup, readRows } from './read-backup.ts'

/** What came back. */
export interface RestoredSum {
  readonly spaces: number
  readonly entries: number
  /** Spaces whose keys are not there: who else is in them may bring them */
  readonly missing: readonly string[]
  /** When the newest part of the backup was made */
  readonly at: number
}

/** A backup that was checked and belongs to the phrase. */
export interface OpenedBackup {
  /** The device list as of the newest part */
  readonly list: DeviceList
  /** Makes the store of a new device. @throws {BackupError} */
  fill(store: string, me: Me, list: DeviceList): Promise<RestoredSum>
}

/** Rows that each part says anew */
const small = ['c', 'dl', 'f', 'g', 'h', 'meta', 'ml', 'mw', 'q', 'x']

/** Checks a backup, whole. @throws {BackupError} when it is damaged, or of another twin than the phrase */
export async function openBackup(folder: string, keys: PhraseKeys): Promise<OpenedBackup> {
  const files = await checkBackup(folder)
  const last = files.at(-1)!
  if (!isSame(last.header.twin, keys.twin)) {
    throw new BackupError(
      'The phrase is not that of the twin in the backup',
      'Use the phrase of the twin it is a backup of'
    )
  }
  return { list: last.list, fill: (store, me, list) => fill(files, keys, store, me, list) }
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
    const crypto = nodeCrypto()
    const directory = new DeviceDirectory({ crypto, store: deviceListStore(db) })
    await loadLists(db, directory)
    await directory.receive(me.twin, list.all())
    const spaces = await createSpaces({
      me: { ...me, phrase: keys.recovery },
      db,
      crypto,
      directory,
      kinds: [chatKind, keyValueKind, noteKind],
      createSelf: false,
      rebuildIndex: true
    })
    // The keys of the private space are wrapped to the new device
    await spaces.start()
    const all = spaces.list()
    const missing = all.filter(space => space.state === 'open' && !space.hasKey).map(({ text }) => text)
    let entries = 0
    for (const { id } of all) for (const [, , seq] of spaces.replica.space(id)?.frontier() ?? []) entries += seq
    if (!all.some(({ kind }) => kind === 'self')) throw new BackupError('The backup holds no private space')
    await spaces.stop()
    return { spaces: all.length, entries, missing, at: files.at(-1)!.header.at }
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
