import { expect } from 'chai'
import * as Y from 'yjs'
import { collectDeltas, deltaToUpdate } from './delta.ts'

describe('deltas', () => {
  it('make the document they come from, values longer than the memory in which they are written included', () => {
    const doc = new Y.Doc()
    const { clientID: client } = doc
    const lengths = [1, 130, 60_000, 3, 40_000, 40_000, 20, 33_000, 0]
    const values = lengths.map((length, at) => new Uint8Array(length).fill(at + 1))
    const copy = new Y.Doc()
    // Each by itself, then the rest together: memory is used again in between
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 9]
    ] as const) {
      const clock = Y.getState(doc.store, client)
      doc.transact(() => doc.getArray<Uint8Array>('a').push(values.slice(from, to)))
      for (const delta of collectDeltas(doc, client, clock, [])) Y.applyUpdate(copy, deltaToUpdate(client, delta))
    }
    expect(copy.getArray('a').toArray()).to.deep.equal(values)
    expect(Y.encodeStateAsUpdate(copy)).to.deep.equal(Y.encodeStateAsUpdate(doc))
  })
})
