import { statfs } from 'node:fs/promises'

/** What opening the database may write: the log that it finds (at most 4 MiB) as a table, and a new log; twice that to be safe. */
const openingBytes = 8 * 1024 * 1024
const openingFiles = 8

/** Whether the disk of a folder has room enough for the database in it to be opened. */
export async function hasRoomToOpen(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(folder)
    // File systems without a fixed number of files tell none
    return bavail * bsize >= openingBytes && (files === 0 || ffree >= openingFiles)
  } catch {
    return true
  }
}
