import * as Y from 'yjs'

/**
 * Makes a document that goes behind the gate. Deleted content is freed as usual, but the items stay as markers, also inside types that
 * were removed: with Yjs's default a replica that has cleaned up could no longer tell the order of such items, and replicas would
 * come to different verdicts. Every document behind the gate, local ones included, is made here.
 */
export function createDoc(): Y.Doc {
  // Nobody asks for its id, and a random one costs thirty calls for random bytes
  return new Y.Doc({ guid: '', gcFilter: item => !(item.content instanceof Y.ContentType) })
}
