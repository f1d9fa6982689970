import * as Y from 'yjs'
import { noReferenceRow, referenceRow } from '../blobs/index.ts'
import { encode } from '../codec.ts'
import type { IndexRow, Projection } from '../documents/index.ts'
import type { ValueKind } from './entry.ts'
import { blobOf, type Item, type LiveItem, maxTime, readItem, winnerOf } from './item.ts'
import { encodeRow, valueKinds } from './row.ts'

/** The one top-level type of a shard. */
export const itemsName = 'e'

/** Values of one transaction that are read once; of more each is read again when its row is made. */
const maxKeptValues = 4096

/** What `watch` is told besides the row. */
export interface RowDetail {
  readonly key: string
  readonly lost?: Item
}

interface BlobChange {
  readonly item: LiveItem
  readonly isLive: boolean
}

const shards = new WeakMap<Y.Doc, Shard>()

/** The shard that a loaded document is. */
export function shardOf(doc: Y.Doc): Shard {
  const shard = shards.get(doc)
  if (shard === undefined) throw new TypeError('The document is no shard of a key-value store')
  return shard
}

/** Attaches a shard to a document and keeps its index rows. */
export function projectShard(doc: Y.Doc, rowPrefix: string): Projection {
  const shard = new Shard(doc)
  shards.set(doc, shard)
  return transaction => shard.rowsOf(transaction, rowPrefix)
}

/**
 * An append-and-delete array of values. Each live value is one binary item, which Yjs never merges with others, so it is found and
 * deleted by its id without walking the array; a map would keep every value that was ever written under a key.
 */
export class Shard {
  readonly #doc: Y.Doc
  readonly #items: Y.Array<Uint8Array>
  readonly #byKey = new Map<string, LiveItem[]>()
  readonly #byId = new Map<number, Map<number, LiveItem>>()
  /** Keys that edits of a transaction which has not ended changed: the edits after them see it already. */
  readonly #touched = new Set<string>()
  /** Items that came or went since rows were asked for and whose values are blobs */
  #blobs: BlobChange[] = []
  /** Some item near the end; what follows it is found by walking. */
  #tail: Y.ID | undefined

  constructor(doc: Y.Doc) {
    this.#doc = doc
    this.#items = doc.getArray(itemsName)
    for (const [client, structs] of doc.store.clients) {
      for (const struct of structs) {
        const item = this.#add(client, struct)
        if (item !== undefined) item.value = undefined
      }
    }
    this.#blobs = []
  }

  /** What stands under a key: of concurrent values the latest, of equal ones that of the higher client id. */
  get(key: string): Omit<Item, 'value'> | undefined {
    const items = this.#byKey.get(key)
    return items === undefined ? undefined : winnerOf(items)
  }

  /** Call within a transaction. The id of the write. */
  put(transaction: Y.Transaction, key: string, kind: ValueKind, value: Uint8Array, now: number): Y.ID {
    const replaced = this.#byKey.get(key)?.slice()
    let least = now
    if (replaced !== undefined) for (const item of replaced) least = Math.max(least, item.time + 1)
    const time = Math.min(least, maxTime)
    const content = new Y.ContentBinary(encode([key, valueKinds.indexOf(kind), value, time]))
    const { store, clientID } = this.#doc
    const id = Y.createID(clientID, Y.getState(store, clientID))
    const left = this.#last()
    const origin = left === null ? null : left.lastId
    new Y.Item(id, left, origin, null, null, this.#items, null, content).integrate(transaction, 0)
    this.#tail = id
    if (replaced !== undefined) for (const item of replaced) this.#delete(transaction, item)
    this.#note({ key, kind, value, time, client: id.client, clock: id.clock, blob: blobOf(kind, value) })
    this.#touched.add(key)
    return id
  }

  /** Call within a transaction. */
  delete(transaction: Y.Transaction, key: string): void {
    for (const item of this.#byKey.get(key)?.slice() ?? []) this.#delete(transaction, item)
  }

  /** Rows of the keys that a transaction changed, each made when it is asked for. */
  rowsOf(transaction: Y.Transaction, prefix: string): Iterable<IndexRow> {
    const changed = new Map<string, LiveItem | undefined>()
    for (const key of this.#touched) {
      const items = this.#byKey.get(key)
      changed.set(key, items && winnerOf(items))
    }
    this.#touched.clear()
    for (const [client, after] of transaction.afterState) {
      const before = transaction.beforeState.get(client) ?? 0
      if (before === after) continue
      const structs = this.#doc.store.clients.get(client)!
      for (let index = Y.findIndexSS(structs, before); index < structs.length; index++) {
        const struct = structs[index]!
        if (struct.id.clock >= after) break
        const item = this.#add(client, struct)
        if (item === undefined) continue
        changed.set(item.key, item)
        if (changed.size > maxKeptValues) item.value = undefined
      }
    }
    for (const [client, ranges] of transaction.deleteSet.clients) {
      const known = this.#byId.get(client)
      if (known === undefined) continue
      for (const { clock, len } of ranges) {
        for (const key of this.#forget(known, clock, len)) if (!changed.has(key)) changed.set(key, undefined)
      }
    }
    return this.#rows(prefix, changed, this.#blobs.splice(0))
  }

  *#rows(
    prefix: string,
    changed: ReadonlyMap<string, LiveItem | undefined>,
    blobs: readonly BlobChange[]
  ): Iterable<IndexRow> {
    for (const [key, added] of changed) yield this.#row(prefix, key, added)
    for (const { item, isLive } of blobs) {
      const place = `${prefix}${hex(item.client)}${hex(item.clock)}`
      yield isLive ? referenceRow(item.blob!, place) : noReferenceRow(item.blob!, place)
    }
  }

  #row(prefix: string, key: string, added: LiveItem | undefined): IndexRow {
    const items = this.#byKey.get(key)
    if (items === undefined) return { key: prefix + key, detail: { key } satisfies RowDetail }
    const winner = winnerOf(items)
    const loser = added === undefined ? undefined : items.find(item => item !== winner)
    const lost = loser && { ...loser, value: this.#valueOf(loser) }
    const value = encodeRow(winner, this.#valueOf(winner))
    for (const item of items) item.value = undefined
    return { key: prefix + key, value, detail: { key, lost } satisfies RowDetail }
  }

  #valueOf({ value, client, clock }: LiveItem): Uint8Array {
    if (value !== undefined) return value
    const { content } = Y.getItem(this.#doc.store, Y.createID(client, clock))
    return readItem((content as Y.ContentBinary).content, client, clock)!.value
  }

  /** Takes note of a live item. */
  #add(client: number, struct: Y.Item | Y.GC): LiveItem | undefined {
    if (!(struct instanceof Y.Item) || struct.deleted || !(struct.content instanceof Y.ContentBinary)) return undefined
    if (struct.parent !== this.#items || struct.parentSub !== null) return undefined
    const known = this.#byId.get(client)?.get(struct.id.clock)
    if (known !== undefined) return known
    const item = readItem(struct.content.content, client, struct.id.clock)
    if (item !== undefined) this.#note(item)
    return item
  }

  #note(item: LiveItem): void {
    const { client } = item
    let clocks = this.#byId.get(client)
    if (clocks === undefined) {
      clocks = new Map()
      this.#byId.set(client, clocks)
    }
    clocks.set(item.clock, item)
    const items = this.#byKey.get(item.key)
    if (items === undefined) this.#byKey.set(item.key, [item])
    else items.push(item)
    if (item.blob !== undefined) this.#blobs.push({ item, isLive: true })
  }

  /** Keys of the live items in a range of clocks, which are no longer live. */
  #forget(known: Map<number, LiveItem>, clock: number, length: number): string[] {
    const gone: LiveItem[] = []
    if (length > known.size) {
      for (const item of known.values()) if (item.clock >= clock && item.clock < clock + length) gone.push(item)
    } else {
      for (let at = clock; at < clock + length; at++) {
        const item = known.get(at)
        if (item !== undefined) gone.push(item)
      }
    }
    return gone.map(item => {
      this.#drop(item)
      return item.key
    })
  }

  #drop(item: LiveItem): void {
    this.#byId.get(item.client)?.delete(item.clock)
    if (item.blob !== undefined) this.#blobs.push({ item, isLive: false })
    const items = this.#byKey.get(item.key)
    if (items === undefined || items.length < 2) this.#byKey.delete(item.key)
    else {
      const left = items.filter(other => other !== item)
      this.#byKey.set(item.key, left)
    }
  }

  #delete(transaction: Y.Transaction, item: LiveItem): void {
    Y.getItem(this.#doc.store, Y.createID(item.client, item.clock)).delete(transaction)
    this.#drop(item)
    this.#touched.add(item.key)
  }

  /** The last item of the array, deleted ones included. `Y.Array.push` would walk to it from the start. */
  #last(): Y.Item | null {
    let last = this.#tail === undefined ? this.#items._start : Y.getItem(this.#doc.store, this.#tail)
    if (last !== null) {
      while (last.right !== null) last = last.right
      this.#tail = last.id
    }
    return last
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
