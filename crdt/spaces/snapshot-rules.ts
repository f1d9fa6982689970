import { equals } from 'uint8arrays/equals'
import * as Y from 'yjs'
import type { DocumentKind, LoadedDocument } from '../documents/index.ts'
import { createDoc, gateSnapshot } from '../gate/index.ts'
import type { SpaceContext } from './space-context.ts'

/** Whether others would make the same document of the state. */
export function isSame(
  state: Uint8Array,
  document: LoadedDocument,
  clocks: Iterable<readonly [number, number]>
): boolean {
  const verdict = gateSnapshot(state, { roots: document.kind.roots, clocks: new Map(clocks) })
  if (!verdict.ok) return false
  const again = createDoc()
  Y.applyUpdate(again, state)
  const isEqual = equals(Y.encodeStateAsUpdate(verdict.doc), Y.encodeStateAsUpdate(again))
  again.destroy()
  verdict.doc.destroy()
  return isEqual
}

/** Whether a snapshot may take the place of the document's entries, by the word of a device that keeps the space. */
export function isCompactable(kind: DocumentKind, name: string, { facts }: SpaceContext): boolean {
  if (kind.project !== undefined && kind.isProjectedFromState !== true) return false
  return kind.spaces.includes(facts.kind) && kind.writer(name, facts) === 'members'
}
