import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Replaces a file as a whole, synced to disk, readable by the owner alone: after a power cut there is the old content or the
 * new one. With `isNew` an existing file is an error (`EEXIST`).
 */
export async function writePrivateFile(path: string, text: string, options: { isNew?: boolean } = {}): Promise<void> {
  const target = options.isNew ? path : `${path}.${process.pid}.new`
  const file = await open(target, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } catch (cause) {
    await file.close().catch(() => {})
    await rm(target, { force: true })
    throw cause
  }
  await file.close()
  if (!options.isNew) await rename(target, path)
  // A rename is only durable once its folder is
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}
