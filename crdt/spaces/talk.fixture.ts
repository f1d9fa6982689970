import * as Y from 'yjs'
import type { DocumentKind, EntryInfo } from '../documents/index.ts'
import type { Space } from './space.ts'

const lines = 'lines'
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What a member says, as in a conversation: a document each, and a row for each line that names the entry it came with. */
export const talkKind: DocumentKind = {
  kind: 'talk',
  spaces: ['direct', 'group'],
  roots: { [lines]: 'array' },
  isProjectedFromItems: true,
  writer: document => Number(document.split('/')[1]),
  project: (doc, document) => (transaction, entry) => rowsOf(transaction, doc, document, entry)
}

function* rowsOf(transaction: Y.Transaction, doc: Y.Doc, document: string, entry: EntryInfo) {
  for (const [client, end] of transaction.afterState) {
    const start = transaction.beforeState.get(client) ?? 0
    if (end <= start) continue
    const structs = doc.store.clients.get(client)!
    for (const item of structs.slice(Y.findIndexSS(structs, start))) {
      if (!(item instanceof Y.Item)) continue
      for (const [at, line] of item.content.getContent().entries()) {
        const { device, seq } = entry.entryOf?.(client, item.id.clock + at) ?? entry
        yield { key: `${document}/${device}/${seq}/${decoder.decode(line)}`, value: Uint8Array.of(entry.member) }
      }
    }
  }
}

/** Says lines in one entry. */
export function say(space: Space, ...said: readonly string[]) {
  return space.write(`talk/${space.myNumber}/1`, doc =>
    doc.getArray(lines).push(said.map(line => encoder.encode(line)))
  )
}

/** Everything that was said, with who said it in which entry. */
export async function said(space: Space): Promise<string[]> {
  const all: string[] = []
  for await (const { key, value } of space.index('talk').iterate()) all.push(`${key} by ${value[0]}`)
  return all.sort()
}
