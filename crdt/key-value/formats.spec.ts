import { expect } from 'chai'
import * as Y from 'yjs'
import type { EntryInfo } from '../documents/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex, clientId, hexToBytes } from '../log/index.ts'
import type { Space } from '../spaces/index.ts'
import { keyValue, keyValueKind } from './index.ts'
import { encodeRow, rowToEntry, versionOf } from './row.ts'
import { itemsName, type Shard, shardOf } from './shard.ts'

/** The shard of all keys that are written below. */
const document = 'kv/notes/3'
const info: EntryInfo = { member: 1, device: 1, seq: 1, time: 0, origin: '' }
const at = 1_790_000_000_000
const twinOf = (member: number) => new Uint8Array(32).fill(member)
const text = (value: string) => new TextEncoder().encode(value)

/** A document of one writer, and the index rows that its changes leave. */
function openDocument(member: number, device: number) {
  const doc = new Y.Doc({ gc: true })
  doc.clientID = clientId(member, device)
  const projection = keyValueKind.project!(doc, document)
  const rows: Record<string, string | null> = {}
  doc.on('afterTransaction', transaction => {
    for (const { key, value } of projection(transaction, info)) rows[key] = value ? bytesToHex(value) : null
  })
  const edit = (action: (shard: Shard, transaction: Y.Transaction) => void) =>
    doc.transact(transaction => action(shardOf(doc), transaction))
  const items = () => doc.getArray<Uint8Array>(itemsName).toArray().map(bytesToHex)
  return { doc, rows, edit, items }
}

/** A value that was replaced, one that was deleted, a JSON value, and two writers who wrote one key at the same time. */
function written() {
  const first = openDocument(1, 1)
  first.edit((shard, transaction) => {
    shard.put(transaction, 'a/b', 'bytes', text('green'), at)
    shard.put(transaction, 'removed', 'bytes', text('soon'), at)
    shard.put(transaction, 'süß 👋', 'json', text('{"a":1}'), at)
  })
  // The clock of the writer stands still: a replacement is a millisecond later all the same
  first.edit((shard, transaction) => shard.put(transaction, 'a/b', 'bytes', text('blue'), at))
  first.edit((shard, transaction) => shard.delete(transaction, 'removed'))
  first.edit((shard, transaction) => shard.put(transaction, 'concurrent', 'bytes', Uint8Array.of(0, 255), at))
  const second = openDocument(3, 258)
  second.edit((shard, transaction) => shard.put(transaction, 'concurrent', 'bytes', new Uint8Array(), at))
  const updates = [first, second].map(({ doc }) => Y.encodeStateAsUpdate(doc))
  Y.applyUpdate(first.doc, updates[1]!)
  return { updates, items: first.items(), rows: first.rows }
}

describe('formats of key-value', () => {
  it('items and index rows have the bytes that were frozen', async () => {
    const vector = await frozen('kv-items', { document, ...written() })
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('frozen documents leave the frozen rows, in whatever order they arrive', async () => {
    const kept = (await frozen('kv-items', { document, ...written() })).frozen as {
      updates: string[]
      items: string[]
      rows: Record<string, string | null>
    }
    const live = Object.entries(kept.rows).filter(([, row]) => row !== null)
    for (const updates of [kept.updates, kept.updates.toReversed()]) {
      const reader = openDocument(9, 9)
      for (const update of updates) Y.applyUpdate(reader.doc, hexToBytes(update))
      expect(Object.entries(reader.rows).filter(([, row]) => row !== null)).to.have.deep.members(live)
      expect(reader.items()).to.have.members(kept.items)
    }
    const entries = live.map(([key, row]) => rowToEntry(key, hexToBytes(row!), twinOf))
    const by = { twin: twinOf(1), device: 1 }
    expect(entries).to.have.deep.members([
      { key: 'notes/süß 👋', kind: 'json', value: text('{"a":1}'), version: '1-1-2', at, by },
      { key: 'notes/a/b', kind: 'bytes', value: text('blue'), version: '1-1-3', at: at + 1, by },
      {
        key: 'notes/concurrent',
        kind: 'bytes',
        value: new Uint8Array(),
        version: '3-258-0',
        at,
        by: { twin: twinOf(3), device: 258 }
      }
    ])
  })

  it('rows and version texts are the frozen ones and read back', async () => {
    const cases = [
      { kind: 'bytes' as const, client: clientId(1, 1), clock: 0, time: 0, value: new Uint8Array() },
      { kind: 'json' as const, client: clientId(2, 3), clock: 258, time: at, value: text('"x"') },
      {
        kind: 'bytes' as const,
        client: clientId(65_535, 65_535),
        clock: 2 ** 32 - 1,
        time: 8.64e15,
        value: Uint8Array.of(255)
      }
    ]
    const current = cases.map(({ kind, ...item }) => ({
      isJson: kind === 'json',
      ...item,
      row: encodeRow({ kind, ...item }, item.value),
      version: versionOf(item)
    }))
    const vector = await frozen('kv-rows', current)
    expect(vector.current).to.deep.equal(vector.frozen)
    const kept = vector.frozen as { row: string; version: string }[]
    for (const [index, { row, version }] of kept.entries()) {
      const { kind, client, time, value } = cases[index]!
      const by = { twin: twinOf(Math.floor(client / 65_536)), device: client % 65_536 }
      const entry = { key: 'k', kind, value, version, at: time, by }
      expect(rowToEntry('k', hexToBytes(row), twinOf)).to.deep.equal(entry)
    }
  })

  it('a key is written to the document that was frozen', async () => {
    const keys = [
      'a',
      'b',
      'colour',
      'Grüße',
      '日本',
      '👋',
      ' ',
      'a/b',
      'removed',
      'süß 👋',
      'concurrent',
      'x'.repeat(512)
    ]
    const documents: Record<string, string> = {}
    for (const key of keys)
      await keyValue(
        noting(document => (documents[key] = document)),
        'notes'
      ).put(key, text(''))
    const vector = await frozen('kv-documents', documents)
    expect(vector.current).to.deep.equal(vector.frozen)
  })
})

/** A space that only tells which document is written. */
function noting(note: (document: string) => void): Space {
  const space: Partial<Space> = {
    index: () => ({}) as ReturnType<Space['index']>,
    write: async document => {
      note(document)
      return { value: '' } as never
    }
  }
  // Nothing else of it is asked for
  return space as Space
}
