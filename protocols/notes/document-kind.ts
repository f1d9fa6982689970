import * as Y from 'yjs'
import { decode, encode } from '../../crdt/crypto/index.ts'
import type { DocumentKind, IndexRow } from '../../crdt/index.ts'
import { clientId } from '../../crdt/log/index.ts'
import { maxNoteLength } from './protocol.ts'
import { titleOf } from './title.ts'

/** Policy of the spaces that notebooks are. */
export const notesPolicy = 'notes'
/** Root text of a note. */
export const textRoot = 't'

const kindName = 'note'
const pattern = /^note\/[0-9a-hjkmnp-tv-z]{16}$/

/**
 * The documents of notebooks: one Markdown text each, which every writer of the notebook may write. Its rows are what lists show, so
 * listing loads no document; a note without text has none, so it is deleted by deleting its text, and what somebody else writes
 * at the same time brings it back.
 */
export const noteKind: DocumentKind = {
  kind: kindName,
  spaces: ['shared'],
  roots: { [textRoot]: 'plain' },
  isProjectedFromState: true,
  spansEntries: true,
  writer: (document, { policy }) => (policy === notesPolicy && pattern.test(document) ? 'members' : undefined),
  refuses: transaction => refusal(transaction),
  project: (doc, document) => {
    const id = noteOf(document)
    const text = doc.getText(textRoot)
    return (_, { member, device, time }) => {
      const row: IndexRow = { key: `n/${id}`, ...(text.length > 0 && { value: encode([titleOf(text), text.length]) }) }
      // What a snapshot brings was written by nobody at no time: the rows of its authors stay as they are
      if (member === 0) return [row]
      return [row, { key: timeKey(id, clientId(member, device)), value: encode(time) }]
    }
  }
}

export function documentOf(note: string): string {
  return `${kindName}/${note}`
}

export function noteOf(document: string): string {
  return document.slice(kindName.length + 1)
}

export function textOf(doc: Y.Doc): Y.Text {
  return doc.getText(textRoot)
}

/** Value of a row `n/<note>`, which this folder wrote. */
export function valueToHead(value: Uint8Array): { readonly title: string; readonly size: number } {
  const [title, size] = decode(value) as [string, number]
  return { title, size }
}

/** Value of a row `t/<note>/<client>`: when that author changed the note last. */
export function valueToTime(value: Uint8Array): number {
  return decode(value) as number
}

function timeKey(note: string, client: number): string {
  return `t/${note}/${client.toString(16).padStart(8, '0')}`
}

/** Why others would not take an edit, or it makes the note too long. */
function refusal({ doc, beforeState, afterState }: Y.Transaction): string | undefined {
  const [before, after] = [beforeState.get(doc.clientID) ?? 0, afterState.get(doc.clientID) ?? 0]
  if (after <= before) return undefined
  const structs = doc.store.clients.get(doc.clientID)!
  for (let index = Y.findIndexSS(structs, before); index < structs.length; index++) {
    const struct = structs[index]!
    if (!(struct instanceof Y.Item)) continue
    const { content, parentSub } = struct
    if (parentSub !== null || !(content instanceof Y.ContentString || content instanceof Y.ContentDeleted)) {
      return 'A note is text without formats and embedded things'
    }
  }
  if (textOf(doc).length <= maxNoteLength) return undefined
  return `A note has at most ${maxNoteLength.toLocaleString('en')} characters: write on in another`
}
