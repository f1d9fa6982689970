import type { AbstractChainedBatch, AbstractLevel } from 'abstract-level'
import { afterPrefix } from './keys.ts'
import {
  firstVersion,
  newerRefusal,
  newestVersion,
  readerKey,
  readerOf,
  versionFor,
  versionKey
} from './store-version.ts'

/** A Level database opened with `{ keyEncoding: 'utf8', valueEncoding: 'view' }`. */
// biome-ignore lint/suspicious/noExplicitAny: the internal format differs between implementations of Level and does not matter here
export type Database = AbstractLevel<any, string, Uint8Array>
// biome-ignore lint/suspicious/noExplicitAny: as above
type Chain = AbstractChainedBatch<any, string, Uint8Array>

export interface RangeOptions {
  readonly gt?: string
  readonly gte?: string
  readonly lt?: string
  readonly lte?: string
  readonly reverse?: boolean
  readonly limit?: number
}

export type StoreErrorCode = 'corrupt' | 'newer' | 'in-use' | 'failed'

/** Why the store cannot be used, in a sentence for its owner. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Changes that become durable together or not at all, in order. */
export class Batch {
  readonly #keys: string[] = []
  /** Beside the keys; `undefined` removes */
  readonly #values: (Uint8Array | undefined)[] = []
  #version = firstVersion

  get rows(): number {
    return this.#keys.length
  }

  /** What a program has to know of to read all of it. */
  get version(): number {
    return this.#version
  }

  put(key: string, value: Uint8Array): void {
    this.#version = Math.max(this.#version, versionFor(key, value))
    this.#keys.push(key)
    this.#values.push(value)
  }

  del(key: string): void {
    this.#keys.push(key)
    this.#values.push(undefined)
  }

  addTo(chain: Chain): void {
    for (let index = 0; index < this.#keys.length; index++) {
      const key = this.#keys[index]!
      const value = this.#values[index]
      if (value === undefined) chain.del(key)
      else chain.put(key, value)
    }
  }
}

/**
 * One Level database under the rules that make an acknowledgement mean something: every batch is synced, and after a failed write
 * nothing is written until the database was closed, opened and verified. A Level handle that goes on after a full disk loses
 * later writes in silence.
 */
export class Store {
  readonly #db: Database
  readonly #hasRoom: () => Promise<boolean>
  #version = firstVersion
  #fenced: unknown
  #opening: Promise<void> | undefined

  /** @param hasRoom whether the disk has room enough to open the database again; without an answer it is tried */
  constructor(db: Database, hasRoom: () => Promise<boolean> = async () => true) {
    this.#db = db
    this.#hasRoom = hasRoom
  }

  get isFenced(): boolean {
    return this.#fenced !== undefined
  }

  /** @throws {StoreError} */
  async open(): Promise<void> {
    try {
      await this.#db.open()
      const version = await this.#db.get(versionKey)
      if (version === undefined) await this.#begin()
      else if (version.length !== 1) throw new StoreError('corrupt', damaged)
      else if (version[0]! > newestVersion) {
        throw new StoreError('newer', newerRefusal(version[0]!, await this.#db.get(readerKey)))
      }
      this.#version = version?.[0] ?? firstVersion
    } catch (cause) {
      throw asStoreError(cause)
    }
  }

  batch(): Batch {
    if (this.#fenced !== undefined) throw new StoreError('failed', 'The store is closed after a failed write')
    return new Batch()
  }

  /** Resolves when the batches, of which later ones build on earlier ones, are on synced storage together. A failure fences the store. @throws {StoreError} */
  async commit(...batches: readonly Batch[]): Promise<void> {
    if (this.#fenced !== undefined) throw new StoreError('failed', 'The store is closed after a failed write')
    const version = Math.max(...batches.map(batch => batch.version))
    try {
      await this.#write(batches, version)
    } catch (cause) {
      this.#fenced ??= cause
      throw asStoreError(cause)
    }
    this.#version = Math.max(this.#version, version)
    // Another write failed while this one was on its way: the handle answers as if this were well, and may have lost it
    if (this.#fenced !== undefined)
      throw new StoreError('failed', 'A write before this one failed', { cause: this.#fenced })
  }

  /** Nothing more is written until `reopen`. */
  fence(cause: unknown): void {
    this.#fenced ??= cause
  }

  /** Closes and opens the database. @throws {StoreError} when it does not open; the store stays fenced */
  async reopen(): Promise<void> {
    this.#fenced ??= new Error('Reopened')
    // Opening writes: on a full disk it fails, and then nothing could be read either. The handle at hand still reads
    if (!(await this.#hasRoom())) throw new StoreError('failed', diskFull)
    this.#opening = this.#db.close().then(() => this.open())
    try {
      await this.#opening
      this.#fenced = undefined
    } finally {
      this.#opening = undefined
    }
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#fenced === undefined ? this.#db.get(key) : this.#readFenced(() => this.#db.get(key))
  }

  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#fenced === undefined ? this.#db.getMany(keys) : this.#readFenced(() => this.#db.getMany(keys))
  }

  /** Rows whose keys begin with `prefix` (ending in '/'), in order; from `gt` (a full key, exclusive) on if given. */
  under(prefix: string, gt?: string): AsyncIterable<[string, Uint8Array]> {
    const lt = afterPrefix(prefix)
    return this.#iterate(() => this.#db.iterator(gt === undefined ? { gt: prefix, lt } : { gt, lt }))
  }

  /** Keys alone, where values are not needed. */
  keys(options: { gt?: string; lt?: string; lte?: string; limit?: number }): AsyncIterable<string> {
    return this.#iterate(() => this.#db.keys(options))
  }

  /** Gives room back that removed rows took, where the database can. */
  async shrink(from: string, to: string): Promise<void> {
    // classic-level's own method; implementations without a disk have none
    const { compactRange } = this.#db as { compactRange?: (from: string, to: string) => Promise<void> }
    if (this.#fenced === undefined) await compactRange?.call(this.#db, from, to)
  }

  range(options: RangeOptions): AsyncIterable<[string, Uint8Array]> {
    return this.#iterate(() => this.#db.iterator(options))
  }

  /** Readers do not see that the database is being opened again. It stays closed when that does not work. */
  async #readFenced<T>(read: () => Promise<T>): Promise<T> {
    try {
      await this.#opening
      return await read()
    } catch (cause) {
      throw asStoreError(this.#fenced ?? cause)
    }
  }

  /** Rows from when the first is asked for, as they were then. @throws {StoreError} also when the database is closed meanwhile */
  async *#iterate<T>(open: () => AsyncIterable<T>): AsyncIterable<T> {
    try {
      yield* open()
    } catch (cause) {
      throw asStoreError(this.#fenced ?? cause)
    }
  }

  async #write(batches: readonly Batch[], version: number): Promise<void> {
    if (batches.every(({ rows }) => rows === 0)) return
    const chain = this.#db.batch()
    for (const batch of batches) batch.addTo(chain)
    if (version > this.#version) {
      // With the first row of its kind, not before: whoever writes none can go back to the release before
      chain.put(versionKey, Uint8Array.of(version)).put(readerKey, readerOf(version))
    }
    // classic-level's own option; implementations without a disk ignore it
    await chain.write({ sync: true } as object)
  }

  async #begin(): Promise<void> {
    // Device lists may be written before the spaces are opened
    for (const range of [{ lt: 'dl/' }, { gte: 'dl0' }]) {
      const [key] = await this.#db.keys({ ...range, limit: 1 }).all()
      if (key !== undefined) throw new StoreError('corrupt', `${damaged}. It has rows, but none says its version`)
    }
    await this.#db
      .batch()
      .put(versionKey, Uint8Array.of(firstVersion))
      .write({ sync: true } as object)
  }
}

const diskFull = 'The disk is full: free some space, nothing acknowledged is lost'
const damaged = 'The store is damaged: move it away and restore from the phrase or a backup'

/** Whether nothing is wrong with what was to be read or written: the store takes or gives nothing now, as while it is opened again. */
export function isOfClosedStore(cause: unknown): boolean {
  return cause instanceof StoreError && cause.code === 'failed'
}

function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
  const code = typeof inner === 'object' && inner !== null && 'code' in inner ? inner.code : undefined
  if (code === 'LEVEL_LOCKED') return new StoreError('in-use', 'The store is in use by another process', { cause })
  if (code === 'LEVEL_CORRUPTION') return new StoreError('corrupt', damaged, { cause })
  if (inner instanceof Error && /no space/i.test(inner.message)) {
    return new StoreError('failed', diskFull, { cause })
  }
  return new StoreError('failed', 'The store could not be read or written', { cause })
}
