import { expect } from 'chai'
import * as Y from 'yjs'
import { type BlobReference, referenceToBytes } from '../blobs/index.ts'
import { encode } from '../codec.ts'
import { frozen } from '../frozen.fixture.ts'
import { clientId, hexToBytes } from '../log/index.ts'
import { keyValueKind } from './key-value.ts'
import { rowToEntry } from './row.ts'
import { itemsName, type Shard, shardOf } from './shard.ts'

const document = 'kv/notes/0'
const at = 1_790_000_000_000
const photo: BlobReference = {
  address: 'ab'.repeat(32),
  size: 20_000_000,
  key: new Uint8Array(32).fill(7),
  type: 'image/jpeg',
  name: 'garden.jpg'
}
const other = { ...photo, address: 'cd'.repeat(32) }

/** A document with the index rows that its projection leaves; null is a row that was removed. */
function open(member: number, states: readonly Uint8Array[] = []) {
  const doc = new Y.Doc()
  for (const state of states) Y.applyUpdate(doc, state)
  doc.clientID = clientId(member, 1)
  const projection = keyValueKind.project!(doc, document)
  const rows: Record<string, Uint8Array | null> = {}
  doc.on('afterTransaction', transaction => {
    const info = { member, device: 1, seq: 1, time: at, origin: '' }
    for (const { key, value } of projection(transaction, info)) rows[key] = value ?? null
  })
  const edit = (action: (shard: Shard, transaction: Y.Transaction) => void) =>
    doc.transact(transaction => action(shardOf(doc), transaction))
  const put = (reference: BlobReference) =>
    edit((shard, transaction) => shard.put(transaction, 'photo', 'blob', referenceToBytes(reference), at))
  return { doc, rows, edit, put }
}

const referring = (rows: Record<string, unknown>) =>
  Object.keys(rows).filter(key => key.startsWith('/b/') && rows[key] !== null)

function written() {
  const first = open(1)
  first.put(photo)
  const second = open(2)
  second.put(other)
  const updates = [first, second].map(({ doc }) => Y.encodeStateAsUpdate(doc))
  Y.applyUpdate(first.doc, updates[1]!)
  return { document, updates, rows: first.rows }
}

describe('values that are blobs', () => {
  it('have the items and rows that were frozen, and are read from them', async () => {
    const vector = await frozen('kv-blob-items', written())
    expect(vector.current).to.deep.equal(vector.frozen)
    const { updates, rows } = vector.frozen as { updates: string[]; rows: Record<string, string> }
    const reader = open(9)
    for (const update of updates.toReversed()) Y.applyUpdate(reader.doc, hexToBytes(update))
    expect(referring(reader.rows)).to.have.members(referring(rows))
    expect(rowToEntry('photo', hexToBytes(rows['notes/photo']!), () => undefined)).to.include({ kind: 'blob' })
  })

  it('are referred to as long as one of them is live, concurrent ones too', () => {
    const { updates, rows } = written()
    expect(referring(rows)).to.have.length(2)
    const reader = open(3, updates)
    reader.edit((shard, transaction) => shard.put(transaction, 'photo', 'bytes', new Uint8Array(), at))
    expect(Object.entries(reader.rows).filter(([key, row]) => key.startsWith('/b/') && row === null)).to.have.length(2)
  })

  it('leave no reference when they come and go in one transaction', () => {
    const { rows, edit } = open(1)
    edit((shard, transaction) => {
      shard.put(transaction, 'photo', 'blob', referenceToBytes(photo), at)
      shard.delete(transaction, 'photo')
    })
    expect(referring(rows)).to.deep.equal([])
  })

  it('are left out when they are no reference', () => {
    const { doc, rows } = open(1)
    doc
      .getArray(itemsName)
      .push([encode(['photo', 2, new Uint8Array([1]), at]), encode(['photo', 3, new Uint8Array(), at])])
    expect(rows).to.deep.equal({})
  })
})
