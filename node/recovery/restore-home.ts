import { cp } from 'node:fs/promises'
import { DeviceDirectory, DeviceList, type PhraseKeys, twinToText } from '../../crdt/identity/index.ts'
import { deviceListStore } from '../../crdt/index.ts'
import { nodeCrypto } from '../crypto.ts'
import { openDatabase } from '../database.ts'
import { type Home, lockHome, readConfig, readIdentity } from '../home/index.ts'
import { BackupError } from './backup-format.ts'
import { type OpenedBackup, openAsNew } from './open-as-new.ts'

/** Rows that are about the mailboxes of one device. */
const leftBehind = ['box/b', 'box/m', 'box/p', 'box/u', 'box/w']

/**
 * The home of a device that cannot go on, because its disk was set back, as what a new device begins from: it has all that the
 * other had, writes again what nobody else has or is in one of two histories only, and shuts it out. The old home is left as it is.
 *
 * @throws {BackupError} when the home is of another twin; {HomeError} when it is none or in use
 */
export async function openFormerHome(from: Home, to: Home, keys: PhraseKeys): Promise<OpenedBackup> {
  const { id } = await readConfig(from)
  if (id !== twinToText(keys.twin)) {
    throw new BackupError(
      'The phrase is not that of the twin in that home',
      'Use the phrase of the twin that lives there'
    )
  }
  const identity = await readIdentity(from)
  const lock = await lockHome(from)
  try {
    await cp(from.store, to.store, { recursive: true })
    await cp(from.blobs, to.blobs, { recursive: true }).catch(ifMissing)
  } finally {
    await lock.release()
  }
  const db = await openDatabase(to.store)
  for (const prefix of leftBehind) await db.clear({ gte: `${prefix}/`, lt: `${prefix}0` })
  const crypto = nodeCrypto()
  const directory = new DeviceDirectory({ crypto, store: deviceListStore(db) })
  await directory.load(keys.twin)
  await directory.receive(keys.twin, identity.records)
  const records = directory.get(keys.twin)?.all()
  await db.close()
  if (records === undefined) throw new BackupError('The devices of the twin cannot be read there')
  // What is decided now is written with the home of the new device
  const list = await DeviceList.read({ twin: keys.twin, crypto }, records)
  const fill: OpenedBackup['fill'] = async (store, me, taken) => {
    const opened = await openDatabase(store)
    try {
      return await openAsNew({ db: opened, keys, me, list: taken, at: Date.now(), former: identity.number })
    } finally {
      await opened.close()
    }
  }
  return { list, former: identity.number, fill }
}

function ifMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
