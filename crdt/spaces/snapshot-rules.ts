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

/** Whether each member has documents of its own in the space: then milestones are those of writers, each of its own logs. */
export function isByWriters({ facts }: SpaceContext): boolean {
  return facts.kind === 'direct' || facts.kind === 'group'
}

/** Whether a snapshot may take the place of the document's entries, by the word of a device of the twin that may speak for the space. */
export function isCompactable(kind: DocumentKind, name: string, context: SpaceContext, by: Uint8Array): boolean {
  const { facts } = context
  if (!kind.spaces.includes(facts.kind)) return false
  const writer = kind.writer(name, facts)
  const isProjected = kind.project !== undefined
  if (isByWriters(context)) {
    return writer === facts.numberOf(by) && (!isProjected || kind.isProjectedFromItems === true)
  }
  return writer === 'members' && (!isProjected || kind.isProjectedFromState === true)
}
