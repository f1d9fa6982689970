/** Values are bytes, the UTF-8 text of a JSON value, or the CBOR of a blob's reference; the store keeps all as they are. */
export type ValueKind = 'bytes' | 'json' | 'blob'

export interface Entry {
  readonly key: string
  readonly kind: ValueKind
  readonly value: Uint8Array
  /** Names the write, for comparison with `expected` on this replica: `<member>-<device>-<count>`. */
  readonly version: string
  /** When it was written, by the writer's clock (ms); never before what it replaced. */
  readonly at: number
  readonly by: { readonly twin: Uint8Array; readonly device: number }
}

export interface PutOptions {
  /** Default `bytes`. */
  readonly kind?: ValueKind
  /** The version that must stand there; null: nothing may. */
  readonly expected?: string | null
  /** When it was written, of what is moved here (ms); default now. */
  readonly at?: number
}

export type BatchOperation =
  | ({ readonly type: 'put'; readonly key: string; readonly value: Uint8Array } & PutOptions)
  | { readonly type: 'delete'; readonly key: string; readonly expected?: string | null }

export interface ListOptions {
  readonly prefix?: string
  /** Only keys after this one. */
  readonly after?: string
  readonly limit?: number
}

export interface Change {
  readonly type: 'put' | 'delete'
  readonly key: string
  /** What stands there now; undefined after a delete. */
  readonly entry?: Entry
  /** A concurrent write that is not what stands there now. */
  readonly lost?: Entry
}

/** Another value stands under the key than was expected. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict'
  readonly key: string
  readonly version: string | undefined

  constructor(key: string, version: string | undefined) {
    super('Another version stands under this key than was expected')
    this.key = key
    this.version = version
  }
}

/** A namespace of values. Reads come from the local index and see what is on synced storage. */
export interface KeyValue {
  get(key: string): Promise<Entry | undefined>
  /** @throws {VersionConflict} {RangeError} for a key beyond 512 bytes, a value beyond 64 KiB, a blob that is no reference */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<{ readonly version: string }>
  /** Whether something was there. @throws {VersionConflict} */
  delete(key: string, options?: { readonly expected?: string | null }): Promise<boolean>
  /** All or nothing per key; an operation whose expectation fails rejects the whole call, others of it may be done. */
  batch(operations: readonly BatchOperation[]): Promise<{ readonly key: string; readonly version?: string }[]>
  list(options?: ListOptions): AsyncIterable<Entry>
  watch(options?: { readonly prefix?: string }, control?: { readonly signal?: AbortSignal }): AsyncIterable<Change>
}
