import { expect } from 'chai'
import * as Y from 'yjs'
import { decode } from '../../crdt/crypto/index.ts'
import { frozen } from '../../crdt/frozen.fixture.ts'
import type { KeyValue } from '../../crdt/index.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { appendEvent } from './append-event.ts'
import { chatKind, documentOf } from './document-kind.ts'
import { bytesToEvent, type ChatEvent, eventToBytes } from './event.ts'
import { Outbox } from './outbox.ts'
import { keyToMessageRow, keyToPosition } from './row.ts'
import { bytesToTyping, TypingPresence } from './typing.ts'

const folder = 'protocols/chat/vectors'
const id = '01J8Z3Q5W7X9Y0A1B2C3D4E5F6'
const twin = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const at = 1_790_000_000_000
const target = { id, lamport: 7, at }
const device = 258

const said: readonly ChatEvent[] = [
  { type: 'message', ...target, text: 'Grüße 👋', key: 'k/1' },
  { type: 'message', id: id.replace('6', '7'), lamport: 8, at: at + 1, text: 'x', replyTo: id },
  { type: 'edit', target, lamport: 9, at: at + 2, text: 'y' },
  { type: 'react', author: 2, target, lamport: 10, at: at + 3, emoji: '👍', on: true },
  { type: 'delete', target, lamport: 11, at: at + 4 },
  { type: 'opened', upTo: [[2, 7]] }
]

interface Step {
  readonly update: string
  readonly rows: Record<string, string>
}

/** The document of member 1, on one of the devices; `seq` counts its entries. */
function openDocument(reader = device) {
  const doc = new Y.Doc()
  doc.clientID = 65_536 + reader
  const projection = chatKind.project!(doc, documentOf(1, at))
  const rows: Record<string, Uint8Array>[] = []
  doc.on('afterTransaction', transaction => {
    const info = { member: 1, device, seq: rows.length + 1, time: at, origin: '' }
    rows.push(Object.fromEntries(Array.from(projection(transaction, info), ({ key, value }) => [key, value!])))
  })
  return { doc, rows }
}

function written() {
  const { doc, rows } = openDocument()
  const updates: Uint8Array[] = []
  doc.on('update', update => updates.push(update))
  for (const event of said) doc.transact(transaction => appendEvent(doc, transaction, eventToBytes(event)))
  return { document: documentOf(1, at), steps: updates.map((update, index) => ({ update, rows: rows[index] })) }
}

describe('formats of chat', () => {
  it('a conversation document and its index rows have the bytes that were frozen', async () => {
    const vector = await frozen('document-1', written(), folder)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('the frozen document leaves the frozen rows and holds the events', async () => {
    const { steps } = (await frozen('document-1', written(), folder)).frozen as { steps: Step[] }
    const { doc, rows } = openDocument(1)
    for (const { update } of steps) Y.applyUpdate(doc, hexToBytes(update))
    expect(rows.map(Object.entries)).to.deep.equal(
      steps.map(step => Object.entries(step.rows).map(([key, hex]) => [key, hexToBytes(hex)]))
    )
    expect(doc.getArray<Uint8Array>('e').map(bytesToEvent)).to.deep.equal(said)
  })

  it('keys of frozen rows are read back', async () => {
    const { steps } = (await frozen('document-1', written(), folder)).frozen as { steps: Step[] }
    const keys = steps.flatMap(({ rows }) => Object.keys(rows)).filter(key => key.startsWith('m/'))
    expect(keys.map(key => keyToMessageRow(key).type)).to.deep.equal(['text', 'text', 'edit', 'react', 'delete'])
    expect(keyToPosition(keyToMessageRow(keys[0]!).message)).to.deep.equal({ ...target, author: 1 })
    expect(keyToMessageRow(keys[3]!)).to.include({ reactor: 1, emoji: '👍' })
  })

  it('presence has the bytes that were frozen, and those bytes still mean the same', async () => {
    const presence = new TypingPresence(65_536 + device)
    const current = { typing: presence.toBytes(true), still: presence.toBytes(false) }
    presence.destroy()
    const vector = await frozen('presence-1', current, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const kept = vector.frozen as Record<keyof typeof current, string>
    expect(bytesToTyping(hexToBytes(kept.typing))).to.equal(true)
    expect(bytesToTyping(hexToBytes(kept.still))).to.equal(false)
  })

  it('messages in the outbox have the rows that were frozen, and are read from them', async () => {
    const messages = [
      { id, text: 'Grüße 👋', at },
      { id: id.replace('6', '7'), text: 'x', at: at + 1, replyTo: id, key: 'k' }
    ]
    const rows = new Map<string, Uint8Array>()
    const outbox = new Outbox(tableOf(rows), device)
    for (const message of messages) await outbox.queue(twin, message)
    const vector = await frozen('outbox-1', Object.fromEntries(rows), folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const kept = Object.entries(vector.frozen as Record<string, string>)
    const reader = new Outbox(tableOf(new Map(kept.map(([key, hex]) => [key, hexToBytes(hex)]))), device)
    const read = []
    for await (const queued of reader.list(twin)) read.push(queued)
    expect(read).to.deep.equal(messages.map((message, index) => ({ ...message, device, place: kept[index]![0] })))
    expect(decode(hexToBytes(kept[0]![1]))).to.deep.include({ device })
  })
})

/** A table of which the outbox needs no more than this. */
function tableOf(rows: Map<string, Uint8Array>): KeyValue {
  const rest = { kind: 'bytes', version: '1-1-1', at, by: { twin: new Uint8Array(32), device: 1 } } as const
  const table: Pick<KeyValue, 'put' | 'list'> = {
    put: async (key, value) => {
      rows.set(key, value)
      return { version: '1-1-1' }
    },
    list: async function* ({ prefix = '' } = {}) {
      for (const [key, value] of rows) if (key.startsWith(prefix)) yield { key, value, ...rest }
    }
  }
  return table as KeyValue
}
