import * as Y from 'yjs'
import { forgetPositions } from './forget-positions.ts'

/** Content of items that this device wrote and that a cut took out of a document, to be written into it again. */
export interface Reissue {
  /** The document with everything that was taken out; it is changed by nobody any more. */
  readonly from: Y.Doc
  /** State of the document without it, by client id: items below have the same ids in both. */
  readonly shared: ReadonlyMap<number, number>
}

/**
 * An edit that writes the inserts and deletes of one update again, under new ids. An item goes behind the nearest item to its left that
 * is still there; what stood in something that is gone, such as a nested type of somebody else, is left out. Edits made from one
 * `reissue` know each other's items: run them in the order of their updates.
 */
export function reissuer({ from, shared }: Reissue) {
  const mapped = new Map<string, Y.ID>()
  const types = new Map<Y.AbstractType<unknown>, Y.AbstractType<unknown>>()
  const isShared = ({ client, clock }: { readonly client: number; readonly clock: number }): boolean =>
    clock < (shared.get(client) ?? 0)

  /** Where the last unit of an old item is in the document now. */
  const find = (doc: Y.Doc, id: Y.ID): Y.Item | undefined => {
    const now = mapped.get(textOf(id)) ?? (isShared(id) ? id : undefined)
    const item = now && Y.getItem(doc.store, now)
    return item instanceof Y.Item ? item : undefined
  }

  const parentOf = (doc: Y.Doc, parent: Y.AbstractType<unknown>): Y.AbstractType<unknown> | undefined => {
    const holder = parent._item
    if (holder === null) return doc.share.get(Y.findRootTypeKey(parent)) as Y.AbstractType<unknown> | undefined
    const known = types.get(parent)
    if (known !== undefined) return known
    const content = find(doc, holder.id)?.content
    return content instanceof Y.ContentType ? (content.type as Y.AbstractType<unknown>) : undefined
  }

  const insert = (transaction: Y.Transaction, old: Y.Item): boolean => {
    const { doc } = transaction
    const parent = parentOf(doc, old.parent as Y.AbstractType<unknown>)
    if (parent === undefined) return false
    const left = old.parentSub === null ? leftOf(transaction, old) : (parent._map.get(old.parentSub) ?? null)
    const right = old.parentSub !== null ? null : left === null ? parent._start : left.right
    const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
    const content = old.content.copy()
    new Y.Item(id, left, left?.lastId ?? null, right, right?.id ?? null, parent, old.parentSub, content).integrate(
      transaction,
      0
    )
    if (old.content instanceof Y.ContentType && content instanceof Y.ContentType) {
      types.set(old.content.type as Y.AbstractType<unknown>, content.type as Y.AbstractType<unknown>)
    }
    for (let unit = 0; unit < old.length; unit++) {
      mapped.set(textOf({ client: old.id.client, clock: old.id.clock + unit }), Y.createID(id.client, id.clock + unit))
    }
    return true
  }

  const leftOf = (transaction: Y.Transaction, old: Y.Item): Y.Item | null => {
    for (let item = old.left; item !== null; item = item.left) {
      // Yjs joins items, so the beginning of one may be there and its end not
      for (let unit = item.length - 1; unit >= 0; unit--) {
        const id = { client: item.id.client, clock: item.id.clock + unit }
        const now = mapped.get(textOf(id)) ?? (isShared(id) ? id : undefined)
        if (now !== undefined) {
          return Y.getItemCleanEnd(transaction, transaction.doc.store, Y.createID(now.client, now.clock))
        }
      }
    }
    return null
  }

  const remove = (transaction: Y.Transaction, client: number, clock: number, length: number): void => {
    const { store } = transaction.doc
    const end = Math.min(clock + length, shared.get(client) ?? 0)
    for (let at = clock; at < end; ) {
      const item = Y.getItemCleanStart(transaction, Y.createID(client, at))
      if (!(item instanceof Y.Item) || item.length === 0) return
      if (at + item.length > end) Y.getItemCleanEnd(transaction, store, Y.createID(client, end - 1))
      if (!item.deleted) item.delete(transaction)
      at += item.length
    }
  }

  /** The edit, and how many items it could not place, once it has run. */
  return (update: Uint8Array) => {
    const { structs, ds } = Y.decodeUpdate(update)
    return (transaction: Y.Transaction): { lost: number } => {
      let lost = 0
      // When a transaction ends, Yjs joins items again that were cut to fit: all of it within one
      from.transact(old => {
        for (const { id, length } of structs) {
          for (const item of itemsOf(old, id, length)) if (!item.deleted && !insert(transaction, item)) lost++
        }
      })
      for (const [client, ranges] of ds.clients) {
        for (const { clock, len } of ranges) remove(transaction, client, clock, len)
      }
      forgetPositions(transaction)
      return { lost }
    }
  }
}

function itemsOf(transaction: Y.Transaction, { client, clock }: Y.ID, length: number): Y.Item[] {
  const { store } = transaction.doc
  const structs = store.clients.get(client) ?? []
  const end = Math.min(clock + length, Y.getState(store, client))
  const items: Y.Item[] = []
  for (let at = clock; at < end; ) {
    const struct = structs[Y.findIndexSS(structs, at)]!
    at = struct.id.clock + struct.length
    if (!(struct instanceof Y.Item)) continue
    const item = Y.getItemCleanStart(transaction, Y.createID(client, Math.max(clock, struct.id.clock)))
    if (item.id.clock + item.length > end) Y.getItemCleanEnd(transaction, store, Y.createID(client, end - 1))
    items.push(item)
  }
  return items
}

function textOf({ client, clock }: { readonly client: number; readonly clock: number }): string {
  return `${client}/${clock}`
}
