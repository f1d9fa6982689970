/** Node only, for specs: frozen vectors as files beside the capability. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VectorStore } from './compliance.ts'

/** `folder` is relative to the root of the repository, where the tests run: `protocols/kv/vectors`. */
export function fileVectors(folder: string): VectorStore {
  const store: VectorStore = {
    read: async name => {
      try {
        return JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    }
  }
  if (process.env.UPDATE_VECTORS !== '1') return store
  return {
    ...store,
    write: async (name, content) => {
      await mkdir(folder, { recursive: true })
      // A vector is never edited, so a file that is there is a fault
      await writeFile(join(folder, name), `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' })
    }
  }
}
