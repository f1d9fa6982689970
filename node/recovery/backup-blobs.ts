import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlobStore, type Blobs, decodeManifest, isChunkOf, manifestToAddress } from '../../crdt/blobs/index.ts'
import { BlobFiles } from '../blob-files.ts'
import { nodeCrypto } from '../crypto.ts'
import { BackupError } from './backup-format.ts'

/** Attached files in a backup. */
export interface BackedUpBlobs {
  /** Those that are in the backup now */
  readonly count: number
  /** Copied this time; those that were there are not touched */
  readonly added: number
  /** Bytes copied this time */
  readonly bytes: number
  /** Names of files that spaces refer to and that are not on this machine; "" for one without a name */
  readonly missing: readonly string[]
}

/**
 * Copies what the spaces refer to into the backup, as it is stored: sealed under keys that stand in the documents, which only the phrase
 * opens there, and under an address that verifies every byte. What the backup has is left as it is.
 */
export async function* backUpBlobs(
  blobs: Blobs,
  folder: string,
  signal: AbortSignal
): AsyncGenerator<{ bytes: number }, BackedUpBlobs> {
  const named = new Map<string, string>()
  for await (const { reference } of blobs.references()) named.set(reference.address, reference.name)
  const missing: string[] = []
  let [count, added, bytes] = [0, 0, 0]
  if (named.size === 0) return { count, added, bytes, missing }
  const target = await openCopies(folder)
  for (const [address, name] of named) {
    signal.throwIfAborted()
    if (await target.has(address)) count++
    else {
      const size = yield* copyBlob({ open: of => blobs.open(of) }, target, address, bytes, signal)
      if (size === undefined) missing.push(name)
      else {
        bytes += size
        added++
        count++
      }
    }
  }
  return { count, added, bytes, missing }
}

/** Brings the files of a backup to where a twin that is restored keeps them; how many. @throws {BackupError} for a damaged one */
export async function restoreBlobs(folder: string, to: string): Promise<number> {
  if (!(await hasCopies(folder))) return 0
  const [source, target] = [await openCopies(folder), await BlobFiles.open(to)]
  let count = 0
  for (const address of await source.list()) {
    if (await target.has(address)) continue
    for await (const _ of copyBlob(source, target, address, 0)) void _
    count++
  }
  return count
}

/** Checks every byte of the files of a backup; how many there are. @throws {BackupError} that names a damaged one */
export async function checkBlobs(folder: string, onBytes: (bytes: number) => void = () => {}): Promise<number> {
  if (!(await hasCopies(folder))) return 0
  const source = await openCopies(folder)
  const addresses = await source.list()
  for (const address of addresses) for await (const sealed of chunksOf(source, address)) onBytes(sealed.length)
  return addresses.length
}

async function* copyBlob(
  source: Pick<BlobStore, 'open'>,
  target: BlobStore,
  address: string,
  before: number,
  signal?: AbortSignal
): AsyncGenerator<{ bytes: number }, number | undefined> {
  const stored = await source.open(address)
  if (stored === undefined) return undefined
  const { manifest } = stored
  await stored.close()
  // What a copy that was broken off has left is written again
  await (await target.draft(address)).discard()
  const draft = await target.draft(address)
  let [index, size] = [0, 0]
  try {
    for await (const sealed of chunksOf(source, address)) {
      signal?.throwIfAborted()
      await draft.write(index++, sealed)
      size += sealed.length
      yield { bytes: before + size }
    }
    await draft.finish(address, manifest)
    return size
  } catch (cause) {
    await draft.discard()
    throw cause
  }
}

/** The sealed chunks of a blob, each verified. */
async function* chunksOf(source: Pick<BlobStore, 'open'>, address: string): AsyncGenerator<Uint8Array> {
  const crypto = nodeCrypto()
  const damaged = (options?: ErrorOptions) =>
    new BackupError(`The file ${address} of the backup is damaged`, 'Use another copy of the backup', options)
  const stored = await source.open(address)
  if (stored === undefined) throw damaged()
  try {
    if (manifestToAddress(stored.manifest, crypto) !== address) throw damaged()
    const manifest = decodeManifest(stored.manifest)
    for (let index = 0; index < manifest.count; index++) {
      const sealed = await stored.read(index)
      if (!isChunkOf(manifest, index, sealed, crypto)) throw damaged()
      yield sealed
    }
  } finally {
    await stored.close()
  }
}

const openCopies = (folder: string): Promise<BlobFiles> => BlobFiles.open(join(folder, 'blobs'))

async function hasCopies(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'blobs')).catch(() => undefined)) !== undefined
}
