import type { Crypto } from '../crypto/index.ts'
import { bytesToHex } from '../log/index.ts'
import type { Space, Spaces } from '../spaces/index.ts'
import { type BlobDraft, BlobError, type BlobStore, type StoredBlob } from './blob-store.ts'
import {
  type BlobReference,
  chunkSize,
  encodeManifest,
  isFileName,
  isMediaType,
  manifestToAddress,
  maxBlobSize,
  sealChunk
} from './format.ts'
import { toChunks } from './pieces.ts'
import { referencesIn } from './references.ts'

export interface BlobsInit {
  readonly store: BlobStore
  readonly crypto: Pick<Crypto, 'randomBytes' | 'sha256' | 'aeadSeal' | 'aeadOpen'>
  readonly spaces: Pick<Spaces, 'list'>
  /** Document kinds whose rows refer to blobs */
  readonly kinds: readonly string[]
  /** ms since 1970, default Date.now */
  readonly clock?: () => number
  /** How long a blob that nothing refers to is kept, at least, as of now; default an hour */
  readonly graceMs?: () => number
  /** Gives back the memory of a chunk that was sealed and written; default leaves it to the collector */
  readonly free?: (bytes: Uint8Array) => void
}

export interface PutBlob {
  readonly name?: string
  readonly type?: string
  /** Told after each chunk how many bytes are stored */
  readonly onProgress?: (stored: number) => void
}

const newDraft = 'new-'

/** The blobs of a device: kept as long as an index row refers to them, and for a while after. */
export class Blobs {
  readonly store: BlobStore
  readonly crypto: BlobsInit['crypto']
  readonly kinds: readonly string[]
  readonly #spaces: Pick<Spaces, 'list'>
  readonly #clock: () => number
  readonly #graceMs: () => number
  readonly #free: (bytes: Uint8Array) => void
  /** Since when nothing refers to a blob, as far as this run has seen */
  readonly #idleSince = new Map<string, number>()
  readonly #held = new Map<string, number>()
  readonly #drafting = new Set<string>()
  #sweeping: Promise<string[]> = Promise.resolve([])
  #collecting: { readonly address: string; readonly done: Promise<boolean> } | undefined

  constructor({
    store,
    crypto,
    spaces,
    kinds,
    clock = Date.now,
    graceMs = () => 3_600_000,
    free = () => {}
  }: BlobsInit) {
    this.store = store
    this.crypto = crypto
    this.kinds = kinds
    this.#spaces = spaces
    this.#clock = clock
    this.#graceMs = graceMs
    this.#free = free
  }

  /**
   * Stores bytes as they come. What nothing refers to is removed some time later: `hold` it, then write the reference.
   *
   * @throws {BlobError} `too-large`, `no-space`; nothing stays behind
   */
  async put(source: AsyncIterable<Uint8Array>, init: PutBlob = {}): Promise<BlobReference> {
    const { name = '', type = '', onProgress } = init
    if (!isFileName(name)) throw new RangeError('The name of a blob names no folder and has at most 255 bytes')
    if (!isMediaType(type)) throw new RangeError('A media type has at most 128 plain characters')
    const key = this.crypto.randomBytes(32)
    const draft = await this.draft(newDraft + bytesToHex(this.crypto.randomBytes(8)))
    try {
      const hashes: Uint8Array[] = []
      let size = 0
      // One is written while the next is sealed
      let writing = Promise.resolve()
      for await (const chunk of toChunks(source)) {
        size += chunk.length
        if (size > maxBlobSize) throw new BlobError('too-large', `A blob has at most ${maxBlobSize / 2 ** 30} GiB`)
        const sealed = await sealChunk(key, hashes.length, chunk, this.crypto)
        await writing
        const stored = size
        const written = draft.write(hashes.length, sealed)
        hashes.push(this.crypto.sha256(sealed))
        writing = written.then(() => {
          this.#free(sealed)
          onProgress?.(stored)
        })
        // Met by the next turn, or behind the last
        writing.catch(() => {})
      }
      await writing
      const manifest = encodeManifest({ size, hashes: join(hashes) })
      const address = manifestToAddress(manifest, this.crypto)
      this.#idleSince.set(address, this.#clock())
      await draft.finish(address, manifest)
      return { address, size, key, type, name }
    } catch (error) {
      await draft.discard()
      throw error
    }
  }

  /** Begins or goes on with a draft, which the collection leaves alone until it is finished, discarded or closed. */
  async draft(name: string): Promise<BlobDraft> {
    this.#drafting.add(name)
    const over = () => void this.#drafting.delete(name)
    try {
      const draft = await this.store.draft(name)
      return {
        length: draft.length,
        write: (index, sealed) => draft.write(index, sealed),
        read: index => draft.read(index),
        finish: (address, manifest) => draft.finish(address, manifest).then(over),
        discard: () => draft.discard().finally(over),
        close: () => draft.close().finally(over)
      }
    } catch (error) {
      over()
      throw error
    }
  }

  open(address: string): Promise<StoredBlob | undefined> {
    return this.store.open(address)
  }

  /**
   * Keeps a blob until the answer is called, so that a reference to it can be written.
   *
   * @throws {BlobError} `missing` when it is not here
   */
  async hold(address: string): Promise<() => void> {
    this.#held.set(address, (this.#held.get(address) ?? 0) + 1)
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      const count = this.#held.get(address)! - 1
      if (count > 0) this.#held.set(address, count)
      else this.#held.delete(address)
    }
    // A collection that had begun with it ends by bringing it back, or it is gone
    if (this.#collecting?.address === address) await this.#collecting.done.catch(() => {})
    if (await this.store.has(address)) return release
    release()
    throw new BlobError('missing', 'There is no blob with this address here')
  }

  /** Spaces that refer to a blob, with one of their references. */
  async *referring(address: string): AsyncGenerator<{ space: Space; reference: BlobReference }> {
    for (const space of this.#spaces.list()) {
      if (space.state !== 'open') continue
      for await (const reference of referencesIn(space, this.kinds, address)) {
        yield { space, reference }
        break
      }
    }
  }

  /** Whether something refers to a blob. */
  async isReferred(address: string): Promise<boolean> {
    for await (const _ of this.referring(address)) return true
    return false
  }

  /** Every reference of the open spaces. */
  async *references(): AsyncGenerator<{ space: Space; reference: BlobReference }> {
    for (const space of this.#spaces.list()) {
      if (space.state !== 'open') continue
      for await (const reference of referencesIn(space, this.kinds)) yield { space, reference }
    }
  }

  /** Removes what nothing has referred to for the time of grace; the addresses. Doing it twice is doing it once. */
  sweep(): Promise<string[]> {
    const sweeping = this.#sweeping.catch(() => []).then(() => this.#sweep())
    this.#sweeping = sweeping
    sweeping.catch(() => {})
    return sweeping
  }

  async #sweep(): Promise<string[]> {
    for (const name of await this.store.drafts()) {
      if (this.#drafting.has(name)) continue
      const isWanted = !name.startsWith(newDraft) && (await this.isReferred(name))
      if (!isWanted && !this.#drafting.has(name)) await (await this.store.draft(name)).discard()
    }
    const here = new Set(await this.store.list())
    for (const address of this.#idleSince.keys()) if (!here.has(address)) this.#idleSince.delete(address)
    const referred = new Set<string>()
    for await (const { reference } of this.references()) referred.add(reference.address)
    const removed: string[] = []
    for (const address of here) {
      if (referred.has(address)) this.#idleSince.delete(address)
      else if (this.#isOverdue(address)) {
        const done = this.#collect(address)
        this.#collecting = { address, done }
        if (await done.finally(() => (this.#collecting = undefined))) removed.push(address)
      }
    }
    return removed
  }

  #isOverdue(address: string): boolean {
    const now = this.#clock()
    const since = this.#idleSince.get(address) ?? now
    this.#idleSince.set(address, since)
    return now - since >= this.#graceMs() && !this.#held.has(address)
  }

  async #collect(address: string): Promise<boolean> {
    await this.store.setAside(address)
    // A reference may have arrived, or somebody may be about to write one, since it was looked for
    if ((await this.isReferred(address)) || this.#held.has(address)) {
      this.#idleSince.delete(address)
      await this.store.bringBack(address)
      return false
    }
    await this.store.destroy(address)
    this.#idleSince.delete(address)
    return true
  }
}

/** Bytes of a blob from an offset on stand in this chunk. */
export function chunkAt(offset: number): { index: number; skip: number } {
  return { index: Math.floor(offset / chunkSize), skip: offset % chunkSize }
}

function join(hashes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(32 * hashes.length)
  for (const [index, hash] of hashes.entries()) joined.set(hash, 32 * index)
  return joined
}
