import { expect } from 'chai'
import * as Y from 'yjs'
import { encode } from '../../crdt/crypto/index.ts'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { meet, World } from '../twins.fixture.ts'
import { appendEvent } from './append-event.ts'
import { chatKind, documentOf } from './document-kind.ts'
import { bytesToEvent, type ChatEvent, eventToBytes } from './event.ts'

const at = 1_790_000_000_000
const target = { id: '01J8Z3Q5W7X9Y0A1B2C3D4E5F6', lamport: 7, at }
const photo = {
  address: 'ab'.repeat(32),
  size: 20_000_000,
  key: new Uint8Array(32).fill(7),
  type: 'image/jpeg',
  name: 'garden.jpg'
}
const said: readonly ChatEvent[] = [
  { type: 'attach', target, attachments: [photo] },
  { type: 'message', ...target, text: 'The garden' },
  { type: 'delete', target, lamport: 8, at: at + 1 }
]

function open(state?: Uint8Array) {
  const doc = new Y.Doc()
  if (state !== undefined) Y.applyUpdate(doc, state)
  doc.clientID = 65_537
  const projection = chatKind.project!(doc, documentOf(1, at))
  const rows: Record<string, Uint8Array | null>[] = []
  doc.on('afterTransaction', transaction => {
    const info = { member: 1, device: 1, seq: rows.length + 1, time: at, origin: '' }
    rows.push(Object.fromEntries(Array.from(projection(transaction, info), ({ key, value }) => [key, value ?? null])))
  })
  const say = (...events: readonly ChatEvent[]) =>
    doc.transact(transaction => {
      for (const event of events) appendEvent(doc, transaction, eventToBytes(event))
    })
  return { doc, rows, say }
}

function written() {
  const { doc, rows, say } = open()
  const updates: Uint8Array[] = []
  doc.on('update', update => updates.push(update))
  say(said[0]!, said[1]!)
  say(said[2]!)
  return updates.map((update, index) => ({ update, rows: rows[index] }))
}

const references = (rows: Record<string, unknown>) => Object.entries(rows).filter(([key]) => key.startsWith('/b/'))

describe('files of messages', () => {
  it('have the events and rows that were frozen, and are read from them', async () => {
    const vector = await frozen('attach-1', written(), 'protocols/chat/vectors')
    expect(vector.current).to.deep.equal(vector.frozen)
    const reader = open()
    reader.doc.clientID = 65_538
    for (const { update } of vector.frozen as { update: string }[]) Y.applyUpdate(reader.doc, hexToBytes(update))
    expect(reader.doc.getArray<Uint8Array>('e').map(bytesToEvent)).to.deep.equal(said)
    expect(references(reader.rows[0]!)).to.have.length(1)
    expect(references(reader.rows[1]!).map(([, row]) => row)).to.deep.equal([null])
  })

  it('are no longer referred to once the message is deleted, also after the document was loaded anew', () => {
    const first = open()
    first.say(said[0]!, said[1]!)
    const again = open(Y.encodeStateAsUpdate(first.doc))
    again.say(said[2]!)
    expect(references(again.rows[0]!).map(([, row]) => row)).to.deep.equal([null])
    const last = open(Y.encodeStateAsUpdate(again.doc))
    last.say(said[0]!)
    expect(references(last.rows[0]!)).to.deep.equal([])
  })

  it('are no longer referred to when the message is deleted in another month', async () => {
    const world = new World()
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    const file = await ann.putFile('garden.txt')
    const { id } = await ann.chat.send({ who: 'Ben', text: 'The garden', attachments: [file] })
    expect(await ann.blobsHere.isReferred(file.address)).to.equal(true)
    world.advance(40 * 86_400_000)
    await ann.chat.delete({ who: 'Ben', id })
    expect(await ann.blobsHere.isReferred(file.address)).to.equal(false)
    await world.stop()
  })

  it('are left out as a whole when one of them is no reference, and the text stays', () => {
    const { id, lamport } = target
    const bad = [
      [5, id, lamport, at, []],
      [5, id, lamport, at, [[1, new Uint8Array(32), 1, photo.key, '', '../../etc/passwd']]],
      [5, id, lamport, at, Array.from({ length: 17 }, () => [1, new Uint8Array(32), 1, photo.key, '', 'a'])],
      [5, id, lamport, at, [[1, new Uint8Array(32), 1, photo.key, '', 'a']], 1]
    ]
    expect(bad.map(event => bytesToEvent(encode(event)))).to.deep.equal(bad.map(() => undefined))
  })
})
