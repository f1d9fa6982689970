import * as Y from 'yjs'
import { noReferenceRow, referenceRow } from '../blobs/index.ts'
import { sharedPlaces } from '../bytes.ts'
import { encode } from '../codec.ts'
import type { IndexRow, Projection } from '../documents/index.ts'
import type { ValueKind } from './entry.ts'
import { type BlobChange, blobOf, type Item, type LiveItem, maxTime, readItem, type Slot, winnerOf } from './item.ts'
import { LiveItems } from './live-items.ts'
import { encodeRow, valueKinds } from './row.ts'

/** The one top-level type of a shard. */
export const itemsName = 'e'

/** Values of one transaction that are read once; of more each is read again when its row is made. */
const maxKeptValues = 4096

/** What `watch` is told besides the row. */
export interface RowDetail {
  /** A concurrent value that is not what stands there now */
  readonly lost?: Omit<Item, 'key'>
}

/** Never added to: the first item of a slot gets a list of its own */
const none: LiveItem[] = []
const nothingLost: RowDetail = {}

/** Of few bytes together, as they stay until the last of them is deleted */
const placeOfContent = sharedPlaces(4096)

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
  readonly #byKey = new Map<string, Slot>()
  readonly #byClient = new Map<number, LiveItems>()
  /** Slots whose rows are to be made: edits of a transaction which has not ended are seen by those after them. */
  readonly #changed: Slot[] = []
  /** Items that came or went since rows were asked for and whose values are blobs */
  #blobs: BlobChange[] = []
  /** Some item near the end; what follows it is found by walking. */
  #tail: Y.ID | undefined

  constructor(doc: Y.Doc) {
    this.#doc = doc
    this.#items = doc.getArray(itemsName)
    for (const [client, structs] of doc.store.clients) {
      const known = this.#itemsOf(client)
      for (const struct of structs) {
        const item = this.#add(known, struct)
        if (item !== undefined) item.value = undefined
      }
    }
    this.#blobs = []
  }

  /** Keys that are kept: with a value, or until the row is made that says that it went. */
  get size(): number {
    return this.#byKey.size
  }

  /** What stands under a key: of concurrent values the latest, of equal ones that of the higher client id. */
  get(key: string): LiveItem | undefined {
    const items = this.#byKey.get(key)?.items
    return items === undefined || items.length === 0 ? undefined : winnerOf(items)
  }

  /** Call within a transaction. The id of the write. */
  put(transaction: Y.Transaction, key: string, kind: ValueKind, value: Uint8Array, now: number): Y.ID {
    const slot = this.#slotOf(key)
    let least = now
    for (const item of slot.items) least = Math.max(least, item.time + 1)
    const time = Math.min(least, maxTime)
    const content = new Y.ContentBinary(encode([key, valueKinds.indexOf(kind), value, time], placeOfContent))
    const { store, clientID } = this.#doc
    const id = Y.createID(clientID, Y.getState(store, clientID))
    const left = this.#last()
    new Y.Item(id, left, left?.lastId ?? null, null, null, this.#items, null, content).integrate(transaction, 0)
    this.#tail = id
    this.#deleteAll(transaction, slot)
    const item = { slot, kind, value, time, client: id.client, clock: id.clock, blob: blobOf(kind, value) }
    this.#note(this.#itemsOf(id.client), item)
    this.#touch(slot)
    slot.isAdded = true
    return id
  }

  /** Call within a transaction. */
  delete(transaction: Y.Transaction, key: string): void {
    const slot = this.#byKey.get(key)
    if (slot !== undefined) this.#deleteAll(transaction, slot)
  }

  /** Rows of the keys that a transaction changed, each made when it is asked for. */
  rowsOf(transaction: Y.Transaction, prefix: string): Iterable<IndexRow> {
    for (const [client, after] of transaction.afterState) {
      const before = transaction.beforeState.get(client) ?? 0
      if (before === after) continue
      const known = this.#itemsOf(client)
      const structs = this.#doc.store.clients.get(client)!
      for (let index = Y.findIndexSS(structs, before); index < structs.length; index++) {
        const struct = structs[index]!
        if (struct.id.clock >= after) break
        const item = this.#add(known, struct)
        if (item === undefined) continue
        this.#touch(item.slot)
        item.slot.isAdded = true
        if (this.#changed.length > maxKeptValues) item.value = undefined
      }
    }
    for (const [client, ranges] of transaction.deleteSet.clients) {
      const known = this.#byClient.get(client)
      if (known === undefined) continue
      for (const { clock, len } of ranges) {
        for (const item of known.within(clock, len)) {
          this.#drop(item)
          this.#touch(item.slot)
        }
      }
    }
    const changed = this.#changed.splice(0)
    for (const slot of changed) slot.isChanged = false
    return this.#rows(prefix, changed, this.#blobs.splice(0))
  }

  *#rows(prefix: string, changed: readonly Slot[], blobs: readonly BlobChange[]): Iterable<IndexRow> {
    for (const slot of changed) yield this.#row(prefix, slot)
    for (const { item, isLive } of blobs) {
      const place = `${prefix}${hex(item.client)}${hex(item.clock)}`
      yield isLive ? referenceRow(item.blob!, place) : noReferenceRow(item.blob!, place)
    }
  }

  #row(prefix: string, slot: Slot): IndexRow {
    const { key, items, isAdded } = slot
    slot.isAdded = false
    if (items.length === 0) {
      this.#byKey.delete(key)
      return { key: prefix + key, detail: nothingLost }
    }
    const winner = winnerOf(items)
    const loser = isAdded ? items.find(item => item !== winner) : undefined
    const value = encodeRow(winner, this.#valueOf(winner))
    const detail = loser === undefined ? nothingLost : { lost: { ...loser, value: this.#valueOf(loser) } }
    for (const item of items) item.value = undefined
    return { key: prefix + key, value, detail }
  }

  #valueOf({ value, client, clock }: LiveItem): Uint8Array {
    if (value !== undefined) return value
    const { content } = Y.getItem(this.#doc.store, Y.createID(client, clock))
    return readItem((content as Y.ContentBinary).content, client, clock)!.value
  }

  /** Takes note of a live item. */
  #add(known: LiveItems, struct: Y.Item | Y.GC): LiveItem | undefined {
    if (!(struct instanceof Y.Item) || struct.deleted || !(struct.content instanceof Y.ContentBinary)) return undefined
    if (struct.parent !== this.#items || struct.parentSub !== null) return undefined
    const { client, clock } = struct.id
    const there = known.get(clock)
    if (there !== undefined) return there
    const read = readItem(struct.content.content, client, clock)
    if (read === undefined) return undefined
    const { key, kind, value, time, blob } = read
    const item = { slot: this.#slotOf(key), kind, value, time, client, clock, blob }
    this.#note(known, item)
    return item
  }

  #note(known: LiveItems, item: LiveItem): void {
    known.add(item)
    const { slot } = item
    if (slot.items.length === 0) slot.items = [item]
    else slot.items.push(item)
    if (item.blob !== undefined) this.#blobs.push({ item, isLive: true })
  }

  #drop(item: LiveItem): void {
    const { slot } = item
    this.#byClient.get(item.client)?.remove(item.clock)
    slot.items = slot.items.length < 2 ? none : slot.items.filter(other => other !== item)
    if (item.blob !== undefined) this.#blobs.push({ item, isLive: false })
  }

  #deleteAll(transaction: Y.Transaction, slot: Slot): void {
    const { items } = slot
    slot.items = none
    for (const item of items) {
      Y.getItem(this.#doc.store, Y.createID(item.client, item.clock)).delete(transaction)
      this.#drop(item)
    }
    if (items.length > 0) this.#touch(slot)
  }

  #touch(slot: Slot): void {
    if (slot.isChanged) return
    slot.isChanged = true
    this.#changed.push(slot)
  }

  #slotOf(key: string): Slot {
    let slot = this.#byKey.get(key)
    if (slot === undefined) {
      slot = { key, items: none, isChanged: false, isAdded: false }
      this.#byKey.set(key, slot)
    }
    return slot
  }

  #itemsOf(client: number): LiveItems {
    let items = this.#byClient.get(client)
    if (items === undefined) {
      items = new LiveItems()
      this.#byClient.set(client, items)
    }
    return items
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
