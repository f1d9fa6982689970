import { isAbsolute } from 'node:path'
import { ProtocolError } from '../../protocols/core/index.ts'
import { BackupError, writeBackup } from '../recovery/index.ts'
import type { NodeComponents } from './components.ts'

/** Adds to the backup in a folder, telling how far it is. */
export async function* backUp({ backup }: NodeComponents, { folder }: { folder: string }, signal: AbortSignal) {
  if (!isAbsolute(folder)) throw new ProtocolError('InvalidArgument', 'The folder is named from the root')
  const written = writeBackup(backup, folder, signal)
  try {
    for (;;) {
      const next = await written.next()
      if (next.done !== true) {
        yield next.value
        continue
      }
      const { file, bytes, isWhole: whole, rows, spaces, entries } = next.value
      yield { rows, done: { file, bytes, whole, spaces, entries } }
      return
    }
  } catch (cause) {
    if (cause instanceof BackupError) throw new ProtocolError('FailedPrecondition', cause.message, { cause })
    const { code } = cause as { code?: string }
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new ProtocolError('FailedPrecondition', 'The disk of the backup is full', { cause })
    }
    if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR') {
      throw new ProtocolError('FailedPrecondition', 'The folder of the backup cannot be written', { cause })
    }
    throw cause
  } finally {
    await written.return(undefined as never)
  }
}
