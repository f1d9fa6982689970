/**
 * What brings a twin back: its device list and private space from its other devices, or a backup and the phrase.
 *
 * @packageDocumentation
 */
export { awaitSelf, hasOtherNodes } from './await-self.ts'
export { type BackedUpBlobs, backUpBlobs, checkBlobs } from './backup-blobs.ts'
export { BackupError } from './backup-format.ts'
export { fetchFormerList } from './former-list.ts'
export { Hold } from './hold.ts'
export type { OpenedBackup, RestoredSum } from './open-as-new.ts'
export { checkBackup } from './read-backup.ts'
export { openBackup } from './restore-backup.ts'
export { openFormerHome } from './restore-home.ts'
export { Setbacks } from './setbacks.ts'
export { type BackupInit, writeBackup } from './write-backup.ts'
