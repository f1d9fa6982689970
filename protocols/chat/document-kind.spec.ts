import { expect } from 'chai'
import * as Y from 'yjs'
import type { EntryInfo, IndexRow } from '../../crdt/index.ts'
import { appendEvent } from './append-event.ts'
import { chatKind, documentOf, eventsRoot } from './document-kind.ts'
import { type ChatEvent, eventToBytes } from './event.ts'
import { Gatherer, type RawMessage } from './view-message.ts'

const at = 1_790_000_000_000
const target = { id: '01J8Z3Q5W7X9Y0A1B2C3D4E5F6', lamport: 7, at }
const document = documentOf(2, at)
const text = (text: string): ChatEvent => ({ type: 'message', ...target, text })

interface Written {
  readonly seq: number
  readonly device?: number
  readonly member?: number
  readonly events: readonly ChatEvent[]
}

/** Rows that entries leave, in the order in which a replica took them. */
function project(entries: Written[]): Map<string, Uint8Array> {
  const rows = new Map<string, Uint8Array>()
  const documents = new Map<number, (transaction: Y.Transaction, entry: EntryInfo) => Iterable<IndexRow>>()
  const docs = new Map<number, Y.Doc>()
  for (const { seq, device = 1, member = 2, events } of entries) {
    const doc = docs.get(member) ?? new Y.Doc()
    docs.set(member, doc)
    doc.clientID = member * 2 ** 16 + device
    const projection = documents.get(member) ?? chatKind.project!(doc, documentOf(member, at))
    documents.set(member, projection)
    const after = (transaction: Y.Transaction) => {
      for (const { key, value } of projection(transaction, { member, device, seq, time: at, origin: '' })) {
        if (value === undefined) rows.delete(key)
        else rows.set(key, value)
      }
    }
    doc.once('afterTransaction', after)
    doc.transact(transaction => {
      for (const event of events) appendEvent(doc, transaction, eventToBytes(event))
    })
  }
  return rows
}

function read(rows: Map<string, Uint8Array>): RawMessage[] {
  const gatherer = new Gatherer()
  const messages: (RawMessage | undefined)[] = []
  for (const key of [...rows.keys()].sort().reverse()) {
    if (key.startsWith('m/')) messages.push(gatherer.add({ key, value: rows.get(key)! }))
  }
  return [...messages, gatherer.end()].filter(message => message !== undefined)
}

describe('documents of conversations', () => {
  it('have one writer each, named in the document', () => {
    const space = {
      id: new Uint8Array(32),
      kind: 'direct',
      policy: '',
      name: '',
      decider: new Uint8Array(32),
      numberOf: () => 1
    } as const
    expect(document).to.equal('chat/2/2026-09')
    expect(chatKind.writer(document, space)).to.equal(2)
    for (const odd of [
      'chat',
      'chat/0/2026-09',
      'chat/2/2026-13',
      'chat/2/2026-09/x',
      'chat/65536/2026-09',
      'chat/02/2026-09'
    ]) {
      expect(chatKind.writer(odd, space), odd).to.equal(undefined)
    }
  })

  it('give nobody a word about what another said', () => {
    const rows = project([
      { seq: 1, events: [text('mine')] },
      {
        seq: 1,
        member: 3,
        events: [
          { type: 'edit', target, lamport: 8, at, text: 'forged' },
          { type: 'delete', target, lamport: 9, at }
        ]
      }
    ])
    expect(read(rows).map(({ text, isDeleted }) => [text, isDeleted])).to.deep.equal([['mine', false]])
  })

  it('keep the first of two texts under one id: an edit is to be seen', () => {
    const rows = project([
      { seq: 1, events: [text('first'), text('second')] },
      { seq: 2, events: [text('third')] }
    ])
    expect(read(rows).map(({ text }) => text)).to.deep.equal(['first'])
  })

  it('show the same whatever order concurrent entries arrive in', () => {
    const entries: Written[] = [
      { seq: 1, device: 1, events: [text('x')] },
      { seq: 1, device: 2, events: [{ type: 'edit', target, lamport: 9, at, text: 'from two' }] },
      { seq: 2, device: 1, events: [{ type: 'edit', target, lamport: 9, at, text: 'from one' }] },
      {
        seq: 3,
        member: 3,
        events: [{ type: 'react', author: 2, target, lamport: 8, at, emoji: '👍', on: true }]
      },
      {
        seq: 4,
        member: 3,
        events: [{ type: 'react', author: 2, target, lamport: 9, at, emoji: '👍', on: false }]
      },
      { seq: 5, member: 3, events: [{ type: 'opened', upTo: [[2, 7]] }] }
    ]
    const [first] = read(project(entries))
    expect(first).to.deep.include({ text: 'from two' })
    expect([...first!.reactions]).to.deep.equal([])
    const orders = [
      [1, 0, 2, 3, 4, 5],
      [5, 4, 3, 2, 1, 0],
      [2, 5, 0, 4, 1, 3]
    ]
    for (const order of orders) expect(project(order.map(i => entries[i]!))).to.deep.equal(project(entries))
  })

  it('leave no row for bytes that are no event', () => {
    const doc = new Y.Doc()
    const projection = chatKind.project!(doc, document)
    let rows: IndexRow[] = []
    doc.on('afterTransaction', transaction => {
      rows = [...projection(transaction, { member: 2, device: 1, seq: 1, time: at, origin: '' })]
    })
    doc.getArray(eventsRoot).insert(0, [new Uint8Array([1, 2, 3]), 'text', 7, { a: 1 }, new Uint8Array()])
    expect(rows).to.deep.equal([])
  })
})
