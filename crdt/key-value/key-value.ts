import type * as Y from 'yjs'
import { bytesToReference } from '../blobs/index.ts'
import type { DocumentKind, IndexRow } from '../documents/index.ts'
import { isLongerThan } from '../log/index.ts'
import type { Space } from '../spaces/index.ts'
import {
  type BatchOperation,
  type Change,
  type Entry,
  type KeyValue,
  type ListOptions,
  type PutOptions,
  type ValueKind,
  VersionConflict
} from './entry.ts'
import { maxKeyBytes, maxValueBytes } from './item.ts'
import { encodeRow, rowToEntry, versionOf } from './row.ts'
import { itemsName, projectShard, type RowDetail, type Shard, shardOf } from './shard.ts'

const kindName = 'kv'
/** Documents that a namespace is spread over, so that none has to be loaded as a whole. */
const shardCount = 16
const maxNamespaceBytes = 64
/** Changes that may wait for one watcher that does not take them; beyond, it ends with an error. */
const maxWaiting = 65_536

/** Documents `kv/<namespace>/<shard>`, written by every writer of the space. */
export const keyValueKind: DocumentKind = {
  kind: kindName,
  spaces: ['self', 'shared'],
  roots: { [itemsName]: 'array' },
  isProjectedFromState: true,
  // 2: rows of blobs
  projection: 2,
  writer: document => (/^kv\/[^/]+\/[0-9a-f]$/.test(document) ? 'members' : undefined),
  project: (doc, document) => projectShard(doc, `${document.slice(kindName.length + 1, -2)}/`)
}

/**
 * The key-value store of one namespace of a space.
 *
 * @param namespace 1 to 64 bytes of UTF-8 without '/'
 */
export function keyValue(space: Space, namespace: string, init: { readonly clock?: () => number } = {}): KeyValue {
  if (namespace === '' || namespace.includes('/') || isLongerThan(namespace, maxNamespaceBytes)) {
    throw new RangeError(`A namespace has 1 to ${maxNamespaceBytes} bytes and no '/'`)
  }
  return new SpaceKeyValue(space, namespace, init.clock ?? Date.now)
}

class SpaceKeyValue implements KeyValue {
  readonly #space: Space
  readonly #index: ReturnType<Space['index']>
  readonly #prefix: string
  readonly #documents: readonly string[]
  readonly #clock: () => number
  readonly #twinOf = (member: number) => this.#space.twinOf(member)

  constructor(space: Space, namespace: string, clock: () => number) {
    this.#space = space
    this.#index = space.index(kindName)
    this.#prefix = `${namespace}/`
    this.#clock = clock
    const documentOf = (shard: number) => `${kindName}/${namespace}/${shard.toString(16)}`
    this.#documents = Array.from({ length: shardCount }, (_, shard) => documentOf(shard))
  }

  async get(key: string): Promise<Entry | undefined> {
    const row = await this.#index.get(this.#prefix + key)
    return row && rowToEntry(key, row, this.#twinOf)
  }

  // Not async: many are in flight at a time, and each would keep a frame of its own
  put(key: string, value: Uint8Array, { kind = 'bytes', expected, at }: PutOptions = {}): Promise<{ version: string }> {
    const refusal = keyRefusal(key) ?? valueRefusal(kind, value)
    if (refusal !== undefined) return Promise.reject(new RangeError(refusal))
    const edit = (doc: Y.Doc, transaction: Y.Transaction) => {
      const shard = shardOf(doc)
      checkVersion(shard, key, expected)
      return { version: versionOf(shard.put(transaction, key, kind, value, at ?? this.#clock())) }
    }
    return this.#space.write(this.#documentOf(key), edit).then(toValue)
  }

  async delete(key: string, { expected }: { readonly expected?: string | null } = {}): Promise<boolean> {
    const refusal = keyRefusal(key)
    if (refusal !== undefined) throw new RangeError(refusal)
    const { value } = await this.#space.write(this.#documentOf(key), (doc, transaction) => {
      const shard = shardOf(doc)
      checkVersion(shard, key, expected)
      const wasThere = shard.get(key) !== undefined
      shard.delete(transaction, key)
      return wasThere
    })
    return value
  }

  batch(operations: readonly BatchOperation[]): Promise<{ key: string; version?: string }[]> {
    return Promise.all(
      operations.map(async operation => {
        const { key } = operation
        if (operation.type === 'put') return { key, ...(await this.put(key, operation.value, operation)) }
        await this.delete(key, operation)
        return { key }
      })
    )
  }

  async *list({ prefix = '', after, limit = Number.POSITIVE_INFINITY }: ListOptions = {}): AsyncIterable<Entry> {
    const from = this.#prefix + prefix
    const range = after !== undefined && after >= prefix ? { gt: this.#prefix + after } : { gte: from }
    let left = limit
    for await (const { key, value } of this.#index.iterate({ ...range, lt: `${this.#prefix.slice(0, -1)}0` })) {
      if (left-- <= 0 || !key.startsWith(from)) return
      yield rowToEntry(key.slice(this.#prefix.length), value, this.#twinOf)
    }
  }

  async *watch(
    { prefix = '' }: { readonly prefix?: string } = {},
    { signal }: { readonly signal?: AbortSignal } = {}
  ): AsyncIterable<Change> {
    const waiting: Change[] = []
    let wake = () => {}
    const notify = () => wake()
    const stop = this.#space.on('rows', ({ kind, rows }) => {
      if (kind !== kindName) return
      for (const row of rows) {
        if (row.key.startsWith(this.#prefix + prefix) && waiting.length <= maxWaiting) waiting.push(this.#toChange(row))
      }
      wake()
    })
    signal?.addEventListener('abort', notify)
    try {
      while (signal?.aborted !== true) {
        if (waiting.length > maxWaiting) throw new RangeError('The watcher was too slow')
        const change = waiting.shift()
        if (change !== undefined) yield change
        else {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
      }
    } finally {
      stop()
      signal?.removeEventListener('abort', notify)
    }
  }

  #toChange({ key: rowKey, value, detail }: IndexRow): Change {
    const key = rowKey.slice(this.#prefix.length)
    // Rows of this kind are made by `projectShard`
    const { lost } = (detail ?? {}) as Partial<RowDetail>
    const entry = value && rowToEntry(key, value, this.#twinOf)
    const loser = lost && rowToEntry(key, encodeRow(lost, lost.value), this.#twinOf)
    return { type: entry === undefined ? 'delete' : 'put', key, entry, lost: loser }
  }

  #documentOf(key: string): string {
    return this.#documents[shardNumber(key)]!
  }
}

/** FNV-1a over UTF-16 units; every replica writes a key to the same shard. */
export function shardNumber(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash >>> 28) & 15
}

function toValue<T>({ value }: { readonly value: T }): T {
  return value
}

function keyRefusal(key: string): string | undefined {
  if (key === '' || isLongerThan(key, maxKeyBytes)) return `A key has 1 to ${maxKeyBytes} bytes`
  return key.isWellFormed() ? undefined : 'A key is well-formed text'
}

function valueRefusal(kind: ValueKind, value: Uint8Array): string | undefined {
  if (value.length > maxValueBytes) return `A value has at most ${maxValueBytes / 1024} KiB`
  return kind === 'blob' && bytesToReference(value) === undefined ? 'A blob is named by its reference' : undefined
}

function checkVersion(shard: Shard, key: string, expected: string | null | undefined): void {
  if (expected === undefined) return
  const item = shard.get(key)
  const version = item && versionOf(item)
  if (version !== (expected ?? undefined)) throw new VersionConflict(key, version)
}
