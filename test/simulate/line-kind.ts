import * as Y from 'yjs'
import type { DocumentKind, EntryInfo, IndexRow } from '../../crdt/index.ts'

export const lineRoot = 'lines'

/**
 * Lines that only one member writes, with a row for each that names its entry. Spaces whose members share documents have them too where
 * those are kept whole for it; the others are compacted.
 */
export const lineKind: DocumentKind = {
  kind: 'diary',
  spaces: ['shared', 'direct', 'group'],
  roots: { [lineRoot]: 'array' },
  isProjectedFromItems: true,
  writer: (document, space) => (hasLines(space) ? Number(document.split('/')[1]) : undefined),
  project: (doc, document) => (transaction, entry) => rowsOf(doc, document, transaction, entry)
}

export function hasLines({ kind, name }: { readonly kind: string; readonly name: string }): boolean {
  return kind === 'direct' || kind === 'group' || (kind === 'shared' && name.startsWith('all'))
}

function* rowsOf(doc: Y.Doc, document: string, transaction: Y.Transaction, entry: EntryInfo): Generator<IndexRow> {
  for (const [client, end] of transaction.afterState) {
    const start = transaction.beforeState.get(client) ?? 0
    if (end <= start) continue
    const structs = doc.store.clients.get(client)!
    for (const item of structs.slice(Y.findIndexSS(structs, start))) {
      if (!(item instanceof Y.Item)) continue
      for (let clock = Math.max(start, item.id.clock); clock < item.id.clock + item.length; clock++) {
        const { device, seq } = entry.entryOf?.(client, clock) ?? entry
        yield { key: `${document}/${client}/${clock}`, value: new TextEncoder().encode(`${device}/${seq}`) }
      }
    }
  }
}
