import * as Y from 'yjs'
import { eventsRoot } from './document-kind.ts'

/** Some item near the end of each document; what follows it is found by walking. */
const tails = new WeakMap<Y.Doc, Y.ID>()

/**
 * Puts an event at the end of a document, within a transaction. `push` and `insert` of a `Y.Array` walk over everything one
 * client wrote without a gap, which here is the whole month.
 */
export function appendEvent(doc: Y.Doc, transaction: Y.Transaction, bytes: Uint8Array): void {
  const events = doc.getArray(eventsRoot)
  const last = lastItem(doc, events)
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  const item = new Y.Item(id, last, last?.lastId ?? null, null, null, events, null, new Y.ContentBinary(bytes))
  item.integrate(transaction, 0)
  tails.set(doc, id)
}

function lastItem(doc: Y.Doc, events: Y.Array<unknown>): Y.Item | null {
  const tail = tails.get(doc)
  let last = tail === undefined ? events._start : Y.getItem(doc.store, tail)
  while (last !== null && last.right !== null) last = last.right
  return last
}
