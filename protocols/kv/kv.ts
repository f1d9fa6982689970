import {
  BlobError,
  type BlobReference,
  type Blobs,
  bytesToReference,
  referenceToBytes
} from '../../crdt/blobs/index.ts'
import { twinToText } from '../../crdt/identity/index.ts'
import type { BatchOperation, Entry, KeyValue } from '../../crdt/key-value/index.ts'
import { type CallContext, type Implementation, ProtocolError } from '../core/index.ts'
import { checkKey } from './address.ts'
import { bytesToJson, jsonToBytes, tooLarge } from './canonical-json.ts'
import { Namespaces, type NamespacesComponents, type NamespacesInit } from './namespaces.ts'
import { type KvItem, type KvValue, type kvProtocol, maxValueBytes } from './protocol.ts'
import { refusing } from './refusing.ts'

type Waiting = Pick<CallContext, 'signal'>
/** A caller of an old minor does not know of values that are blobs */
type Versioned = Pick<CallContext, 'signal' | 'version'>

export interface KvComponents extends NamespacesComponents {
  readonly blobs: Pick<Blobs, 'hold'>
}
export interface KvInit extends NamespacesInit {}

/** Values by name. What is read comes from the index and what is written from the caller; no document is loaded here. */
export class Kv implements Implementation<typeof kvProtocol> {
  readonly #namespaces: Namespaces
  readonly #blobs: Pick<Blobs, 'hold'>

  constructor(components: KvComponents, init: KvInit = {}) {
    this.#blobs = components.blobs
    this.#namespaces = new Namespaces(components, init)
  }

  start(): void {
    this.#namespaces.start()
  }

  stop(): Promise<void> {
    return this.#namespaces.stop()
  }

  async get({ key, space }: { key: string; space?: string }, { signal, version }: Versioned): Promise<KvItem> {
    checkKey(key)
    const table = await this.#namespaces.read(space, signal)
    const entry = await table.get(key)
    if (entry === undefined) throw new ProtocolError('NotFound', 'No value under this key')
    if (!isKnownTo(version, entry)) {
      throw new ProtocolError('FailedPrecondition', 'This value is too large for a client of kv 1.0')
    }
    return entryToItem(entry)
  }

  async put(
    { key, value, space, expected }: { key: string; value: KvValue; space?: string; expected?: string },
    { signal }: Waiting
  ): Promise<{ key: string; version: string }> {
    checkKey(key)
    const { kind, bytes } = valueToBytes(value)
    const put = (table: KeyValue) => table.put(key, bytes, { kind, ...toExpected(expected) })
    const { version } = await refusing(this.#namespaces.write(space, put, signal))
    return { key, version }
  }

  async putBlob(
    { key, blob, space, expected }: { key: string; blob: BlobReference; space?: string; expected?: string },
    { signal }: Waiting
  ): Promise<{ key: string; version: string }> {
    checkKey(key)
    const bytes = blobToBytes(blob)
    const release = await this.#hold(blob.address)
    try {
      const put = (table: KeyValue) => table.put(key, bytes, { kind: 'blob', ...toExpected(expected) })
      const { version } = await refusing(this.#namespaces.write(space, put, signal))
      return { key, version }
    } finally {
      release()
    }
  }

  async delete(
    { key, space, expected }: { key: string; space?: string; expected?: string },
    { signal }: Waiting
  ): Promise<{ key: string; deleted: boolean }> {
    checkKey(key)
    const remove = (table: KeyValue) => table.delete(key, toExpected(expected))
    return { key, deleted: await refusing(this.#namespaces.write(space, remove, signal)) }
  }

  async *list(
    { prefix = '', space, after, limit }: { prefix?: string; space?: string; after?: string; limit?: number },
    { signal, version }: Versioned
  ): AsyncGenerator<KvItem> {
    const table = await this.#namespaces.read(space, signal)
    for await (const entry of table.list({ prefix, after, limit })) {
      if (signal.aborted) return
      if (isKnownTo(version, entry)) yield entryToItem(entry)
    }
  }

  async *watch({ prefix = '', space }: { prefix?: string; space?: string }, { signal, version }: Versioned) {
    const table = await this.#namespaces.read(space, signal)
    for await (const { type, key, entry, lost } of table.watch({ prefix }, { signal })) {
      if (!isKnownTo(version, entry)) continue
      const now = entry === undefined ? { key } : entryToItem(entry)
      yield { type, ...now, ...(lost !== undefined && isKnownTo(version, lost) && { lost: entryToItem(lost) }) }
    }
  }

  async batch(
    {
      ops,
      space
    }: {
      ops: (
        | { type: 'put'; key: string; value: KvValue; expected?: string }
        | { type: 'delete'; key: string; expected?: string }
      )[]
      space?: string
    },
    { signal }: Waiting
  ): Promise<{ results: { key: string; version?: string }[] }> {
    const checked = ops.map((op): BatchOperation => {
      checkKey(op.key)
      if (op.type === 'delete') return { type: 'delete', key: op.key, ...toExpected(op.expected) }
      const { kind, bytes } = valueToBytes(op.value)
      return { type: 'put', key: op.key, value: bytes, kind, ...toExpected(op.expected) }
    })
    return { results: await refusing(this.#namespaces.write(space, table => table.batch(checked), signal)) }
  }

  async #hold(address: string): Promise<() => void> {
    try {
      return await this.#blobs.hold(address)
    } catch (error) {
      if (!(error instanceof BlobError)) throw error
      throw new ProtocolError('FailedPrecondition', 'The file is not stored here, store it again', { cause: error })
    }
  }

  namespaces() {
    return this.#namespaces.list()
  }

  share({ namespace, who }: { namespace: string; who: string }) {
    return refusing(this.#namespaces.share(namespace, who))
  }

  async *offers() {
    yield* this.#namespaces.offers()
  }

  accept({ name }: { name: string }, { signal }: Waiting) {
    return this.#namespaces.accept(name, signal)
  }
}

function entryToItem({ key, kind, value, version, at, by }: Entry): KvItem {
  const blob = kind === 'blob' ? bytesToReference(value) : undefined
  return {
    key,
    value: blob !== undefined ? new Uint8Array() : kind === 'json' ? bytesToJson(value) : value,
    ...(blob !== undefined && { blob }),
    version,
    at,
    by: { twin: twinToText(by.twin), device: by.device }
  }
}

function isKnownTo(version: string, entry: Entry | undefined): boolean {
  return entry?.kind !== 'blob' || version !== '1.0'
}

function blobToBytes(blob: BlobReference): Uint8Array {
  try {
    return referenceToBytes(blob)
  } catch (cause) {
    throw new ProtocolError('InvalidArgument', 'A blob has a name without a folder and a plain media type', { cause })
  }
}

function valueToBytes(value: KvValue): { kind: 'bytes' | 'json'; bytes: Uint8Array } {
  if (!(value instanceof Uint8Array)) return { kind: 'json', bytes: jsonToBytes(value) }
  if (value.length > maxValueBytes) throw tooLarge(value.length)
  return { kind: 'bytes', bytes: value }
}

/** On the wire absence of a value is the empty version, so that a command line can say it. */
function toExpected(expected: string | undefined): { expected?: string | null } {
  return expected === undefined ? {} : { expected: expected === '' ? null : expected }
}
