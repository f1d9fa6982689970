import { expect } from 'chai'
import * as Y from 'yjs'
import { clientId } from '../log/index.ts'
import { keyValueKind } from './key-value.ts'
import { type Shard, shardOf } from './shard.ts'

/** A document, the rows that each of its transactions changes, and edits of it. */
function open(member: number) {
  const doc = new Y.Doc()
  doc.clientID = clientId(member, 1)
  const projection = keyValueKind.project!(doc, 'kv/notes/0')
  const told: (readonly [key: string, isThere: boolean])[][] = []
  doc.on('afterTransaction', transaction => {
    const info = { member, device: 1, seq: 1, time: 0, origin: '' }
    told.push([...projection(transaction, info)].map(({ key, value }) => [key, value !== undefined] as const))
  })
  const edit = (action: (shard: Shard, transaction: Y.Transaction) => void) =>
    doc.transact(transaction => action(shardOf(doc), transaction))
  const put = (...keys: string[]) =>
    edit((shard, transaction) => {
      for (const key of keys) shard.put(transaction, key, 'bytes', new Uint8Array([1]), 1)
    })
  return { doc, told, edit, put, shard: shardOf(doc) }
}

describe('a shard', () => {
  it('makes the row of a key anew with each transaction that changes it, once', () => {
    const { told, edit, put } = open(1)
    put('a', 'b', 'a')
    put('a')
    edit((shard, transaction) => shard.delete(transaction, 'a'))
    edit((shard, transaction) => {
      shard.delete(transaction, 'b')
      shard.put(transaction, 'b', 'bytes', new Uint8Array([2]), 2)
    })
    const [a, b] = ['notes/a', 'notes/b']
    expect(told).to.deep.equal([
      [
        [a, true],
        [b, true]
      ],
      [[a, true]],
      [[a, false]],
      [[b, true]]
    ])
  })

  it('keeps nothing of a key that went, deleted here or elsewhere', () => {
    const [here, there] = [open(1), open(2)]
    const keys = Array.from({ length: 100 }, (_, at) => `key ${at}`)
    here.put(...keys)
    Y.applyUpdate(there.doc, Y.encodeStateAsUpdate(here.doc))
    expect([here.shard.size, there.shard.size]).to.deep.equal([100, 100])
    here.edit((shard, transaction) => {
      for (const key of keys.slice(1)) shard.delete(transaction, key)
    })
    Y.applyUpdate(there.doc, Y.encodeStateAsUpdate(here.doc))
    expect([here.shard.size, there.shard.size]).to.deep.equal([1, 1])
    expect(there.told.at(-1)!.length).to.equal(99)
  })
})
