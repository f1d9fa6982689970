import * as Y from 'yjs'
import { forgetPositions } from './forget-positions.ts'

interface Removed {
  readonly last: Y.ID
  readonly content: Y.Item['content']
  readonly parent: Y.AbstractType<unknown>
  readonly parentSub: string | null
}

/**
 * Call in `afterTransaction`, while what the transaction deleted is still there. The returned function makes the document say what it
 * said before, by edits that are written like others: in a transaction that comes after.
 */
export function takeBack({ doc, beforeState, afterState, deleteSet }: Y.Transaction): () => void {
  const { store, clientID: client } = doc
  const [before, after] = [beforeState.get(client) ?? 0, afterState.get(client) ?? 0]
  const removed: Removed[] = []
  for (const [author, ranges] of deleteSet.clients) {
    const structs = store.clients.get(author) ?? []
    for (const { clock, len } of ranges) {
      for (let index = Y.findIndexSS(structs, clock); index < structs.length; index++) {
        const item = structs[index]!
        if (item.id.clock >= clock + len) break
        // What the transaction itself had written stays away
        if (!(item instanceof Y.Item) || (author === client && item.id.clock >= before)) continue
        const { lastId: last, parent, parentSub } = item
        // An integrated item has its parent
        removed.push({ last, content: item.content.copy(), parent: parent as Y.AbstractType<unknown>, parentSub })
      }
    }
  }
  return () =>
    doc.transact(transaction => {
      for (const { last, content, parent, parentSub } of removed) {
        const left = Y.getItemCleanEnd(transaction, store, last)
        const id = Y.createID(client, Y.getState(store, client))
        const item = new Y.Item(id, left, left.lastId, left.right, left.right?.id ?? null, parent, parentSub, content)
        item.integrate(transaction, 0)
      }
      for (let clock = before; clock < after; ) {
        const item = Y.getItemCleanStart(transaction, Y.createID(client, clock))
        if (clock + item.length > after) Y.getItemCleanEnd(transaction, store, Y.createID(client, after - 1))
        clock += item.length
        if (item instanceof Y.Item && !item.deleted) item.delete(transaction)
      }
      forgetPositions(transaction)
    })
}
