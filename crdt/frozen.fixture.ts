import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toString as bytesToString } from 'uint8arrays/to-string'

/**
 * The frozen content of `name`. A file is never changed; one that is missing is written when `UPDATE_VECTORS=1` is set.
 *
 * @param current what the code makes now; bytes become hexadecimal text
 * @param folder relative to the root of the repository, where the specs run
 */
export async function frozen(
  name: string,
  current: unknown,
  folder = 'crdt/vectors'
): Promise<{ frozen: unknown; current: unknown }> {
  const file = join(folder, `${name}.json`)
  const text = `${JSON.stringify(current, bytesToHex, 2)}\n`
  if (process.env.UPDATE_VECTORS === '1') {
    await mkdir(folder, { recursive: true })
    await writeFile(file, text, { flag: 'wx' }).catch(ifMissing)
  }
  return { frozen: JSON.parse(await readFile(file, 'utf8')) as unknown, current: JSON.parse(text) as unknown }
}

function bytesToHex(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? bytesToString(value, 'hex') : value
}

function ifMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
