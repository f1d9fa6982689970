import { expect } from 'chai'
import * as Y from 'yjs'
import type { EntryInfo } from '../documents/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex, clientId, hexToBytes } from '../log/index.ts'
import { keyName, keysDocument, keysKind } from './keys-kind.ts'

const info: EntryInfo = { member: 1, device: 1, seq: 1, time: 0, origin: '' }
const spaces = [1, 2].map(seed => bytesToHex(new Uint8Array(32).fill(seed)))

function openDocument(device: number) {
  const doc = new Y.Doc()
  doc.clientID = clientId(1, device)
  const projection = keysKind.project!(doc, keysDocument)
  const rows: Record<string, string> = {}
  doc.on('afterTransaction', transaction => {
    for (const { key, value } of projection(transaction, info)) rows[key] = bytesToHex(value!)
  })
  return { doc, rows }
}

function written() {
  const { doc, rows } = openDocument(2)
  const names = [keyName(spaces[0]!, 1), keyName(spaces[0]!, 12), keyName(spaces[1]!, 1)]
  for (const [index, name] of names.entries()) {
    doc.getMap<unknown>('keys').set(name, new Uint8Array(32).fill(100 + index))
  }
  return { document: keysDocument, update: Y.encodeStateAsUpdate(doc), rows }
}

describe('the document of epoch keys', () => {
  it('has the bytes that were frozen and leaves the frozen rows', async () => {
    const vector = await frozen('keys-document', written())
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('is read from the frozen bytes', async () => {
    const kept = (await frozen('keys-document', written())).frozen as { update: string; rows: Record<string, string> }
    const { doc, rows } = openDocument(3)
    Y.applyUpdate(doc, hexToBytes(kept.update))
    expect(rows).to.deep.equal(kept.rows)
    expect(rows[`${spaces[0]}/12`]).to.equal('65'.repeat(32))
  })
})
