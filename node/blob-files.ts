import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BlobDraft,
  BlobError,
  type BlobStore,
  Blobs,
  type BlobsInit,
  type StoredBlob,
  sealedChunkSize
} from '../crdt/blobs/index.ts'
import { freeBytes } from '../protocols/core/index.ts'
import { DraftWrites } from './draft-writes.ts'

/**
 * Blobs as files of a folder, its owner's alone (FORMATS §18): `<address>` has the sealed chunks one after the other,
 * `<address>.list` the manifest, `<name>.part` is a draft and `<address>.gone` set aside. The chunks get their name last.
 */
export class BlobFiles implements BlobStore {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Opens the folder. What an earlier run had set aside and not destroyed is there again. */
  static async open(folder: string): Promise<BlobFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const files = new BlobFiles(folder)
    for (const address of await files.#names(gone)) await files.bringBack(address)
    // A list is written before its chunks have their name, so a crash leaves lists of nothing
    for (const name of await files.#names(`${listed}.new`)) await rm(join(folder, `${name}${listed}.new`))
    for (const address of await files.#names(listed)) {
      if (!(await files.has(address))) await rm(files.#path(address, listed))
    }
    return files
  }

  list(): Promise<string[]> {
    return this.#names('').then(names => names.filter(name => /^[0-9a-f]{64}$/.test(name)))
  }

  async has(address: string): Promise<boolean> {
    return (await stat(this.#path(address)).catch(unlessMissing)) !== undefined
  }

  async open(address: string): Promise<StoredBlob | undefined> {
    const file = await open(this.#path(address), 'r').catch(unlessMissing)
    if (file === undefined) return undefined
    try {
      const manifest = await readFile(this.#path(address, listed))
      return { manifest: toBytes(manifest), read: index => readChunk(file, index), close: () => file.close() }
    } catch (error) {
      await file.close()
      return unlessMissing(error)
    }
  }

  async draft(name: string): Promise<BlobDraft> {
    const path = this.#path(name, part)
    const file = await sized(open(path, constants.O_RDWR | constants.O_CREAT, 0o600))
    const { size } = await file.stat()
    const writes = new DraftWrites(file)
    return {
      length: Math.ceil(size / sealedChunkSize),
      read: index => readChunk(file, index),
      write: (index, sealed) => sized(writes.write(index * sealedChunkSize, sealed)),
      finish: async (address, manifest) => {
        await sized(writes.end())
        // Side by side: the list counts for nothing until the chunks have their name
        await all([sized(file.sync()), sized(this.#writeList(address, manifest))])
        await file.close()
        await rename(path, this.#path(address))
        await this.#syncFolder()
      },
      discard: async () => {
        await writes.end().catch(() => {})
        await file.close()
        await rm(path, { force: true })
      },
      close: async () => {
        await writes.end().catch(() => {})
        await file.close()
      }
    }
  }

  drafts(): Promise<string[]> {
    return this.#names(part)
  }

  async setAside(address: string): Promise<void> {
    await rename(this.#path(address), this.#path(address, gone)).catch(unlessMissing)
  }

  async bringBack(address: string): Promise<void> {
    await rename(this.#path(address, gone), this.#path(address)).catch(unlessMissing)
  }

  async destroy(address: string): Promise<void> {
    // The list last: chunks without one could not be brought back
    await rm(this.#path(address, gone), { force: true })
    if (!(await this.has(address))) await rm(this.#path(address, listed), { force: true })
  }

  async #writeList(address: string, manifest: Uint8Array): Promise<void> {
    const path = this.#path(address, listed)
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(manifest)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r')
    await folder.sync().finally(() => folder.close())
  }

  async #names(ending: string): Promise<string[]> {
    const names = await readdir(this.#folder)
    return names.filter(name => name.endsWith(ending)).map(name => name.slice(0, name.length - ending.length))
  }

  /** Names come from this program, never from a peer; what is no name of a file here is a fault. */
  #path(name: string, ending = ''): string {
    if (!/^[0-9a-z-]{1,80}$/.test(name)) throw new RangeError('A blob is named by its address')
    return join(this.#folder, name + ending)
  }
}

/** The blobs of a twin, in a folder of its home. */
export async function openBlobs(folder: string, init: Omit<BlobsInit, 'store' | 'free'>): Promise<Blobs> {
  return new Blobs({ ...init, store: await BlobFiles.open(folder), free: freeBytes })
}

const part = '.part'
const listed = '.list'
const gone = '.gone'

async function readChunk(file: FileHandle, index: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(sealedChunkSize)
  const { bytesRead } = await file.read(bytes, 0, sealedChunkSize, index * sealedChunkSize)
  return toBytes(bytes.subarray(0, bytesRead))
}

/** As `Promise.all`, but when it fails nothing goes on behind it. */
async function all(tasks: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(tasks)
  await Promise.all(tasks)
}

/** A full disk is told apart: its owner can do something about it. */
async function sized<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EFBIG') throw cause
    throw new BlobError('no-space', 'The disk has no room for the file', { cause })
  }
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

/** Nobody above is to be handed a Buffer. */
function toBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
