import { expect } from 'chai'
import * as Y from 'yjs'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { createDoc, gate } from '../../crdt/gate/index.ts'
import type { EntryInfo, SpaceFacts } from '../../crdt/index.ts'
import { bytesToHex, hexToBytes } from '../../crdt/log/index.ts'
import { documentOf, noteKind, notesPolicy, textOf } from './document-kind.ts'
import { newNoteId } from './note-id.ts'

const id = newNoteId(Uint8Array.from({ length: 10 }, (_, index) => index * 25))
const client = 2 * 65_536 + 3
const entry: EntryInfo = { member: 2, device: 3, seq: 7, time: 1_790_000_000_000, origin: '' }
const edits: readonly ((text: Y.Text) => void)[] = [
  text => text.insert(0, '\n# Grüße 👋  \n\n- eins'),
  text => text.delete(0, 1),
  text => text.insert(text.length, '\n- zwei'),
  text => text.delete(0, text.length)
]

/** Rows that each of the updates leaves. */
function rowsOf(updates: readonly Uint8Array[]): (readonly [key: string, value: string | undefined])[][] {
  const doc = createDoc()
  textOf(doc)
  const project = noteKind.project!(doc, documentOf(id))
  return updates.map(update => {
    expect(gate(doc, update, { client, roots: noteKind.roots })).to.deep.equal({ ok: true })
    let rows: (readonly [string, string | undefined])[] = []
    doc.once('afterTransactionCleanup', (transaction: Y.Transaction) => {
      rows = Array.from(project(transaction, entry), ({ key, value }) => [key, value && bytesToHex(value)])
    })
    Y.applyUpdate(doc, update)
    return rows
  })
}

describe('formats of notes', () => {
  it('a note is made of the updates and leaves the rows that were frozen', async () => {
    const doc = createDoc()
    doc.clientID = client
    const updates: Uint8Array[] = []
    doc.on('update', update => updates.push(update))
    for (const edit of edits) edit(textOf(doc))
    const rows = rowsOf(updates).map(list => list.map(([key, value = null]) => [key, value]))
    const vector = await frozen('note-1', { document: documentOf(id), updates, rows }, 'protocols/notes/vectors')
    expect(vector.current).to.deep.equal(vector.frozen)
    const kept = vector.frozen as { updates: string[]; rows: [string, string | null][][] }
    const again = rowsOf(kept.updates.map(hexToBytes))
    expect(again.map(list => list.map(([key, value = null]) => [key, value]))).to.deep.equal(kept.rows)
  })

  it('a snapshot says no time, so those of its authors stay', () => {
    const doc = createDoc()
    const project = noteKind.project!(doc, documentOf(id))
    let rows: readonly string[] = []
    doc.once('afterTransactionCleanup', (transaction: Y.Transaction) => {
      rows = Array.from(project(transaction, { ...entry, member: 0 }), ({ key }) => key)
    })
    textOf(doc).insert(0, 'x')
    expect(rows).to.deep.equal([`n/${id}`])
  })

  it('a note is a document of notebooks only, and of a name that can be one', () => {
    const facts = { kind: 'shared', policy: notesPolicy } as SpaceFacts
    expect(noteKind.writer(documentOf(id), facts)).to.equal('members')
    expect(noteKind.writer(documentOf(id), { ...facts, policy: '' })).to.equal(undefined)
    for (const name of ['note/', `note/${id}x`, `note/${id.toUpperCase()}`, 'note/../../../../etc/p']) {
      expect(noteKind.writer(name, facts), name).to.equal(undefined)
    }
  })
})
