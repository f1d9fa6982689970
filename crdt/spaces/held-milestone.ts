import type { EntryInfo } from '../documents/index.ts'
import { bytesToHex } from '../log/index.ts'
import type { ListedDocument, Milestone } from '../milestone/index.ts'
import type { SpaceContext } from './space-context.ts'

/** Rows of a state that all may write do not say who wrote it when. */
export const nobody: EntryInfo = { member: 0, device: 0, seq: 0, time: 0, origin: '' }

/** A document as a milestone has it. */
export interface Snapshot {
  readonly milestone: Milestone
  readonly listed: ListedDocument
  readonly hashes: readonly Uint8Array[]
}

/** A state of a document and what rows are made with that it leaves. */
export interface StoredState {
  readonly state: Uint8Array
  readonly info: EntryInfo
}

/** A milestone that is held here, with its documents. */
export interface HeldMilestone {
  readonly milestone: Milestone
  readonly documents: ReadonlyMap<string, Snapshot>
}

/** With what each document of its list has. */
export function hold(milestone: Milestone, listed: readonly ListedDocument[]): HeldMilestone {
  const documents = new Map<string, Snapshot>()
  let at = 0
  for (const document of listed) {
    const hashes = milestone.parts.slice(at, at + document.parts).map(([hash]) => hash)
    documents.set(document.document, { milestone, listed: document, hashes })
    at += document.parts
  }
  return { milestone, documents }
}

/** Names of parts that are not stored here. */
export async function lackingParts({ store, keys }: SpaceContext, { parts }: Milestone): Promise<Set<string>> {
  const lacking = new Set<string>()
  for (const [hash] of parts) {
    const name = bytesToHex(hash)
    if ((await store.get(keys.parts + name)) === undefined) lacking.add(name)
  }
  return lacking
}
