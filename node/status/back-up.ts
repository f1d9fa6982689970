import { isAbsolute } from 'node:path'
import { ProtocolError } from '../../protocols/core/index.ts'
import { BackupError, backUpBlobs, writeBackup } from '../recovery/index.ts'
import type { NodeComponents } from './components.ts'

/** Names of missing files that are told. */
const maxNames = 20

/** Adds to the backup in a folder, telling how far it is. */
export async function* backUp({ backup }: NodeComponents, { folder }: { folder: string }, signal: AbortSignal) {
  if (!isAbsolute(folder)) throw new ProtocolError('InvalidArgument', 'The folder is named from the root')
  const written = writeBackup(backup, folder, signal)
  // The rows that refer to them are written first: a file that comes meanwhile is one more than they say
  const copied = backUpBlobs(backup.blobs, folder, signal)
  try {
    let next = await written.next()
    for (; next.done !== true; next = await written.next()) yield next.value
    const { file, bytes, isWhole: whole, rows, spaces, entries } = next.value
    let copy = await copied.next()
    for (; copy.done !== true; copy = await copied.next()) yield { rows, bytes: copy.value.bytes }
    const { count, added, bytes: copiedBytes, missing } = copy.value
    const blobs = { count, added, bytes: copiedBytes, missing: missing.length, names: missing.slice(0, maxNames) }
    yield { rows, done: { file, bytes, whole, spaces, entries, blobs } }
  } catch (cause) {
    if (cause instanceof BackupError) throw new ProtocolError('FailedPrecondition', cause.message, { cause })
    const { code } = cause as { code?: string }
    if (code === 'ENOSPC' || code === 'no-space' || code === 'EDQUOT') {
      throw new ProtocolError('FailedPrecondition', 'The disk of the backup is full', { cause })
    }
    if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR') {
      throw new ProtocolError('FailedPrecondition', 'The folder of the backup cannot be written', { cause })
    }
    throw cause
  } finally {
    await written.return(undefined as never)
    await copied.return(undefined as never)
  }
}
