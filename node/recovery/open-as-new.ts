import { DeviceDirectory, type DeviceList, type PhraseKeys } from '../../crdt/identity/index.ts'
import { createSpaces, type Database, deviceListStore, keyValueKind, loadLists, type Me } from '../../crdt/index.ts'
import { chatKind } from '../../protocols/chat/index.ts'
import { noteKind } from '../../protocols/notes/index.ts'
import { nodeCrypto } from '../crypto.ts'
import { BackupError } from './backup-format.ts'

/** What came back. */
export interface RestoredSum {
  readonly spaces: number
  readonly entries: number
  /** Spaces whose keys are not there: who else is in them may bring them */
  readonly missing: readonly string[]
  /** As of when */
  readonly at: number
  /** Attached files that came with it */
  readonly files?: number
}

/** Where a twin is brought back from: it was checked, and belongs to the phrase. */
export interface OpenedBackup {
  /** The device list as it was there */
  readonly list: DeviceList
  /** The device whose disk it was, if it goes on as the new one */
  readonly former?: number
  /** Makes the store of a new device. @throws {BackupError} */
  fill(store: string, me: Me, list: DeviceList): Promise<RestoredSum>
}

export interface OpenAsNewInit {
  readonly db: Database
  readonly keys: PhraseKeys
  /** The new device */
  readonly me: Me
  readonly list: DeviceList
  readonly at: number
  /** The device whose store it was, if it is to go on from it: it is shut out, and what nobody has seen of it is written again */
  readonly former?: number
}

/** Opens the store of one device as another one of the twin: the keys of the private space come by the phrase. */
export async function openAsNew({ db, keys, me, list, at, former }: OpenAsNewInit): Promise<RestoredSum> {
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
    rebuildIndex: true,
    formerDevices: former === undefined ? [] : [former]
  })
  // The keys of the private space are wrapped to the new device; a former one is shut out. Where that one ends is recorded when all who
  // may have something of it were met: others may have more of it than this disk
  await spaces.start()
  const all = spaces.list()
  await Promise.all(all.map(space => space.flush()))
  const missing = all.filter(space => space.state === 'open' && !space.hasKey).map(({ text }) => text)
  let entries = 0
  for (const { id } of all) for (const [, , seq] of spaces.replica.space(id)?.frontier() ?? []) entries += seq
  if (!all.some(({ kind }) => kind === 'self')) throw new BackupError('It holds no private space')
  await spaces.stop()
  return { spaces: all.length, entries, missing, at }
}
