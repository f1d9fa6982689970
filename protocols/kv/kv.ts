import { twinToText } from '../../crdt/identity/index.ts'
import type { BatchOperation, Entry, KeyValue } from '../../crdt/key-value/index.ts'
import { type Implementation, ProtocolError } from '../core/index.ts'
import { checkKey } from './address.ts'
import { bytesToJson, jsonToBytes, tooLarge } from './canonical-json.ts'
import { Namespaces, type NamespacesComponents, type NamespacesInit } from './namespaces.ts'
import { type KvItem, type KvValue, type kvProtocol, maxValueBytes } from './protocol.ts'
import { refusing } from './refusing.ts'

type Waiting = { readonly signal: AbortSignal }

export interface KvComponents extends NamespacesComponents {}
export interface KvInit extends NamespacesInit {}

/** Values by name. What is read comes from the index and what is written from the caller; no document is loaded here. */
export class Kv implements Implementation<typeof kvProtocol> {
  readonly #namespaces: Namespaces

  constructor(components: KvComponents, init: KvInit = {}) {
    this.#namespaces = new Namespaces(components, init)
  }

  start(): void {
    this.#namespaces.start()
  }

  stop(): Promise<void> {
    return this.#namespaces.stop()
  }

  async get({ key, space }: { key: string; space?: string }, { signal }: Waiting): Promise<KvItem> {
    checkKey(key)
    const table = await this.#namespaces.read(space, signal)
    const entry = await table.get(key)
    if (entry === undefined) throw new ProtocolError('NotFound', 'No value under this key')
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
    { signal }: Waiting
  ): AsyncGenerator<KvItem> {
    const table = await this.#namespaces.read(space, signal)
    for await (const entry of table.list({ prefix, after, limit })) {
      if (signal.aborted) return
      yield entryToItem(entry)
    }
  }

  async *watch({ prefix = '', space }: { prefix?: string; space?: string }, { signal }: Waiting) {
    const table = await this.#namespaces.read(space, signal)
    for await (const { type, key, entry, lost } of table.watch({ prefix }, { signal })) {
      const now = entry === undefined ? { key } : entryToItem(entry)
      yield { type, ...now, ...(lost !== undefined && { lost: entryToItem(lost) }) }
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
  return {
    key,
    value: kind === 'json' ? bytesToJson(value) : value,
    version,
    at,
    by: { twin: twinToText(by.twin), device: by.device }
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
